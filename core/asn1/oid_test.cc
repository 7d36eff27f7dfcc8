#include "core/asn1/oid.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(Oid, KnownEncodings) {
  const std::pair<const char*, const char*> vectors[] = {
      {"1.2.840.113549", "2a864886f70d"},
      {"2.999.3", "883703"},
      {"2.5.29.17", "551d11"},
      {"0.0", "00"},
      {"0.39", "27"},
      {"1.39", "4f"},
      {"2.0", "50"},
      {"0.9.2342.19200300.100.1.25", "0992268993f22c640119"},
      {"1.3.6.1.4.1.311.25.2", "2b0601040182371902"},
      {"1.3.6.1.4.1.311.25.2.1", "2b06010401823719 0201"},
      // 2.25 and a UUID: an arc of 128 bits.
      {"2.25.340282366920938463463374607431768211455", "6983ffffffffffffffffffffffffffffffffff7f"},
  };
  for (const auto& [dotted, hex] : vectors) {
    const auto oid = Oid::parse(dotted);
    ASSERT_TRUE(oid) << dotted;
    EXPECT_EQ(oid->der_content(), *from_hex(hex)) << dotted;
    EXPECT_EQ(Oid::from_der_content(*from_hex(hex))->dotted(), dotted);
  }
}

TEST(Oid, MalformedText) {
  for (const char* text : {"", "1", "1.", ".1", "1..2", "3.1", "0.40", "1.40", "01.2", "1.02", "1.2.a", "1.2 ", "-1.2",
                           "2.25.340282366920938463463374607431768211456", "2.340282366920938463463374607431768211455"})
    EXPECT_FALSE(Oid::parse(text)) << text;
  std::string long_one = "1.2";
  for (int i = 0; i < 200; ++i) long_one += ".1";
  EXPECT_FALSE(Oid::parse(long_one));
}

TEST(Oid, MalformedContent) {
  for (const char* hex : {"", "80", "2a80", "2a8001", "2a86", "6987ffffffffffffffffffffffffffffffffff7f"})
    EXPECT_FALSE(Oid::from_der_content(*from_hex(hex))) << hex;
  EXPECT_FALSE(Oid::from_der_content(Bytes(200, 0x01)));
}

TEST(Oid, ComparesAndNames) {
  EXPECT_EQ(*Oid::parse("2.5.29.17"), oids::kSubjectAltName);
  EXPECT_NE(Oid(), oids::kSubjectAltName);
  EXPECT_TRUE(Oid().empty());
  EXPECT_EQ(display_name(oids::kClientAuth), "Client Authentication");
  EXPECT_EQ(display_name(oids::kSmartCardLogon), "Smart Card Logon");
  EXPECT_EQ(display_name(Oid("1.2.3.4")), "");
}

TEST(Oid, EveryConstantIsWellFormed) {
  for (const Oid& oid : {oids::kSidExtension,
                         oids::kSidOtherName,
                         oids::kUpn,
                         oids::kDirectoryGuid,
                         oids::kTemplateName,
                         oids::kTemplateInfo,
                         oids::kApplicationPolicies,
                         oids::kCaVersion,
                         oids::kPreviousCaHash,
                         oids::kCrlNextPublish,
                         oids::kAuthorityInfoAccess,
                         oids::kSmimeCapabilities,
                         oids::kOcspNoCheck,
                         oids::kEncryptingFileSystem,
                         oids::kCertificateRequestAgent,
                         oids::kPkinitClient,
                         oids::kPkinitKdc,
                         oids::kExtensionRequest,
                         oids::kMsExtensionRequest,
                         oids::kNameValuePair,
                         oids::kOsVersion,
                         oids::kCspProvider,
                         oids::kEmailAddress,
                         oids::kDomainComponent}) {
    EXPECT_EQ(*Oid::parse(oid.dotted()), oid);
    EXPECT_EQ(*Oid::from_der_content(oid.der_content()), oid);
  }
}

}  // namespace
}  // namespace mimica
