#include "ca/request/request.h"

#include <gtest/gtest.h>

#include "ca/rules.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

const PrivateKey& key() {
  static const PrivateKey kKey = fixed_key("p-256");
  return kKey;
}

TEST(RequestAttributes, FollowTheLineGrammar) {
  const RequestAttributes attributes = RequestAttributes::parse(
      "CertificateTemplate:User\r\nCertificate-Template : WebServer \nno separator\n:nothing\n rmd: host.contoso.com\n"
      "SAN:dns=a&url=http://x:80/");
  ASSERT_EQ(attributes.all().size(), 4U);
  EXPECT_EQ(attributes.all()[1], (RequestAttribute{"CertificateTemplate", "WebServer"}));
  EXPECT_EQ(attributes.find("certificatetemplate"), "User");
  EXPECT_EQ(attributes.find("RMD"), "host.contoso.com");
  EXPECT_EQ(attributes.find("SAN"), "dns=a&url=http://x:80/");
  EXPECT_FALSE(attributes.find("cdc"));
}

TEST(ReadRequest, CollectsIdentifiersFromEverySource) {
  const ext::TemplateInfo info{Oid("1.2.3.4"), 100, 5};
  const Bytes der = request_der(key(), "CN=x",
                                {{oids::kTemplateName, false, ext::template_name("Machine")},
                                 {oids::kTemplateInfo, false, ext::template_info(info)}},
                                {{"CertificateTemplate", "User"}, {"rmd", "inner"}});
  const auto decision = read_request(der, "CertificateTemplate:1.2.3.4\nrmd:outer");
  ASSERT_TRUE(decision) << explain(decision.trace);
  const auto& identifiers = decision.granted->template_identifiers;
  ASSERT_EQ(identifiers.size(), 4U);
  EXPECT_EQ(identifiers[0].oid, Oid("1.2.3.4"));
  EXPECT_EQ(identifiers[1].name, "User");
  EXPECT_EQ(identifiers[1].source, TemplateIdentifier::Source::name_value_pair);
  EXPECT_EQ(identifiers[2].name, "Machine");
  ASSERT_TRUE(identifiers[3].version);
  EXPECT_EQ(identifiers[3].version->minor, 5);
  EXPECT_EQ(decision.granted->attributes.find("rmd"), "outer");
  for (const Rule* rule : {&kRequestSize, &kRequestWellFormed, &kRequestSingleValued, &kRequestAttributes})
    EXPECT_TRUE(decision.trace.has(rule->id, Verdict::pass)) << rule->id;
}

TEST(ReadRequest, AcceptsEveryArmour) {
  const Bytes der = request_der(key(), "CN=x");
  const std::string base64 = to_base64(der);
  const std::string on_one_line =
      "-----BEGIN NEW CERTIFICATE REQUEST-----" + base64 + "-----END NEW CERTIFICATE REQUEST-----";
  for (const std::string& text : {to_pem("CERTIFICATE REQUEST", der), on_one_line, base64, base64 + "\r\n"}) {
    const auto armour = remove_armour(as_bytes(text));
    ASSERT_TRUE(armour) << text.substr(0, 60);
    EXPECT_EQ(*armour, der);
  }
  EXPECT_EQ(remove_armour(der), der);
  EXPECT_FALSE(remove_armour(as_bytes("not base64!")));
  EXPECT_FALSE(remove_armour(as_bytes("-----BEGIN X")));
}

TEST(ReadRequest, RefusesGarbageAsAProcessingError) {
  const auto garbage = read_request(as_bytes("hello"), "");
  EXPECT_FALSE(garbage);
  EXPECT_EQ(garbage.code, Code{HResult::CRYPT_E_ASN1_BADTAG});
  EXPECT_EQ(garbage.rule(), kRequestWellFormed.id);
  EXPECT_TRUE(is_processing_error(*garbage.trace.deciding()->rule));

  Bytes cut = request_der(key(), "CN=x");
  cut.resize(cut.size() / 2);
  EXPECT_EQ(read_request(cut, "").rule(), kRequestWellFormed.id);

  EXPECT_EQ(read_request(Bytes(kMaxRequestSize + 1, 0x30), "").rule(), kRequestSize.id);
  EXPECT_EQ(read_request(request_der(key()), std::string(kMaxAttributesSize + 1, 'a')).rule(), kRequestAttributes.id);
  const Bytes bad_name = request_der(key(), "CN=x", {{oids::kTemplateName, false, {0x05, 0x00}}});
  EXPECT_EQ(read_request(bad_name, "").rule(), kRequestAttributes.id);
  const Bytes bad_info = request_der(key(), "CN=x", {{oids::kTemplateInfo, false, {0x30, 0x00}}});
  EXPECT_EQ(read_request(bad_info, "").rule(), kRequestAttributes.id);
}

// A PKCS#10 whose OS version attribute has two values; assembled here because no library call makes one.
TEST(ReadRequest, RefusesRepeatedSingleValuedAttributes) {
  const auto with_values = [&](int count) {
    std::vector<Bytes> values;
    for (int i = 0; i < count; ++i) values.push_back(der::ia5_string("10.0." + std::to_string(i)));
    const Bytes attribute = der::sequence({der::oid(oids::kOsVersion), der::set_of(values)});
    const Bytes attributes = der::tlv(tag::context_constructed(0), attribute);
    const Bytes info = der::sequence({der::integer(0), Name{}.to_der(), key().public_key().spki(), attributes});
    const Bytes signature = *key().sign(Digest::sha256, info);
    return der::sequence({info, key().signature_algorithm(Digest::sha256), der::bit_string(signature)});
  };
  EXPECT_TRUE(read_request(with_values(1), ""));
  const auto repeated = read_request(with_values(2), "");
  EXPECT_EQ(repeated.rule(), kRequestSingleValued.id);
  EXPECT_EQ(repeated.code, Code{HResult::ERROR_INVALID_DATA});
}

RequestedValidity wish(const std::string& text) { return must(requested_validity(RequestAttributes::parse(text))); }

TEST(RequestedValidity, ReadsPeriodsAndDates) {
  const Timestamp start = must(parse_iso("2024-01-31T10:00:00Z"));
  EXPECT_EQ(wish("ValidityPeriod:Weeks\nValidityPeriodUnits:3").end(start), start + 21 * kDay);
  EXPECT_EQ(wish("ValidityPeriod:3\nValidityPeriodUnits:weeks").end(start), start + 21 * kDay);
  EXPECT_EQ(to_iso(wish("ValidityPeriod:Months\nValidityPeriodUnits:1").end(start)), "2024-02-29T10:00:00Z");
  EXPECT_EQ(to_iso(wish("ValidityPeriod:Years\nValidityPeriodUnits:1").end(start)), "2025-01-31T10:00:00Z");
  EXPECT_EQ(to_iso(wish("ValidityPeriod:Years\nValidityPeriodUnits:999999").end(start)), "9999-12-31T23:59:59Z");
  for (const char* unit : {"Seconds", "Minutes", "Hours", "Days"})
    EXPECT_GT(wish(std::string("ValidityPeriodUnits:2\nValidityPeriod:") + unit).end(start), start);
  EXPECT_EQ(
      to_iso(
          wish("ExpirationDate:Tue, 21 Nov 2000 01:06:53 GMT\nValidityPeriod:Days\nValidityPeriodUnits:1").end(start)),
      "2000-11-21T01:06:53Z");
  EXPECT_TRUE(wish("rmd:x").empty());
  EXPECT_TRUE(wish("ValidityPeriod:Days").empty());
}

TEST(RequestedValidity, RefusesNonsense) {
  for (const char* text : {"ValidityPeriod:Moons\nValidityPeriodUnits:1", "ValidityPeriod:Days\nValidityPeriodUnits:-1",
                           "ExpirationDate:2024-01-01", "ExpirationDate:Tue, 31 Feb 2000 01:06:53 GMT"}) {
    const auto result = requested_validity(RequestAttributes::parse(text));
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Code{HResult::ERROR_INVALID_DATA});
  }
}

TEST(SanAttribute, ReadsEveryType) {
  const auto names =
      must(parse_san_attribute("dns=a.contoso.com&email=a@b&upn=jane@contoso.com&url=tag:microsoft.com,2022-09-14:sid:"
                               "S-1-5-21-1&ipaddress=10.1.2.3&"
                               "ipaddress=2001:db8::1&dn=CN=x&guid=0e10c968-78fb-11d2-90d4-00c04f79dc55&oid=1.2.3&1.2."
                               "4={utf8}hi&1.2.5={octet}{hex}0102&"
                               "1.2.6={octet}AQI=&1.2.7={asn}BQA=&1.2.8={hex}0500"));
  ASSERT_EQ(names.size(), 14U);
  using Kind = GeneralName::Kind;
  const Kind kinds[] = {
      Kind::dns,       Kind::email,          Kind::upn,           Kind::uri,   Kind::ip,    Kind::ip,
      Kind::directory, Kind::directory_guid, Kind::registered_id, Kind::other, Kind::other, Kind::other,
      Kind::other,     Kind::other};
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i].kind, kinds[i]) << i;
  EXPECT_EQ(to_hex(names[5].bytes), "20010db8000000000000000000000001");
  EXPECT_EQ(to_hex(names[10].bytes), "04020102");
  EXPECT_EQ(to_hex(names[11].bytes), "04020102");
  EXPECT_EQ(to_hex(names[13].bytes), "0500");
  EXPECT_EQ(must(parse_general_names(encode_general_names(names))).size(), names.size());
}

TEST(SanAttribute, RefusesWhatItCannotEncode) {
  for (const char* text : {"", "dns", "dns=", "ipaddress=1.2.3", "ipaddress=1.2.3.999", "ipaddress=1:2", "guid=x",
                           "oid=x", "spn=x", "1.2.3=plain", "1.2.3={hex}0", "1.2.3={hex}05", "1.2.3={octet}!",
                           "dns=b\xC3\xBC"
                           "cher",
                           "dn=CN"})
    EXPECT_FALSE(parse_san_attribute(text)) << text;
}

}  // namespace
}  // namespace mimica::ca
