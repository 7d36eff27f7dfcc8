// Templates in the embedded directory: what is added is what a CA reads back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"
#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/edit.h"
#include "templates/oid_container.h"

namespace mimica::templates {
namespace {

class TemplatesInDirectory : public testing::Test {
 protected:
  void SetUp() override {
    auto created = ldap::create_forest({}, clock_, entropy_);
    ASSERT_TRUE(created) << created.error().describe();
    dsa_ = *std::move(created);
    directory_ = ldap::in_process(*dsa_, ldap::Caller::system());
    context_ = {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), dsa_->domain_sid()};
  }
  const ldap::NamingContexts& names() const { return dsa_->naming_contexts(); }
  void add(const ldap::Entry& entry) {
    const auto added = directory_->add(entry);
    ASSERT_TRUE(added) << entry.dn() << ": " << added.error().describe();
  }
  CertificateTemplate read(std::string_view cn) {
    auto entry = ldap::read_entry(*directory_, template_dn(cn, names().configuration), {}, true);
    EXPECT_TRUE(entry && *entry) << cn;
    auto value = decode(**entry);
    EXPECT_TRUE(value) << (value ? "" : value.error().describe());
    return *std::move(value);
  }

  SimClock clock_{Timestamp{1767600000}};
  SeededEntropy entropy_{"templates in a directory"};
  std::unique_ptr<ldap::Dsa> dsa_;
  std::unique_ptr<ldap::Directory> directory_;
  CatalogueContext context_;
};

TEST_F(TemplatesInDirectory, TheCatalogueIsReadBackUnchanged) {
  for (const CertificateTemplate& value : built_in_templates(context_)) add(encode(value, names().configuration));
  for (const CertificateTemplate& value : built_in_templates(context_)) {
    CertificateTemplate found = read(value.cn);
    EXPECT_THAT(unrecognised_attributes(found), testing::IsEmpty()) << value.cn;
    found.other.clear();
    EXPECT_EQ(found, value) << value.cn;
  }
  const auto all = directory_->search(
      {names().certificate_templates(), ldap::Scope::one_level, "(objectCategory=pKICertificateTemplate)", {}, true});
  ASSERT_TRUE(all) << all.error().describe();
  EXPECT_EQ(all->size(), 33u);
}

TEST_F(TemplatesInDirectory, ADuplicateAndItsOidAreAddedByAnAdministrator) {
  for (const ldap::Entry& entry : built_in_oid_entries(context_, names().configuration)) add(entry);
  const auto value =
      duplicate(*built_in_template("User", context_), {"Intune PKCS", "", allocate_oid(context_.forest_base, entropy_),
                                                       dsa_->domain_sid().with_rid(rid::kAdministrator)});
  ASSERT_TRUE(value);
  add(oid_entry(*value, names().configuration));
  add(encode(*value, names().configuration));
  CertificateTemplate found = read("IntunePKCS");
  found.other.clear();
  EXPECT_EQ(found, *value);
}

}  // namespace
}  // namespace mimica::templates
