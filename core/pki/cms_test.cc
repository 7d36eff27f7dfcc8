#include "core/pki/cms.h"
#include "core/asn1/algorithms.h"

#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

Certificate self_signed(const PrivateKey& key, const char* name = "CN=signer") {
  CertificateFields fields;
  fields.serial = {0x81, 0x02};
  fields.subject_der = Name::parse_rfc4514(name)->to_der();
  fields.issuer_der = fields.subject_der;
  fields.not_before = pki::at("2024-01-01T00:00:00Z");
  fields.not_after = pki::at("2034-01-01T00:00:00Z");
  fields.spki = key.public_key().spki();
  return *Certificate::parse(*sign_certificate(fields, key, Digest::sha256));
}

SignedData parsed(const Bytes& der) {
  auto message = SignedData::parse(der);
  EXPECT_TRUE(message) << message.error().describe();
  return message ? *std::move(message) : SignedData();
}

const CmsAttribute kPair{oids::kNameValuePair,
                         {der::sequence({der::bmp_string("requestername"), der::bmp_string("CONTOSO\\jane")})}};

TEST(Cms, EveryKeyKindAndDigestSignsAndVerifies) {
  for (const KeySpec& spec :
       {KeySpec{KeyKind::rsa, 2048}, KeySpec{KeyKind::ec, 256}, KeySpec{KeyKind::ec, 384}, KeySpec{KeyKind::ec, 521}}) {
    const PrivateKey key = spec.kind == KeyKind::rsa ? pki::fixed_key("rsa-2048") : *PrivateKey::generate(spec);
    const Certificate certificate = self_signed(key);
    for (const Digest digest : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
      CmsFields fields;
      fields.content = to_bytes("content");
      fields.certificates = {certificate};
      fields.signers = {{key, certificate, digest, {kPair}}};
      const SignedData message = parsed(*make_signed_data(fields));
      ASSERT_EQ(message.signers().size(), 1U) << to_string(spec);
      EXPECT_EQ(as_text(message.content()), "content");
      EXPECT_EQ(message.content_type(), oids::kCmsData);
      const CmsSigner& signer = message.signers().front();
      ASSERT_NE(message.certificate_of(signer), nullptr);
      EXPECT_TRUE(*message.verify(signer, key.public_key()));
      EXPECT_FALSE(*message.verify(signer, pki::new_key().public_key()));
      ASSERT_NE(signer.signed_attribute(oids::kNameValuePair), nullptr);
      EXPECT_EQ(*signer.signed_attribute(oids::kNameValuePair), kPair);
    }
  }
}

TEST(Cms, ASignerCanBeNamedByItsKey) {
  const PrivateKey key = pki::new_key();
  CmsFields fields;
  fields.content_type = oids::kPkiData;
  fields.content = to_bytes("x");
  fields.signers = {{key, std::nullopt}};
  const SignedData message = parsed(*make_signed_data(fields));
  const CmsSigner& signer = message.signers().front();
  EXPECT_EQ(signer.key_identifier, key.public_key().key_identifier());
  EXPECT_EQ(message.certificate_of(signer), nullptr);
  EXPECT_TRUE(*message.verify(signer, key.public_key()));
  EXPECT_TRUE(signer.names(self_signed(key)));
}

TEST(Cms, OtherContentUnderTheSameAttributesDoesNotVerify) {
  const PrivateKey key = pki::new_key();
  CmsFields fields;
  fields.content = to_bytes("content-A");
  fields.certificates = {self_signed(key)};
  fields.signers = {{key, self_signed(key)}};
  Bytes der = *make_signed_data(fields);
  const std::string text = to_string(der);
  der[text.find("content-A") + 8] = 'B';
  const SignedData message = parsed(der);
  EXPECT_FALSE(*message.verify(message.signers().front(), key.public_key()));
}

TEST(Cms, CertificatesOnly) {
  const SignedData message = parsed(make_certificates_only({self_signed(pki::new_key()), self_signed(pki::new_key())}));
  EXPECT_EQ(message.certificates().size(), 2U);
  EXPECT_TRUE(message.signers().empty());
  EXPECT_TRUE(message.content().empty());
}

TEST(Cms, OtherMessagesAreRefused) {
  const Bytes other = der::sequence({der::oid(oids::kCmsData)});
  const auto wrong_type = SignedData::parse(other);
  ASSERT_FALSE(wrong_type);
  EXPECT_EQ(wrong_type.error().code, Code{HResult::CRYPT_E_INVALID_MSG_TYPE});
  EXPECT_TRUE(SignedData::is_content_info(other));
  const Bytes good = make_certificates_only({self_signed(pki::new_key())});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(SignedData::parse(BytesView(good).first(size))) << size;
  EXPECT_FALSE(SignedData::parse(Bytes(kMaxCmsSize + 1)));
}

TEST(Cms, NoSignatureIsTheDigestOfTheContent) {
  const PrivateKey key = pki::new_key();
  const Bytes content = to_bytes("x");
  const auto message = [&](const Bytes& signature) {
    const Bytes signer = der::sequence({der::integer(3), der::tlv(tag::context(0), Bytes{1}),
                                        der::sequence({der::oid(Oid("2.16.840.1.101.3.4.2.1"))}),
                                        der::sequence({der::oid(oids::kNoSignature)}), der::octet_string(signature)});
    const Bytes body = der::sequence(
        {der::integer(3), der::set_of({}),
         der::sequence({der::oid(oids::kPkiData), der::tlv(tag::context_constructed(0), der::octet_string(content))}),
         der::set_of({signer})});
    return parsed(der::sequence({der::oid(oids::kCmsSignedData), der::tlv(tag::context_constructed(0), body)}));
  };
  const SignedData good = message(digest(Digest::sha256, content));
  EXPECT_TRUE(good.verify_no_signature(good.signers().front()));
  const SignedData bad = message(digest(Digest::sha256, to_bytes("y")));
  EXPECT_FALSE(bad.verify_no_signature(bad.signers().front()));
}

class CmsByOpenssl : public testing::Test {
 protected:
  void SetUp() override {
    if (!pki::have_openssl()) GTEST_SKIP() << "the openssl program is not installed";
    pki::write_file(folder_ / "key.pem", to_bytes(key_.pem()));
    pki::write_file(folder_ / "cert.pem", to_bytes(certificate_.pem()));
    pki::write_file(folder_ / "in", to_bytes("some content"));
  }
  pki::TemporaryFolder folder_;
  PrivateKey key_ = pki::fixed_key("rsa-2048");
  Certificate certificate_ = self_signed(key_);
};

TEST_F(CmsByOpenssl, ReadsWhatTheProgramSigns) {
  for (const char* options : {"", "-md sha512", "-stream", "-noattr"}) {
    const pki::Run made = pki::run_in(
        folder_, std::string("openssl cms -sign -binary -nodetach -outform DER -signer cert.pem -inkey key.pem ") +
                     "-in in -out out.der " + options);
    ASSERT_EQ(made.status, 0) << options << made.output;
    const SignedData message = parsed(to_bytes(pki::read_file(folder_ / "out.der")));
    ASSERT_EQ(message.signers().size(), 1U) << options;
    EXPECT_EQ(as_text(message.content()), "some content") << options;
    const Certificate* signer = message.certificate_of(message.signers().front());
    ASSERT_NE(signer, nullptr) << options;
    EXPECT_EQ(signer->der(), certificate_.der());
    EXPECT_TRUE(*message.verify(message.signers().front(), signer->public_key())) << options;
  }
}

TEST_F(CmsByOpenssl, TheProgramVerifiesWhatWeSign) {
  CmsFields fields;
  fields.content = to_bytes("some content");
  fields.certificates = {certificate_};
  fields.signers = {{key_, certificate_, Digest::sha384, {kPair}}};
  pki::write_file(folder_ / "ours.der", *make_signed_data(fields));
  const pki::Run run = pki::run_in(folder_, "openssl cms -verify -inform DER -in ours.der -noverify -binary -out back");
  ASSERT_EQ(run.status, 0) << run.output;
  EXPECT_EQ(pki::read_file(folder_ / "back"), "some content");
}

TEST(Cms, DigestsAreRowsOfTheTableOfAlgorithms) {
  const std::pair<Digest, const char*> names[] = {
      {Digest::sha1, "SHA1"}, {Digest::sha256, "SHA256"}, {Digest::sha384, "SHA384"}, {Digest::sha512, "SHA512"}};
  for (const auto& [digest, name] : names) {
    const DigestAlgorithm& row = digest_algorithms()[static_cast<std::size_t>(digest)];
    EXPECT_STREQ(row.name, name);
    EXPECT_EQ(digest_named(Oid(row.oid)), digest);
  }
  EXPECT_EQ(digest_named(Oid("2.16.840.1.101.3.4.2.4")), std::nullopt) << "SHA-224 is not written";
}

}  // namespace
}  // namespace mimica
