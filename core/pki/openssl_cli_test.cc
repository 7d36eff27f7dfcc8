// Interchange with the openssl program: what we make it accepts, what it makes we read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pki/chain.h"
#include "core/pki/ocsp.h"
#include "core/pki/pfx.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

using testing::HasSubstr;

class OpensslCli : public testing::Test {
 protected:
  void SetUp() override {
    if (!pki::have_openssl()) GTEST_SKIP() << "the openssl program is not installed";
  }
  std::string run(const std::string& command) {
    const pki::Run result = pki::run_in(folder_, command);
    EXPECT_EQ(result.status, 0) << command << "\n" << result.output;
    return result.output;
  }
  void put(std::string_view name, BytesView content) { pki::write_file(folder_ / name, content); }
  std::string get(std::string_view name) { return pki::read_file(folder_ / name); }
  pki::TemporaryFolder folder_;
};

TEST_F(OpensslCli, OpensOurPfx) {
  const pki::Party root = pki::root("CN=Root", pki::fixed_key("rsa-2048"));
  const pki::Party leaf = pki::certify("CN=jane", &root, {}, pki::fixed_key("p-256"));
  put("a.pfx", *make_pfx({leaf.key, leaf.certificate, {root.certificate}, "Intune User"}, "secret"));
  const std::string text = run("openssl pkcs12 -in a.pfx -passin pass:secret -nodes -info");
  EXPECT_THAT(text, HasSubstr("MAC: sha256, Iteration 2048"));
  EXPECT_THAT(text, HasSubstr("PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256"));
  EXPECT_THAT(text, HasSubstr("friendlyName: Intune User"));
  EXPECT_EQ(PrivateKey::from_pem(text)->pkcs8(), leaf.key.pkcs8());
  EXPECT_NE(pki::run_in(folder_, "openssl pkcs12 -in a.pfx -passin pass:wrong -nodes").status, 0);
}

TEST_F(OpensslCli, MakesAPfxThatWeOpen) {
  run("openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=x -days 10");
  run("openssl pkcs12 -export -inkey k.pem -in c.pem -name friend -passout pass:s3 -out a.pfx");
  const auto pfx = open_pfx(as_bytes(get("a.pfx")), "s3");
  ASSERT_TRUE(pfx) << pfx.error().describe();
  EXPECT_EQ(pfx->friendly_name, "friend");
  EXPECT_EQ(pfx->certificate.der(), Certificate::parse_pem_or_der(as_bytes(get("c.pem")))->der());
  EXPECT_EQ(pfx->key.pkcs8(), PrivateKey::from_pem(get("k.pem"))->pkcs8());
}

TEST_F(OpensslCli, VerifiesOurRequests) {
  for (const char* kind : {"rsa-2048", "p-256", "p-384"}) {
    RequestSpec spec;
    spec.subject = *Name::parse_rfc4514("CN=J\xC3\xA4ne\\, Doe,OU=Users,DC=contoso,DC=com");
    spec.extensions = {{oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))}};
    spec.name_value_pairs = {{"CertificateTemplate", "IntuneUser"}};
    put("a.csr", *make_request(spec, pki::fixed_key(kind)));
    const std::string text =
        run("openssl req -inform DER -in a.csr -verify -noout -text -nameopt RFC2253,utf8,-esc_msb");
    EXPECT_THAT(text, HasSubstr("verify OK"));
    EXPECT_THAT(text, HasSubstr("CN=J\xC3\xA4ne\\, Doe,OU=Users,DC=contoso,DC=com"));
    EXPECT_THAT(text, HasSubstr("1.3.6.1.4.1.311.25.2"));
    EXPECT_THAT(text, HasSubstr("1.3.6.1.4.1.311.13.2.1"));
  }
}

TEST_F(OpensslCli, AsksAndAnswersOcspAsWeDo) {
  const pki::Party ca = pki::root("CN=Root", pki::fixed_key("rsa-2048"));
  const pki::Party leaf = pki::certify("CN=jane", &ca, {});
  put("ca.pem", as_bytes(ca.certificate.pem()));
  put("ca.key", as_bytes(ca.key.pem()));
  put("leaf.pem", as_bytes(leaf.certificate.pem()));
  put("index.txt", as_bytes("R\t260101000000Z\t250601000000Z,keyCompromise\t1122\tunknown\t/CN=jane\n"));

  run("openssl ocsp -issuer ca.pem -cert leaf.pem -reqout their.req");
  const auto asked = parse_ocsp_request(as_bytes(get("their.req")));
  ASSERT_TRUE(asked) << asked.error().describe();
  EXPECT_EQ(asked->certificates, (std::vector{ocsp_cert_id(leaf.certificate, ca.certificate)}));
  EXPECT_FALSE(asked->nonce.empty());

  put("our.req", make_ocsp_request({{ocsp_cert_id(leaf.certificate, ca.certificate, Digest::sha256)}, {7, 7}}));
  run("openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin our.req -respout their.resp "
      "-ndays 1");
  const auto their = parse_ocsp_response(as_bytes(get("their.resp")));
  ASSERT_TRUE(their) << their.error().describe();
  EXPECT_EQ(their->nonce, (Bytes{7, 7}));
  const auto judged =
      judge_ocsp_response(as_bytes(get("their.resp")), {leaf.certificate, ca.certificate, their->produced_at, {7, 7}});
  ASSERT_TRUE(judged) << judged.error().describe();
  EXPECT_EQ(judged->status, OcspStatus::revoked);
  EXPECT_EQ(judged->revoked_at, pki::at("2025-06-01"));
  EXPECT_EQ(judged->reason, 1);

  // Signed by a delegated responder, with times of this moment, because the program reads the machine's clock.
  const pki::Party responder =
      pki::certify("CN=Responder", &ca, {{oids::kExtendedKeyUsage, false, ext::oid_list({kOcspSigning})}},
                   pki::new_key(), pki::at("2020-01-01"), pki::at("2045-01-01"), {0x33});
  OcspEntry entry;
  entry.id = ocsp_cert_id(leaf.certificate, ca.certificate);
  entry.this_update = their->produced_at - kHour;
  entry.next_update = their->produced_at + kDay;
  OcspResponseFields fields;
  fields.signer = responder.certificate;
  fields.delegated = true;
  fields.produced_at = their->produced_at;
  fields.entries = {entry};
  put("our.resp", *make_ocsp_response(fields, responder.key, Digest::sha256));
  const std::string text = run("openssl ocsp -issuer ca.pem -cert leaf.pem -respin our.resp -CAfile ca.pem -no_nonce");
  EXPECT_THAT(text, HasSubstr("Response verify OK"));
  EXPECT_THAT(text, HasSubstr("leaf.pem: good"));
}

struct Csr {
  const char* name;
  const char* key;
  const char* options;
};
class OpensslRequests : public OpensslCli, public testing::WithParamInterface<Csr> {};
INSTANTIATE_TEST_SUITE_P(
    Kinds, OpensslRequests,
    testing::Values(Csr{"Rsa", "rsa:2048", ""}, Csr{"RsaSha512", "rsa:2048", "-sha512"},
                    Csr{"RsaSha1", "rsa:2048", "-sha1"},
                    Csr{"RsaPss", "rsa:2048", "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32"},
                    Csr{"RsaPssSha384", "rsa:2048", "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20"},
                    Csr{"RsaPssOtherMask", "rsa:2048",
                        "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha1 -sigopt rsa_pss_saltlen:0"},
                    Csr{"P256", "ec -pkeyopt ec_paramgen_curve:P-256", ""},
                    Csr{"P384", "ec -pkeyopt ec_paramgen_curve:P-384", "-sha384"},
                    Csr{"P521", "ec -pkeyopt ec_paramgen_curve:P-521", "-sha512"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_P(OpensslRequests, AreRead) {
  put("c.cnf", as_bytes("[req]\ndistinguished_name=dn\nprompt=no\nreq_extensions=ext\nstring_mask=utf8only\nutf8=yes\n"
                        "[dn]\nC=DE\nO=Contoso GmbH\nOU=M\xC3\xBCnchen\nCN=jane\nemailAddress=jane@contoso.com\n"
                        "[ext]\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
                        "extendedKeyUsage=clientAuth,1.3.6.1.4.1.311.20.2.2\n"
                        "subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:jane@contoso.com,DNS:web.contoso.com,"
                        "IP:10.1.2.3,IP:2001:db8::1,URI:http://x/,email:j@c,RID:1.2.3.4,dirName:dir\n"
                        "basicConstraints=CA:TRUE,pathlen:2\nsubjectKeyIdentifier=hash\n"
                        "1.3.6.1.4.1.311.25.2=ASN1:SEQUENCE:sid\n1.3.6.1.4.1.311.20.2=ASN1:BMP:User\n"
                        "[dir]\nCN=directory\n"
                        "[sid]\non=IMPLICIT:0,SEQUENCE:sidon\n"
                        "[sidon]\noid=OID:1.3.6.1.4.1.311.25.2.1\nval=EXPLICIT:0,OCT:S-1-5-21-1004336348-1177238915-"
                        "682003330-1105\n"));
  run(std::string("openssl req -new -nodes -newkey ") + GetParam().key + " -keyout k.pem -config c.cnf -out a.csr " +
      GetParam().options);
  const auto request = CertificateRequest::parse_pem_or_der(as_bytes(get("a.csr")));
  ASSERT_TRUE(request) << request.error().describe();
  EXPECT_TRUE(*request->signature_valid());
  EXPECT_EQ(request->subject().to_rfc4514(), "E=jane@contoso.com,CN=jane,OU=M\xC3\xBCnchen,O=Contoso GmbH,C=DE");
  EXPECT_EQ(request->subject().to_der(), to_bytes(request->subject_der()));
  EXPECT_EQ(request->extensions().size(), 7u);
  EXPECT_EQ(ext::parse_sid(request->extension(oids::kSidExtension)->value)->to_string(),
            "S-1-5-21-1004336348-1177238915-682003330-1105");
  EXPECT_EQ(*ext::parse_template_name(request->extension(oids::kTemplateName)->value), "User");
  EXPECT_EQ(*ext::parse_key_usage(request->extension(oids::kKeyUsage)->value), 0xA000);
  EXPECT_TRUE(request->extension(oids::kKeyUsage)->critical);
  EXPECT_EQ(ext::parse_basic_constraints(request->extension(oids::kBasicConstraints)->value)->path_length, 2);
  EXPECT_EQ(*ext::parse_oid_list(request->extension(oids::kExtendedKeyUsage)->value),
            (std::vector<Oid>{oids::kClientAuth, oids::kSmartCardLogon}));
  const auto names = parse_general_names(request->extension(oids::kSubjectAltName)->value);
  ASSERT_TRUE(names);
  std::vector<std::string> printed;
  for (const GeneralName& name : *names) printed.push_back(to_string(name));
  EXPECT_EQ(printed, (std::vector<std::string>{"UPN=jane@contoso.com", "DNS=web.contoso.com", "IP=10.1.2.3",
                                               "IP=2001:db8:0:0:0:0:0:1", "URI=http://x/", "EMAIL=j@c", "OID=1.2.3.4",
                                               "DN=CN=directory"}));
  EXPECT_EQ(encode_general_names(*names), request->extension(oids::kSubjectAltName)->value);
  // The key's identifier is the one openssl wrote, and its own copy of the key is ours.
  DerReader id(request->extension(oids::kSubjectKeyIdentifier)->value);
  EXPECT_EQ(*id.octet_string(), request->public_key().key_identifier());
  const auto key = PrivateKey::from_pem(get("k.pem"));
  ASSERT_TRUE(key) << key.error().describe();
  EXPECT_EQ(key->public_key().spki(), request->public_key().spki());
}

TEST_F(OpensslCli, VerifiesOurChainAndCrl) {
  for (const char* kind : {"rsa-2048", "p-256", "p-384"}) {
    PrivateKey issuing_key = pki::fixed_key(kind);
    const pki::Party root = pki::root();
    std::vector<Extension> extensions = pki::ca_extensions(issuing_key);
    const pki::Party issuing = pki::certify("CN=Issuing", &root, std::move(extensions), issuing_key,
                                            pki::at("2022-01-01"), pki::at("2030-01-01"));
    const pki::Party leaf =
        pki::certify("CN=jane", &issuing, {{oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))}});
    put("root.pem", as_bytes(root.certificate.pem()));
    put("issuing.pem", as_bytes(issuing.certificate.pem()));
    put("leaf.pem", as_bytes(leaf.certificate.pem()));
    put("ca.crl", pki::crl_of(issuing, {{{0x33}, pki::at("2025-05-05"), 4}}));
    const std::string crl = run("openssl crl -inform DER -in ca.crl -noout -text -CAfile issuing.pem");
    EXPECT_THAT(crl, HasSubstr("verify OK"));
    EXPECT_THAT(crl, HasSubstr("Serial Number: 33"));
    EXPECT_THAT(crl, HasSubstr("Superseded"));
    run("openssl crl -inform DER -in ca.crl -out crl.pem");
    EXPECT_THAT(run("openssl verify -x509_strict -attime " + std::to_string(pki::at("2025-06-02").seconds) +
                    " -crl_check -CRLfile crl.pem -CAfile root.pem -untrusted issuing.pem leaf.pem"),
                HasSubstr("leaf.pem: OK"));
    EXPECT_THAT(run("openssl x509 -in leaf.pem -noout -text"), HasSubstr("1.3.6.1.4.1.311.25.2"));
  }
}

TEST_F(OpensslCli, ReadsOurMessages) {
  const pki::Party device = pki::certify("CN=device", nullptr, {}, pki::fixed_key("rsa-2048"));
  put("c.pem", as_bytes(device.certificate.pem()));
  put("k.pem", as_bytes(device.key.pem()));
  put("a.cms", *cms_encrypt(as_bytes("for the device"), device.certificate));
  EXPECT_EQ(run("openssl cms -decrypt -inform DER -in a.cms -inkey k.pem -recip c.pem"), "for the device");
  const std::string printed = run("openssl cms -cmsout -print -noout -inform DER -in a.cms");
  EXPECT_THAT(printed, HasSubstr("rsaesOaep"));
  EXPECT_THAT(printed, HasSubstr("sha256"));
  EXPECT_THAT(printed, HasSubstr("aes-256-cbc"));
  put("b.p7b", *cms_certs_only({device.certificate, pki::root().certificate}));
  const std::string certificates = run("openssl pkcs7 -inform DER -in b.p7b -print_certs");
  EXPECT_THAT(certificates, HasSubstr("CN = device"));
  EXPECT_THAT(certificates, HasSubstr("CN = Root"));
}

TEST_F(OpensslCli, ItsTraditionalKeysAreRead) {
  run("openssl genrsa -traditional -out rsa.pem 1024");
  run("openssl ecparam -name prime256v1 -genkey -out ec.pem");
  run("openssl ec -in ec.pem -conv_form compressed -out compressed.pem");
  EXPECT_EQ(PrivateKey::from_pem(get("rsa.pem"))->spec(), (KeySpec{KeyKind::rsa, 1024}));
  const auto ec = PrivateKey::from_pem(get("ec.pem"));
  ASSERT_TRUE(ec);
  EXPECT_EQ(ec->spec(), (KeySpec{KeyKind::ec, 256}));
  const auto compressed = PrivateKey::from_pem(get("compressed.pem"));
  ASSERT_TRUE(compressed) << compressed.error().describe();
  const auto signature = compressed->sign(Digest::sha256, as_bytes("x"));
  EXPECT_TRUE(*ec->public_key().verify(ec->signature_algorithm(Digest::sha256), as_bytes("x"), *signature));
}

}  // namespace
}  // namespace mimica
