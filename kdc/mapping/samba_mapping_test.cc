#include "kdc/mapping/samba_mapping.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

TEST(SambaIdentity, ReadsEveryTagAndKeepsTheLastOfEqualOnes) {
  const auto read = parse_samba_identity("X509:ignored<I>DC=com,CN=CA<S>CN=a<SR>0102<SKI>aB<SHA1-PUKEY>00<RFC822>a@b");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->issuer, "CN=CA,DC=com");
  EXPECT_EQ(read->subject, "CN=a");
  EXPECT_EQ(read->serial, (Bytes{2, 1}));
  EXPECT_EQ(read->subject_key_identifier, Bytes{0xAB});
  EXPECT_EQ(read->thumbprint, Bytes{0});
  EXPECT_EQ(read->mail, "a@b");
  EXPECT_EQ(parse_samba_identity("X509:<RFC822>a@b<RFC822>c@d")->mail, "c@d");
}

TEST(SambaIdentity, PassesOverWhatItCannotRead) {
  for (const char* value : {"", "X509:", "X509:text", "x509:<S>CN=a", "Kerberos:<S>CN=a", "X509:<S", "X509:<S>",
                            "X509:<>CN=a", "X509:<s>CN=a", "X509:<SID>S-1-5-18", "X509:<SKI>0", "X509:<SKI>0g",
                            "X509:<SR>zz", "X509:<S>CN=a<X>b", "X509:<S>CN=a<I>", " X509:<S>CN=a"})
    EXPECT_FALSE(parse_samba_identity(value)) << value;
}

TEST(SambaIdentity, NamesAreTurnedRoundAtEverySeparator) {
  const auto subject = [](const std::string& text) { return *parse_samba_identity("X509:<S>" + text)->subject; };
  EXPECT_EQ(subject("CN=a"), "CN=a");
  EXPECT_EQ(subject("C=US,O=b,CN=a"), "CN=a,O=b,C=US");
  EXPECT_EQ(subject("C=US\nO=b\rCN=a"), "CN=a,O=b,C=US");
  EXPECT_EQ(subject("O=\"b, c\",CN=a"), "CN=a, c\",O=\"b");
  EXPECT_EQ(subject(",CN=a,,"), ",,CN=a,");
}

TEST(SambaIdentity, StrengthFollowsTheTags) {
  const auto strong = [](const char* value) { return parse_samba_identity(value)->is_strong(); };
  EXPECT_TRUE(strong("X509:<SKI>00"));
  EXPECT_TRUE(strong("X509:<SHA1-PUKEY>00"));
  EXPECT_TRUE(strong("X509:<SR>00<I>CN=a"));
  EXPECT_TRUE(strong("X509:<S>CN=a<SKI>00"));
  EXPECT_FALSE(strong("X509:<SR>00"));
  EXPECT_FALSE(strong("X509:<I>CN=a<S>CN=a"));
  EXPECT_FALSE(strong("X509:<RFC822>a@b"));
}

TEST(SambaIdentity, AllTagsMustMatchOctetForOctet) {
  LeafSpec spec;
  spec.subject = "CN=jane,OU=Staff,ST=Bern,C=CH";
  spec.names = {email("jane@contoso.com"), email("Second@contoso.com")};
  const Certificate certificate = test_pki().ca.issue(spec);
  const auto hit = [&](const std::string& value) {
    return matches(*parse_samba_identity("X509:" + value), certificate);
  };
  const std::string ski = to_hex(*certificate.subject_key_identifier());
  EXPECT_TRUE(hit("<S>C=CH,S=Bern,OU=Staff,CN=jane"));
  EXPECT_FALSE(hit("<S>C=CH,S=Bern,OU=Staff,CN=Jane"));
  EXPECT_FALSE(hit("<S>C=CH,ST=Bern,OU=Staff,CN=jane"));
  EXPECT_FALSE(hit("<S>C=CH, S=Bern, OU=Staff, CN=jane"));
  EXPECT_TRUE(hit("<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000ac11000000002b"));
  EXPECT_FALSE(hit("<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>2B0000000011AC0000000012"));
  EXPECT_TRUE(hit("<RFC822>Second@contoso.com"));
  EXPECT_FALSE(hit("<RFC822>second@contoso.com"));
  EXPECT_TRUE(hit("<SKI>" + ski + "<SHA1-PUKEY>" + to_hex(certificate.thumbprint())));
  EXPECT_FALSE(hit("<SKI>" + ski + "<RFC822>other@contoso.com"));
  EXPECT_FALSE(hit("<SHA1-PUKEY>" + to_hex(certificate.public_key().key_identifier())));
}

}  // namespace
}  // namespace mimica::kdc
