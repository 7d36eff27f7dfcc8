// Real exports, read from the folder that MIMICA_SHARED_DATA names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "ldap/store/ldif.h"
#include "templates/catalogue.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

constexpr std::string_view kRealConfiguration = "CN=Configuration,DC=dom,DC=local";

class RealExport : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("MIMICA_SHARED_DATA") == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
  }

  static std::vector<ldap::Entry> read(const std::string& name) {
    const std::string path = std::string(std::getenv("MIMICA_SHARED_DATA")) + "/windows-exports/" + name;
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    std::string text((std::istreambuf_iterator<char>(in)), {});
    // ldapsearch ends its output with a record-like block that is not LDIF.
    text.resize(std::min(text.size(), text.find("# search result")));
    for (std::size_t at = 0; (at = text.find("{ConfigNC}", at)) != std::string::npos;) {
      text.replace(at, 10, kRealConfiguration);
    }
    const auto records = ldap::parse_ldif(text, name);
    EXPECT_TRUE(records) << records.error().describe();
    std::vector<ldap::Entry> entries;
    if (!records) return entries;
    for (const ldap::LdifRecord& record : *records) entries.push_back(record.entry);
    return entries;
  }
  static std::vector<ldap::Entry> templates_of(const std::string& name) {
    std::vector<ldap::Entry> entries = read(name);
    std::erase_if(entries, [](const ldap::Entry& entry) { return !entry.is_a("pKICertificateTemplate"); });
    return entries;
  }
};

void expect_same_attributes(const ldap::Entry& found, const ldap::Entry& expected) {
  EXPECT_EQ(found.attributes().size(), expected.attributes().size()) << expected.dn();
  for (const ldap::Attribute& attribute : expected.attributes()) {
    EXPECT_EQ(found.values(attribute.name), attribute.values) << expected.dn() << ' ' << attribute.name;
  }
}

TEST_F(RealExport, EveryDescriptorKeepsItsOctetsAndItsOrder) {
  const auto entries = templates_of("ws2016-default-templates.ldif");
  ASSERT_EQ(entries.size(), 33u);
  for (const ldap::Entry& entry : entries) {
    const std::string octets(entry.first("nTSecurityDescriptor"));
    auto sd = SecurityDescriptor::from_binary(as_bytes(octets));
    ASSERT_TRUE(sd) << entry.dn();
    EXPECT_EQ(to_hex(sd->to_binary()), to_hex(as_bytes(octets))) << entry.dn();
    sort_as_directory(*sd->dacl);
    EXPECT_EQ(to_hex(sd->to_binary()), to_hex(as_bytes(octets))) << entry.dn();
  }
}

TEST_F(RealExport, EveryAttributeOfTheDefaultTemplatesRoundTrips) {
  for (const ldap::Entry& entry : templates_of("ws2016-default-templates.ldif")) {
    const auto value = templates::decode(entry);
    ASSERT_TRUE(value) << value.error().describe();
    EXPECT_THAT(unrecognised_attributes(*value), testing::IsEmpty()) << entry.dn();
    const ldap::Entry again = encode(*value, kRealConfiguration);
    EXPECT_EQ(again.dn(), entry.dn());
    expect_same_attributes(again, entry);
  }
}

TEST_F(RealExport, TheCatalogueEqualsTheDefaultTemplates) {
  const templates::CatalogueContext context{Oid("1.3.6.1.4.1.311.21.8.14022710.8053821.4148415.11041814.15190471.213"),
                                            *Sid::parse("S-1-5-21-1047456448-2337630968-2720937775")};
  const std::vector<templates::CertificateTemplate> catalogue = built_in_templates(context);
  const auto entries = templates_of("ws2016-default-templates.ldif");
  ASSERT_EQ(entries.size(), catalogue.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto real = templates::decode(entries[i]);
    ASSERT_TRUE(real);
    for (const ldap::Attribute& attribute : real->other) {
      EXPECT_THAT(attribute.name, testing::AnyOf("distinguishedName", "whenCreated", "objectGUID"));
    }
    // The rest of the object, attribute by attribute, and the value as a whole.
    const ldap::Entry mine = encode(catalogue[i], kRealConfiguration);
    EXPECT_EQ(mine.attributes().size() + real->other.size(), entries[i].attributes().size()) << entries[i].dn();
    for (const ldap::Attribute& attribute : mine.attributes()) {
      EXPECT_EQ(attribute.values, entries[i].values(attribute.name)) << entries[i].dn() << ' ' << attribute.name;
    }
    real->other.clear();
    EXPECT_EQ(*real, catalogue[i]) << entries[i].dn();
  }
}

TEST_F(RealExport, TheDefaultPublicationEqualsTheRealCa) {
  const auto entries = read("ws2016-default-templates.ldif");
  const auto service = std::find_if(entries.begin(), entries.end(),
                                    [](const ldap::Entry& entry) { return entry.is_a("pKIEnrollmentService"); });
  ASSERT_NE(service, entries.end());
  const auto published = templates::published_by_default();
  EXPECT_EQ(service->values("certificateTemplates"), std::vector<std::string>(published.begin(), published.end()));
}

TEST_F(RealExport, OtherPeoplesTemplatesLoadAsTheyAre) {
  for (const char* name : {"tamemycerts-templates.ldf", "tamemycerts-specialchars.ldf", "ndes-templates.ldif",
                           "ldapsearch-webserver.ldif"}) {
    const auto entries = templates_of(name);
    EXPECT_FALSE(entries.empty()) << name;
    for (const ldap::Entry& entry : entries) {
      const auto value = templates::decode(entry);
      ASSERT_TRUE(value) << name << ": " << value.error().describe();
      EXPECT_THAT(unrecognised_attributes(*value), testing::IsEmpty()) << entry.dn();
      const ldap::Entry again = encode(*value, kRealConfiguration);
      for (const ldap::Attribute& attribute : entry.attributes()) {
        if (attribute.name == "objectCategory") continue;  // names the exporting forest
        EXPECT_EQ(again.values(attribute.name), attribute.values) << entry.dn() << ' ' << attribute.name;
      }
    }
  }
}

TEST_F(RealExport, TheOidObjectsEqualThoseThatSetupWrites) {
  const templates::CatalogueContext context{Oid("1.3.6.1.4.1.311.21.8.14022710.8053821.4148415.11041814.15190471.213"),
                                            *Sid::parse("S-1-5-21-1047456448-2337630968-2720937775")};
  std::vector<std::string> written;
  for (const ldap::Entry& entry : read("ws2016-ca-install-writes.ldif")) {
    if (entry.is_a("msPKI-Enterprise-Oid") && entry.has("cn")) written.push_back(entry.dn());
  }
  std::vector<std::string> mine;
  for (const ldap::Entry& entry : built_in_oid_entries(context, kRealConfiguration)) mine.push_back(entry.dn());
  EXPECT_THAT(mine, testing::UnorderedElementsAreArray(written));
}

}  // namespace
}  // namespace mimica::audit
