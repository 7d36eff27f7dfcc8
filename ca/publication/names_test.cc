#include "ca/publication/names.h"

#include <gtest/gtest.h>

#include "ca/registry/config.h"

namespace mimica::ca {
namespace {

UrlTokens contoso() {
  UrlTokens tokens;
  tokens.server_dns_name = "ca01.contoso.com";
  tokens.ca_name = "CONTOSO CA";
  tokens.configuration_container = "CN=Configuration,DC=contoso,DC=com";
  return tokens;
}

TEST(SanitizeName, EscapesDisallowedUnits) {
  EXPECT_EQ(sanitize_name("CORP CA"), "CORP CA");
  EXPECT_EQ(sanitize_name("A&B"), "A!0026B");
  EXPECT_EQ(sanitize_name("Zürich"), "Z!00fcrich");
  EXPECT_EQ(sanitize_name("\xF0\x9F\x94\x91"), "!d83d!dd11");
  EXPECT_EQ(sanitize_name("\xFF"), "!00ff");
}

TEST(SanitizeName, ShortFormHashesWhatItCuts) {
  EXPECT_EQ(sanitized_short_name("Contoso Enterprise Issuing Certification Authority Number Twelve"),
            "Contoso Enterprise Issuing Certification Authority -48676");
  EXPECT_EQ(sanitized_short_name("short"), "short");
  // An escape that the limit would split goes to the rest as a whole.
  const std::string split = std::string(49, 'a') + "&" + "bcd";
  EXPECT_EQ(sanitized_short_name(split).substr(0, 50), std::string(49, 'a') + "-");
}

TEST(PublicationUrl, ReadsTheFlagPrefix) {
  EXPECT_EQ(parse_publication_url("79:ldap:///x").flags, 79U);
  EXPECT_EQ(parse_publication_url("79:ldap:///x").pattern, "ldap:///x");
  EXPECT_EQ(parse_publication_url("http://x/y").flags, csurl::kAddToCertificate);
  EXPECT_EQ(parse_publication_url("http://x/y").pattern, "http://x/y");
}

TEST(PublicationUrl, ExpandsTokensAndEscapesBlanks) {
  EXPECT_EQ(expand_url("http://%1/CertEnroll/%3%8%9.crl", contoso(), UrlUse::base_crl),
            "http://ca01.contoso.com/CertEnroll/CONTOSO%20CA.crl");
  EXPECT_EQ(
      expand_url("ldap:///CN=%7%8,CN=%2,CN=CDP,CN=Public Key Services,CN=Services,%6%10", contoso(), UrlUse::base_crl),
      "ldap:///CN=CONTOSO%20CA,CN=CA01,CN=CDP,CN=Public%20Key%20Services,CN=Services,CN=Configuration,DC=contoso,"
      "DC=com?certificateRevocationList?base?objectClass=cRLDistributionPoint");
  EXPECT_EQ(expand_url("ldap:///CN=%7,%6%11", contoso(), UrlUse::ca_certificate),
            "ldap:///CN=CONTOSO%20CA,CN=Configuration,DC=contoso,DC=com?cACertificate?base?objectClass="
            "certificationAuthority");
  UrlTokens renewed = contoso();
  renewed.certificate_index = 1;
  renewed.key_index = 2;
  EXPECT_EQ(expand_url("%1_%3%4.crt %8", renewed, UrlUse::ca_certificate),
            "ca01.contoso.com_CONTOSO%20CA(1).crt%20(2)");
  EXPECT_EQ(certificate_file_name(renewed), "ca01.contoso.com_CONTOSO CA(1).crt");
  EXPECT_EQ(crl_file_name(renewed), "CONTOSO CA(2).crl");
}

TEST(PublicationUrl, KeepsUnknownTokens) { EXPECT_EQ(expand_url("%5%x%", contoso(), UrlUse::base_crl), "%5%x%"); }

TEST(Config, EnterpriseDefaults) {
  const Sid domain = *Sid::parse("S-1-5-21-1-2-3");
  const CaConfig config = default_config(CaType::enterprise_sub, domain);
  EXPECT_EQ(config.EditFlags, 0x11014EU);
  ASSERT_TRUE(config.Security.dacl);
  EXPECT_EQ(config.Security.dacl->aces.size(), 4U);
  const Token user{*Sid::parse("S-1-5-21-1-2-3-1104"), {*Sid::parse("S-1-5-21-1-2-3-1104"), sids::kAuthenticatedUsers}};
  EXPECT_TRUE(check_access(config.Security, user, ca_access::kRequestCertificates).granted);
  EXPECT_FALSE(check_access(config.Security, user, ca_access::kIssueAndManage).granted);
  EXPECT_EQ(
      describe_edit_flags(config.EditFlags),
      "EDITF_REQUESTEXTENSIONLIST | EDITF_DISABLEEXTENSIONLIST | EDITF_ADDOLDKEYUSAGE | "
      "EDITF_BASICCONSTRAINTSCRITICAL | EDITF_ENABLEAKIKEYID | EDITF_ENABLEDEFAULTSMIME | EDITF_ENABLECHASECLIENTDC");
  EXPECT_EQ(edit_flag_named("editf_attributeenddate"), 0x20U);
  EXPECT_FALSE(edit_flag_named("EDITF_NONSENSE"));
  EXPECT_EQ(describe_edit_flags(0x80000000U), "0x80000000");
}

TEST(Names, DeltaListsHaveAPlusAndTheirOwnAttribute) {
  UrlTokens tokens;
  tokens.server_dns_name = "ca01.contoso.com";
  tokens.ca_name = "CONTOSO-CA";
  tokens.key_index = 2;
  EXPECT_EQ(expand_url("http://%1/%3%8%9.crl", tokens, UrlUse::delta_crl),
            "http://ca01.contoso.com/CONTOSO-CA(2)+.crl");
  EXPECT_EQ(expand_url("http://%1/%3%8%9.crl", tokens, UrlUse::base_crl), "http://ca01.contoso.com/CONTOSO-CA(2).crl");
  EXPECT_EQ(expand_url("%10", tokens, UrlUse::delta_crl), "?deltaRevocationList?base?objectClass=cRLDistributionPoint");
  EXPECT_EQ(crl_file_name(tokens, true), "CONTOSO-CA(2)+.crl");
}

TEST(Config, StandaloneLeavesRequestsPending) {
  const CaConfig config = default_config(CaType::standalone_root, Sid());
  EXPECT_EQ(config.RequestDisposition, 0x101U);
  EXPECT_FALSE(config.is_enterprise());
}

TEST(Config, HttpBaseReplacesOnlyHttp) {
  CaConfig config = default_config(CaType::enterprise_sub, *Sid::parse("S-1-5-21-1-2-3"));
  set_http_base(config, "http://127.0.0.1:8080");
  EXPECT_EQ(config.CRLPublicationURLs.back(), "6:http://127.0.0.1:8080/CertEnroll/%3%8%9.crl");
  EXPECT_EQ(config.CRLPublicationURLs.front().substr(0, 12), "79:ldap:///C");
}

}  // namespace
}  // namespace mimica::ca
