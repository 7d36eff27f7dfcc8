#include "ca/policy/subject.h"

#include <gtest/gtest.h>

#include "ca/testing/test_policy.h"

namespace mimica::ca {
namespace {

using templates::FlagSet;
using templates::GeneralFlag;
using templates::NameFlag;

void set_names(PolicyCase& request, std::initializer_list<NameFlag> flags) {
  request.of("User").name_flags = FlagSet<NameFlag>(flags);
}

TEST(DirectorySubject, WholePathWithMailAndUpn) {
  PolicyCase request;
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.subject().to_cert_str(), "E=jane@contoso.com, CN=Jane Doe, CN=Users, DC=contoso, DC=com");
  const auto names = certificate.subject_alt_names();
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(to_string(names[0]), "UPN=jane@contoso.com");
  EXPECT_EQ(names[1].kind, GeneralName::Kind::email);
  EXPECT_FALSE(certificate.extension(oids::kSubjectAltName)->critical);
}

// The bytes of a certificate of a Windows Server 2019 CA (template User).
TEST(DirectorySubject, MatchesAnObservedCertificate) {
  PolicyCase request;
  request.account.dn = "CN=d.baker,CN=Users,DC=scepter,DC=htb";
  request.account.cn = "d.baker";
  request.account.mail = request.account.upn = "d.baker@scepter.htb";
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.subject().to_alt_security().substr(0, 39), "DC=htb,DC=scepter,CN=Users,CN=d.baker,E");
  EXPECT_EQ(
      to_hex_upper(certificate.extension(oids::kSubjectAltName)->value),
      "303AA023060A2B060104018237140203A0150C13642E62616B657240736365707465722E6874628113642E62616B65724073636570746572"
      "2E687462");
}

TEST(DirectorySubject, CommonNameOnly) {
  PolicyCase request;
  set_names(request, {NameFlag::subject_require_common_name, NameFlag::subject_alt_require_upn});
  EXPECT_EQ(request.issued().subject().to_cert_str(), "CN=Jane Doe");
}

TEST(DirectorySubject, EmptySubjectMakesTheAlternativeNameCritical) {
  PolicyCase request;
  set_names(request, {NameFlag::subject_alt_require_upn});
  const Certificate certificate = request.issued();
  EXPECT_TRUE(certificate.subject().empty());
  EXPECT_TRUE(certificate.extension(oids::kSubjectAltName)->critical);
}

TEST(DirectorySubject, NothingToPutInIsRefused) {
  PolicyCase request;
  set_names(request, {});
  EXPECT_REFUSED(request, kSubjectFromDirectory, CERTSRV_E_BAD_REQUESTSUBJECT);
  PolicyCase no_path;
  no_path.account.dn.clear();
  EXPECT_REFUSED(no_path, kSubjectFromDirectory, CERTSRV_E_BAD_REQUESTSUBJECT);
}

TEST(DirectorySubject, MissingMail) {
  PolicyCase request;
  request.account.mail.clear();
  // Version 1: issued without, with a warning in the disposition message.
  EXPECT_STEP(request, kSubjectEmail, warn);
  EXPECT_EQ(request.decide().granted->content().warnings.size(), 1U);
  EXPECT_EQ(request.issued().subject_alt_names().size(), 1U);
  request.version2();
  EXPECT_REFUSED(request, kSubjectEmail, CERTSRV_E_SUBJECT_EMAIL_REQUIRED);
  request.config.EditFlags |= editf::kEmailOptional;
  EXPECT_STEP(request, kSubjectEmail, warn);
  set_names(request, {NameFlag::subject_require_common_name, NameFlag::subject_alt_require_email});
  request.config.EditFlags &= ~editf::kEmailOptional;
  EXPECT_REFUSED(request, kSubjectEmail, CERTSRV_E_SUBJECT_EMAIL_REQUIRED);
}

TEST(DirectorySubject, MissingUpn) {
  PolicyCase request;
  request.account.upn.clear();
  EXPECT_REFUSED(request, kSubjectUpn, CERTSRV_E_SUBJECT_UPN_REQUIRED);
  request.config.ImplicitUserPrincipalName = true;
  EXPECT_STEP(request, kSubjectUpn, pass);
  EXPECT_EQ(request.issued().upn(), "jane@contoso.com");
}

TEST(DirectorySubject, GuidAndDnsOfAComputer) {
  PolicyCase request("DomainController");
  request.be_computer("dc1.contoso.com");
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.subject().to_cert_str(), "CN=dc1.contoso.com");
  const auto names = certificate.subject_alt_names();
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(names[0].kind, GeneralName::Kind::directory_guid);
  EXPECT_EQ(to_string(names[1]), "DNS=dc1.contoso.com");
  request.account.guid = Guid{};
  EXPECT_REFUSED(request, kSubjectGuid, CERTSRV_E_SUBJECT_DIRECTORY_GUID_REQUIRED);
}

TEST(DirectorySubject, MissingDnsName) {
  PolicyCase request("Machine");
  request.be_computer("pc01.contoso.com");
  EXPECT_STEP(request, kSubjectDns, pass);
  request.account.dns_host_name.clear();
  EXPECT_REFUSED(request, kSubjectDns, CERTSRV_E_SUBJECT_DNS_REQUIRED);
  // A user who may enroll for a computer template ends there too.
  PolicyCase user("Machine");
  grant(*user.of("Machine").security, kTestDomain.with_rid(rid::kDomainUsers), access::kControlAccess, guids::kEnroll);
  EXPECT_REFUSED(user, kSubjectDns, CERTSRV_E_SUBJECT_DNS_REQUIRED);
}

TEST(DirectorySubject, DomainNames) {
  PolicyCase request;
  set_names(request, {NameFlag::subject_require_common_name, NameFlag::subject_alt_require_domain_dns});
  const auto names = request.issued().subject_alt_names();
  ASSERT_EQ(names.size(), 2U);
  EXPECT_EQ(to_string(names[0]), "DNS=contoso.com");
  EXPECT_EQ(to_string(names[1]), "DNS=CONTOSO");
}

TEST(DirectorySubject, IgnoresNamesOfTheRequest) {
  PolicyCase request;
  request.subject = "CN=Administrator";
  request.extensions = {san_extension({upn_name("administrator@contoso.com")})};
  EXPECT_EQ(request.issued().upn(), "jane@contoso.com");
}

TEST(SanAttribute, NeedsTheFlagAndThenReplacesAnyAlternativeName) {
  PolicyCase request;
  request.attributes += "\nSAN:upn=administrator@contoso.com";
  EXPECT_STEP(request, kSubjectAltName, not_applicable);
  EXPECT_EQ(request.issued().upn(), "jane@contoso.com");
  request.config.EditFlags |= editf::kAttributeSubjectAltName2;
  EXPECT_STEP(request, kSubjectAltName, warn);
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.upn(), "administrator@contoso.com");
  EXPECT_EQ(certificate.sid(), request.account.sid);  // the real requester's, on an updated CA
  request.attributes = "CertificateTemplate:User\nSAN:nonsense";
  EXPECT_REFUSED(request, kSubjectAltName, ERROR_INVALID_DATA);
}

TEST(SuppliedSubject, NeedsSubjectOrAlternativeName) {
  PolicyCase request;
  request.supply();
  EXPECT_REFUSED(request, kSubjectSupplied, CERTSRV_E_BAD_REQUESTSUBJECT);
  request.extensions = {san_extension({upn_name("a@b")})};
  EXPECT_STEP(request, kSubjectSupplied, pass);
  EXPECT_TRUE(request.issued().extension(oids::kSubjectAltName)->critical);
  request.extensions.clear();
  request.subject = "CN=device";
  EXPECT_STEP(request, kSubjectSupplied, pass);
  EXPECT_TRUE(request.issued().subject_alt_names().empty());
}

TEST(SuppliedSubject, MalformedAlternativeName) {
  PolicyCase request;
  request.supply();
  request.subject = "CN=device";
  request.extensions = {{oids::kSubjectAltName, false, {0x30, 0x05}}};
  EXPECT_REFUSED(request, kSubjectAltName, CERTSRV_E_BAD_REQUESTSUBJECT);
  request.extensions = {san_extension({upn_name("a@b")})};
  EXPECT_STEP(request, kSubjectAltName, pass);
}

TEST(SuppliedSubject, IsOrderedAndFilteredBySubjectTemplate) {
  PolicyCase request;
  request.supply();
  // RFC 4514 text, leaf first: encoded order is CN, serialNumber, O, DC, C.
  request.subject = "C=DE,DC=contoso,O=Contoso,serialNumber=7,CN=device";
  EXPECT_STEP(request, kSubjectTemplate, warn);
  EXPECT_EQ(request.issued().subject().to_alt_security(), "C=DE,DC=contoso,O=Contoso,CN=device");
  request.config.SubjectTemplate.emplace_back("DeviceSerialNumber");
  EXPECT_STEP(request, kSubjectTemplate, pass);
  request.config.SubjectTemplate = {""};
  EXPECT_EQ(request.issued().subject(), must(Name::parse_rfc4514(request.subject)));
  request.config.SubjectTemplate = {"Country"};
  request.subject = "CN=device";
  EXPECT_REFUSED(request, kSubjectSupplied, CERTSRV_E_BAD_REQUESTSUBJECT);
}

TEST(SuppliedSubject, KeepsTheOrderOfEqualTypes) {
  const Name name = must(Name::parse_rfc4514("CN=x+OU=c,OU=b,OU=a,DC=contoso,DC=com"));
  std::vector<std::string> dropped;
  const Name ordered =
      apply_subject_template(name, default_config(CaType::enterprise_sub, kTestDomain).SubjectTemplate, &dropped);
  EXPECT_EQ(ordered.to_alt_security(), "DC=com,DC=contoso,OU=a,OU=b,OU=c,CN=x");
  EXPECT_TRUE(dropped.empty());
}

TEST(SuppliedSubject, Lengths) {
  PolicyCase request;
  request.supply();
  request.subject = "CN=" + std::string(64, 'x');
  EXPECT_STEP(request, kSubjectLengths, pass);
  std::string umlauts;
  for (int i = 0; i < 64; ++i) umlauts += "\xC3\xBC";
  request.subject = "CN=" + umlauts;  // characters count, not octets
  EXPECT_STEP(request, kSubjectLengths, pass);
  request.subject = "CN=" + std::string(65, 'x');
  EXPECT_REFUSED(request, kSubjectLengths, CERTSRV_E_BAD_REQUESTSUBJECT);
  request.config.EnforceX500NameLengths = false;
  EXPECT_STEP(request, kSubjectLengths, not_applicable);
}

}  // namespace
}  // namespace mimica::ca
