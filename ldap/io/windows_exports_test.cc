// Real exports of Windows forests against the embedded directory. They lie outside the project: MIMICA_SHARED_DATA
// names their folder.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/asn1/name.h"
#include "ldap/store/ldif.h"
#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::code_of;
using testing::Forest;

class WindowsExports : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MIMICA_SHARED_DATA");
    if (folder == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
    folder_ = std::string(folder) + "/windows-exports/";
  }
  std::string text(const std::string& name) const {
    std::ifstream in(folder_ + name, std::ios::binary);
    EXPECT_TRUE(in.good()) << folder_ + name;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<LdifRecord> read(const std::string& name) const {
    auto records = parse_ldif(text(name), name);
    EXPECT_TRUE(records) << (records ? "" : records.error().describe());
    return records ? *std::move(records) : std::vector<LdifRecord>{};
  }
  // The domain whose Enterprise Admins own the templates.
  static Sid domain_of(const std::vector<LdifRecord>& records) {
    const auto sd = SecurityDescriptor::from_binary(as_bytes(records.front().entry.first("nTSecurityDescriptor")));
    return sd && sd->owner ? sd->owner->domain() : Sid{};
  }
  static std::vector<std::string> sorted(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    return values;
  }

  std::string folder_;
};

TEST_F(WindowsExports, DefaultTemplatesLoadAsTheyAre) {
  const auto records = read("ws2016-default-templates.ldif");
  ASSERT_EQ(records.size(), 34U);
  Forest forest({.dns_name = "dom.local", .netbios_name = "DOM", .dc_host = "DC1", .domain_sid = domain_of(records)});
  EXPECT_OK(apply_ldif(*forest.system, records));
  for (const LdifRecord& record : records) {
    const auto stored = read_entry(*forest.admin, record.entry.dn(), {}, true);
    ASSERT_TRUE(stored && *stored) << record.entry.dn();
    for (const Attribute& attribute : record.entry.attributes())
      EXPECT_EQ((*stored)->values(attribute.name), attribute.values) << record.entry.dn() << " " << attribute.name;
  }
  EXPECT_EQ(forest.find("(objectCategory=pKICertificateTemplate)", {"cn"}, forest.contexts.configuration).size(), 33U);
  EXPECT_EQ(forest.find("(objectCategory=pKIEnrollmentService)", {"cn"}, forest.contexts.configuration).size(), 1U);
}

TEST_F(WindowsExports, DefaultTemplatesMoveToAnotherForest) {
  const auto records = read("ws2016-default-templates.ldif");
  Forest forest;
  const auto moved =
      rebase(records, {"DC=dom,DC=local", forest.contexts.domain, domain_of(records), forest.dsa->domain_sid()});
  EXPECT_OK(apply_ldif(*forest.system, moved));
  const auto user = read_entry(*forest.admin, "CN=User," + forest.contexts.certificate_templates(), {}, true);
  ASSERT_TRUE(user && *user);
  const auto sd = SecurityDescriptor::from_binary(as_bytes((*user)->first("nTSecurityDescriptor")));
  ASSERT_TRUE(sd);
  EXPECT_EQ(sd->owner, forest.dsa->domain_sid().with_rid(rid::kEnterpriseAdmins));
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane"}));
  EXPECT_TRUE(check_access(*sd, forest.as("jane").token, access::kControlAccess, guids::kEnroll).granted);
  EXPECT_FALSE(check_access(*sd, forest.as("jane").token, access::kControlAccess, guids::kAutoEnroll).granted);
}

TEST_F(WindowsExports, TemplateScriptsLoadWithTheirPlaceholder) {
  Forest forest;
  for (const std::string name : {"tamemycerts-templates.ldf", "tamemycerts-specialchars.ldf"}) {
    const auto records = rebase(read(name), {"{ConfigNC}", forest.contexts.configuration});
    EXPECT_OK(apply_ldif(*forest.admin, records));
  }
  const auto ndes = rebase(read("ndes-templates.ldif"), {"{ConfigNC}", forest.contexts.configuration});
  ASSERT_EQ(ndes.size(), 2U);
  EXPECT_EQ(code_of(apply_ldif(*forest.admin, ndes)), LdapCode::constraintViolation);  // it carries uSNCreated
  EXPECT_OK(apply_ldif(*forest.system, ndes));
  EXPECT_EQ(forest.find("(objectCategory=pKICertificateTemplate)", {}, forest.contexts.configuration).size(), 8U);
  EXPECT_EQ(
      forest.find("(cn=SpecialChars_\xC3\x9C\xC3\xB6\xC3\xA4\xC3\x9F/&|\\28\\29.)", {}, forest.contexts.configuration)
          .size(),
      1U);
}

TEST_F(WindowsExports, LdapsearchOutputReads) {
  const auto records = read("ldapsearch-webserver.ldif");
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records.front().entry.first("cn"), "WebServer");
}

// The writes of a real CA installation, in order: the embedded directory answers each with the code that the domain
// controller gave, and what it stores then has the security descriptors that the domain controller stored.
TEST_F(WindowsExports, ACaInstallationIsAnsweredAsByADomainController) {
  const std::string writes = text("ws2016-ca-install-writes.ldif");
  const auto records = read("ws2016-ca-install-writes.ldif");
  const auto expected_entries = read("ws2016-default-templates.ldif");
  ASSERT_EQ(records.size(), 85U);
  std::vector<int> expected;
  for (const std::string_view line : split(writes, '\n'))
    if (line.starts_with("# t="))
      expected.push_back(std::atoi(std::string(line.substr(line.find("result: ") + 8)).c_str()));
  ASSERT_EQ(expected.size(), records.size());

  const Sid domain = domain_of(expected_entries);
  Forest forest({.dns_name = "dom.local", .netbios_name = "DOM", .dc_host = "DC1", .domain_sid = domain});
  Entry computer("CN=ADCS,CN=Computers,DC=dom,DC=local");
  computer.set("objectClass", "computer");
  computer.set("sAMAccountName", "ADCS$");
  computer.set("userAccountControl", "4096");
  computer.set("objectSid", BytesView(domain.with_rid(1109).to_binary()));
  EXPECT_OK(forest.system->add(computer));
  // The CA's ticket is older than its membership in Cert Publishers.
  auto service = in_process(*forest.dsa, forest.as("ADCS$"));
  for (std::size_t i = 0; i < records.size(); ++i) {
    Directory& directory = i + 1 == records.size() ? *service : *forest.admin;
    const auto done = apply_ldif(directory, {records[i]});
    EXPECT_EQ(static_cast<int>(code_of(done)), expected[i])
        << records[i].entry.dn() << (done ? "" : done.error().describe());
  }
  for (const LdifRecord& record : expected_entries) {
    const auto stored = read_entry(*forest.admin, record.entry.dn(), {}, true);
    ASSERT_TRUE(stored && *stored) << record.entry.dn();
    for (const Attribute& attribute : record.entry.attributes()) {
      if (attribute.name == "objectGUID" || attribute.name == "whenCreated") continue;
      EXPECT_EQ(sorted((*stored)->values(attribute.name)), sorted(attribute.values))
          << record.entry.dn() << " " << attribute.name;
    }
  }
}

}  // namespace
}  // namespace mimica::ldap
