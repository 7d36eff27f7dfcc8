#include <gtest/gtest.h>

#include "core/asn1/der.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

RequestSpec spec() {
  RequestSpec out;
  out.subject = *Name::parse_rfc4514("CN=jane,DC=contoso,DC=com");
  out.extensions = {{oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))},
                    {oids::kKeyUsage, true, ext::key_usage(*from_hex("A0"))}};
  out.name_value_pairs = {{"CertificateTemplate", "IntuneUser"}, {"Note", "J\xC3\xA4ne"}};
  return out;
}

// A request with the given attributes, properly signed.
Bytes with_attributes(const PrivateKey& key, BytesView attributes) {
  const Bytes info =
      der::sequence({der::integer(0), Name::parse_rfc4514("CN=a")->to_der(), key.public_key().spki(), attributes});
  return der::sequence(
      {info, key.signature_algorithm(Digest::sha256), der::bit_string(*key.sign(Digest::sha256, info))});
}

TEST(CertificateRequest, HoldsWhatWasPutIn) {
  for (const char* kind : {"rsa-2048", "p-256", "p-384"}) {
    const PrivateKey key = pki::fixed_key(kind);
    const auto der = make_request(spec(), key);
    ASSERT_TRUE(der);
    const auto request = CertificateRequest::parse(*der);
    ASSERT_TRUE(request) << request.error().describe();
    EXPECT_EQ(request->der(), *der);
    EXPECT_EQ(request->subject().to_rfc4514(), "CN=jane,DC=contoso,DC=com");
    EXPECT_EQ(to_bytes(request->subject_der()), spec().subject.to_der());
    EXPECT_EQ(request->public_key().spki(), key.public_key().spki());
    EXPECT_EQ(request->extensions(), spec().extensions);
    EXPECT_EQ(request->name_value_pairs(), spec().name_value_pairs);
    EXPECT_EQ(request->attributes().size(), 3u);
    EXPECT_TRUE(*request->signature_valid());
    EXPECT_EQ(CertificateRequest::parse_pem_or_der(as_bytes(to_pem("CERTIFICATE REQUEST", *der)))->der(), *der);
    EXPECT_EQ(CertificateRequest::parse_pem_or_der(as_bytes(to_pem("NEW CERTIFICATE REQUEST", *der)))->der(), *der);
  }
}

TEST(CertificateRequest, AChangedRequestHasNoProofOfPossession) {
  Bytes der = *make_request(spec(), pki::fixed_key("p-256"));
  const std::string text = to_string(BytesView(der));
  der[text.find("jane")] = 'k';
  const auto request = CertificateRequest::parse(der);
  ASSERT_TRUE(request);
  EXPECT_FALSE(*request->signature_valid());
}

TEST(CertificateRequest, BothExtensionAttributesCount) {
  const PrivateKey key = pki::new_key();
  const auto attribute = [](const Oid& type, const Extension& extension) {
    return der::sequence({der::oid(type), der::set_of({der::sequence({encode(extension)})})});
  };
  const Extension first{oids::kKeyUsage, true, ext::key_usage(*from_hex("A0"))};
  const Extension second{oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))};
  const auto request = CertificateRequest::parse(with_attributes(
      key, der::tlv(tag::context_constructed(0),
                    {attribute(oids::kMsExtensionRequest, first), attribute(oids::kExtensionRequest, second)})));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->extensions(), (std::vector<Extension>{first, second}));
  EXPECT_TRUE(*request->signature_valid());
}

TEST(CertificateRequest, TheAttributesMayBeMissing) {
  const auto request = CertificateRequest::parse(with_attributes(pki::new_key(), {}));
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->attributes().empty());
  EXPECT_TRUE(*request->signature_valid());
}

TEST(CertificateRequest, MalformedRequestsAreRefused) {
  const Bytes der = *make_request(spec(), pki::fixed_key("p-256"));
  for (std::size_t i = 0; i < der.size(); ++i) EXPECT_FALSE(CertificateRequest::parse(BytesView(der).first(i))) << i;
  EXPECT_FALSE(CertificateRequest::parse(Bytes(kMaxRequestSize + 1, 0x30)));
  EXPECT_FALSE(CertificateRequest::parse(pki::root().certificate.der()));
  EXPECT_FALSE(CertificateRequest::parse_pem_or_der(as_bytes(pki::root().certificate.pem())));
  const PrivateKey key = pki::new_key();
  const auto wrap = [&](std::string_view hex) {
    return with_attributes(key, der::tlv(tag::context_constructed(0), *from_hex(hex)));
  };
  // A pair that is no sequence, extensions that are none, a set that is none.
  EXPECT_FALSE(CertificateRequest::parse(wrap("3011060a2b0601040182370d0201 3103020101")));
  EXPECT_FALSE(CertificateRequest::parse(wrap("300f06092a864886f70d01090e 31020500")));
  EXPECT_FALSE(CertificateRequest::parse(wrap("3006060355040304 00")));
  EXPECT_FALSE(make_request(spec(), PrivateKey()));
}

}  // namespace
}  // namespace mimica
