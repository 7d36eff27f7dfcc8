#include "kdc/mapping/alt_security_identities.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

const Certificate& worked_example() {
  static const Certificate certificate = [] {
    LeafSpec spec;
    spec.names = {upn("jane@contoso.com"), email("Jane@contoso.com"), email("second@contoso.com")};
    spec.sid = kJaneSid;
    return test_pki().ca.issue(spec);
  }();
  return certificate;
}
std::string built(IdentityForm form) { return to_string(must(identity_for(form, worked_example()))); }
bool maps(const std::string& value, const Certificate& certificate = worked_example()) {
  const auto identity = parse_alt_security_identity(value);
  return identity && matches(*identity, certificate);
}

TEST(AltSecurityIdentities, BuildsEveryFormOfACertificate) {
  const Certificate certificate = worked_example();
  EXPECT_EQ(built(IdentityForm::issuer_serial), "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000ac11000000002b");
  EXPECT_EQ(built(IdentityForm::issuer_subject),
            "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<S>DC=com,DC=contoso,CN=Users,CN=jane");
  EXPECT_EQ(built(IdentityForm::subject), "X509:<S>DC=com,DC=contoso,CN=Users,CN=jane");
  EXPECT_EQ(built(IdentityForm::rfc822), "X509:<RFC822>Jane@contoso.com");
  EXPECT_EQ(built(IdentityForm::subject_key_identifier),
            "X509:<SKI>" + to_hex(certificate.public_key().key_identifier()));
  EXPECT_EQ(built(IdentityForm::sha1_public_key),
            "X509:<SHA1-PUKEY>" + to_hex(digest(Digest::sha1, certificate.der())));
  EXPECT_EQ(built(IdentityForm::issuer_sid), "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SID>" + kJaneSid.to_string());
  EXPECT_EQ(built(IdentityForm::issuer), "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA");
}

TEST(AltSecurityIdentities, EveryFormParsesBackAndMatchesItsCertificate) {
  for (const IdentityForm form : kIdentityForms) {
    SCOPED_TRACE(to_string(form));
    const AltSecurityIdentity identity = must(identity_for(form, worked_example()));
    const auto again = parse_alt_security_identity(to_string(identity));
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(*again, identity);
    EXPECT_TRUE(matches(identity, worked_example()));
    EXPECT_EQ(identity_form_named(to_lower(to_string(form))), form);
  }
  EXPECT_EQ(identity_form_named("X509Nonsense"), std::nullopt);
}

TEST(AltSecurityIdentities, FourFormsAreStrong) {
  for (const IdentityForm form : kIdentityForms)
    EXPECT_EQ(is_strong(form), form == IdentityForm::issuer_serial || form == IdentityForm::subject_key_identifier ||
                                   form == IdentityForm::sha1_public_key || form == IdentityForm::issuer_sid)
        << to_string(form);
}

// KB5014754's example, and the rule for odd sizes: octets are reversed, not digits.
TEST(AltSecurityIdentities, SerialNumbersAreReversedByOctet) {
  const auto serial = [](std::string_view reversed) {
    return to_hex_upper(must(parse_alt_security_identity("X509:<I>CN=CA<SR>" + std::string(reversed))).octets);
  };
  EXPECT_EQ(serial("1200000000AC11000000002B"), "2B0000000011AC0000000012");
  EXPECT_EQ(serial("C3B2A1"), "A1B2C3");
  EXPECT_EQ(serial("0f"), "0F");
  EXPECT_TRUE(maps("X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000AC11000000002B"));
  EXPECT_FALSE(maps("X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>2B0000000011AC0000000012"));
}

TEST(AltSecurityIdentities, SubjectKeyIdentifierIsNotReversed) {
  const auto identity = parse_alt_security_identity("X509:<SKI>1234567890ABCDEF0123456789ABCDEF12345678");
  ASSERT_TRUE(identity);
  EXPECT_EQ(to_hex_upper(identity->octets), "1234567890ABCDEF0123456789ABCDEF12345678");
}

TEST(AltSecurityIdentities, NamesCompareWithoutCaseAndWithAnySeparator) {
  EXPECT_TRUE(maps("x509:<i>dc=COM,dc=Contoso,cn=contoso-ca<sr>1200000000Ac11000000002B"));
  EXPECT_TRUE(maps("X509:<I>DC=com\r\nDC=contoso\r\nCN=CONTOSO-CA<SR>1200000000AC11000000002B"));
  EXPECT_TRUE(maps("X509:<I>DC=com, DC=contoso\nCN=CONTOSO-CA<SR>1200000000AC11000000002B"));
  EXPECT_TRUE(maps("X509:<I>,DC=com,,DC=contoso,CN=CONTOSO-CA,<SR>1200000000AC11000000002B"));
  EXPECT_TRUE(maps("X509: <RFC822>JANE@CONTOSO.COM"));
  EXPECT_TRUE(maps("X509:<RFC822>second@contoso.com")) << "any address of the SAN";
  EXPECT_FALSE(maps("X509:<RFC822>bob@contoso.com"));
  EXPECT_FALSE(maps("X509:<I>CN=CONTOSO-CA,DC=contoso,DC=com<SR>1200000000AC11000000002B")) << "RFC 4514 order";
}

TEST(AltSecurityIdentities, QuotedAndMultiValuedNamesMatchInBothSpellings) {
  LeafSpec spec;
  spec.subject = "CN=Doe\\, Jane+0.9.2342.19200300.100.1.1=2500,O=Contoso,C=US";
  const Certificate certificate = test_pki().ca.issue(spec);
  EXPECT_TRUE(maps(to_string(must(identity_for(IdentityForm::subject, certificate))), certificate));
  const Name& name = certificate.subject();
  ASSERT_EQ(name.rdns.size(), 3U);
  const bool cn_first = name.rdns[2][0].type == oids::kCommonName;
  const std::string uid = "OID.0.9.2342.19200300.100.1.1=2500";
  const auto value = [&](const std::string& cn, const std::string& plus) {
    return "X509:<S>C=US,O=Contoso," + (cn_first ? "CN=" + cn + plus + uid : uid + plus + "CN=" + cn);
  };
  EXPECT_TRUE(maps(value("\"Doe, Jane\"", " "), certificate));
  EXPECT_TRUE(maps(value("Doe, Jane", " "), certificate));
  EXPECT_TRUE(maps(value("\"doe, jane\"", " + "), certificate));
  EXPECT_TRUE(maps(value("doe,jane", " + "), certificate));
  EXPECT_FALSE(maps(value("\"Doe, John\"", " "), certificate));
}

// A subject may contain what looks like a tag; the certificate still takes part in its own forms only.
TEST(AltSecurityIdentities, TagsInsideASubjectGainNothing) {
  LeafSpec spec;
  spec.subject = "CN=x\\<SR\\>1200000000AC11000000002B";
  spec.serial = {0x01};
  const Certificate attacker = test_pki().ca.issue(spec);
  EXPECT_FALSE(maps("X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000AC11000000002B", attacker));
}

TEST(AltSecurityIdentities, WhatNoKdcBuildsIsAFault) {
  for (const std::string_view bad : {"",
                                     "X509:",
                                     "X509",
                                     "Kerberos:jane@CONTOSO.COM",
                                     "X509:CN=jane",
                                     "X509:<I",
                                     "X509:<I>",
                                     "X509:<>x",
                                     "X509:<Q>x",
                                     "X509:<I>a<SR>",
                                     "X509:<I>a<SR>1",
                                     "X509:<I>a<SR>zz",
                                     "X509:<I>a<SR>12 34",
                                     "X509:<SKI>",
                                     "X509:<SKI>12:34",
                                     "X509:<SHA1-PUKEY>1234",
                                     "X509:<SR>12",
                                     "X509:<SR>12<I>a",
                                     "X509:<S>a<I>b",
                                     "X509:<I>a<S>b<SR>12",
                                     "X509:<I>a<I>b",
                                     "X509:<I>a<SID>jane",
                                     "X509:<I>a<RFC822>b",
                                     "x <I>a<SR>12"}) {
    SCOPED_TRACE(bad);
    EXPECT_FALSE(parse_alt_security_identity(bad));
  }
  EXPECT_FALSE(parse_alt_security_identity("X509:<S>" + std::string(kMaxIdentitySize, 'a')));
  EXPECT_TRUE(is_x509_identity(" x509:<S>a"));
  EXPECT_FALSE(is_x509_identity("Kerberos:jane@CONTOSO.COM"));
}

TEST(AltSecurityIdentities, AFormNeedsItsPartOfTheCertificate) {
  LeafSpec spec;
  spec.subject = "";
  const Certificate bare = test_pki().ca.issue(spec);
  for (const IdentityForm form :
       {IdentityForm::issuer_subject, IdentityForm::subject, IdentityForm::rfc822, IdentityForm::issuer_sid})
    EXPECT_FALSE(identity_for(form, bare)) << to_string(form);
  EXPECT_TRUE(identity_for(IdentityForm::issuer_serial, bare));
}

TEST(AltSecurityIdentities, NearMissesAreNamed) {
  const Certificate certificate = worked_example();
  const auto why = [&](const std::string& value) {
    return near_miss(must(parse_alt_security_identity(value)), certificate);
  };
  EXPECT_NE(why("X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>2B0000000011AC0000000012").find("1200000000ac11000000002b"),
            std::string::npos);
  EXPECT_NE(why("X509:<I>CN=CONTOSO-CA,DC=contoso,DC=com<SR>1200000000AC11000000002B").find("issuer"),
            std::string::npos);
  EXPECT_NE(why("X509:<S>CN=jane,CN=Users,DC=contoso,DC=com").find("subject"), std::string::npos);
  Bytes id = *certificate.subject_key_identifier();
  std::reverse(id.begin(), id.end());
  EXPECT_NE(why("X509:<SKI>" + to_hex(id)).find("reversed"), std::string::npos);
  EXPECT_NE(why("X509:<SHA1-PUKEY>" + to_hex(certificate.public_key().key_identifier())).find("thumbprint"),
            std::string::npos);
  EXPECT_EQ(why("X509:<S>CN=bob"), "");
  EXPECT_EQ(why(built(IdentityForm::issuer_serial)), "");
}

TEST(SidUri, TakesTheSidAfterThePrefix) {
  EXPECT_EQ(sid_uri(kJaneSid), "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1004336348-1177238915-682003330-1105");
  EXPECT_EQ(sid_from_uri(sid_uri(kJaneSid)), kJaneSid);
  EXPECT_EQ(sid_from_uri("TAG:Microsoft.com,2022-09-14:SID:s-1-5-21-1-2-3-500"), sid("S-1-5-21-1-2-3-500"));
  EXPECT_EQ(sid_from_uri("tag:microsoft.com,2022-09-14:sid:jane"), std::nullopt);
  EXPECT_EQ(sid_from_uri("https://contoso.com/"), std::nullopt);
  const std::string joined = "tag:microsoft.com,2022-09-14:sid:S-1-12-1-1, other://x";
  EXPECT_EQ(sid_from_uri(joined), std::nullopt);
  EXPECT_EQ(sid_from_uri(joined, true), sid("S-1-12-1-1"));
}

// The bytes that a Windows CA issued for this SID, and the shortest vector.
TEST(SidExtension, HasTheBytesOfAWindowsCa) {
  const Bytes long_form = *from_hex(
      "303FA03D060A2B060104018237190201A02F042D532D312D352D32312D3636363139393638322D313431313334323134372D323933383731"
      "3738"
      "35352D31313134");
  EXPECT_EQ(to_hex(ext::sid(sid("S-1-5-21-666199682-1411342147-2938717855-1114"))), to_hex(long_form));
  EXPECT_EQ(must(ext::parse_sid(long_form)), sid("S-1-5-21-666199682-1411342147-2938717855-1114"));
  EXPECT_EQ(to_hex(encode(Extension{oids::kSidExtension, false, long_form})),
            "304e06092b0601040182371902"
            "0441" +
                to_hex(long_form));
  const Bytes short_form = *from_hex("3024A022060A2B060104018237190201A0140412532D312D352D32312D312D322D332D353030");
  EXPECT_EQ(must(ext::parse_sid(short_form)), sid("S-1-5-21-1-2-3-500"));
  Bytes trailing = short_form;
  trailing.push_back(0);
  EXPECT_FALSE(ext::parse_sid(trailing));
}

}  // namespace
}  // namespace mimica::kdc
