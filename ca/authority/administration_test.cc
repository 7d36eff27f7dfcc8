#include <gtest/gtest.h>

#include "ca/rules.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

Result<Decision<RegistryChange>> set(TestLab& lab, const char* name, const char* argument, const char* caller = "") {
  const RegistryName parsed = must(parse_registry_name(name));
  return lab.ca->change_registry([&](CaConfig& config) { return change_registry(config, parsed, argument); }, caller);
}

TEST(AuthorityRegistry, NeedsManageCaAndIsAudited) {
  TestLab lab;
  lab.start();
  lab.add_user("jane");
  lab.new_events();
  EXPECT_EQ(must(set(lab, "policy\\EditFlags", "+EDITF_ATTRIBUTEENDDATE", "jane")).rule(), kPermissionManage.id);
  EXPECT_TRUE(lab.new_events().empty());
  EXPECT_EQ(lab.ca->config().EditFlags, editf::kEnterpriseDefault);
  const auto done = must(set(lab, "policy\\EditFlags", "+EDITF_ATTRIBUTEENDDATE"));
  ASSERT_TRUE(done);
  EXPECT_EQ(lab.ca->config().EditFlags, editf::kEnterpriseDefault | editf::kAttributeEndDate);
  const std::vector<Event> events = lab.new_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id(), 4891);
  EXPECT_EQ(events[0]["Node"], "CONTOSO-CA\\PolicyModules\\CertificateAuthority_MicrosoftDefault.Policy");
  EXPECT_EQ(events[0]["Entry"], "EditFlags");
  EXPECT_EQ(events[0]["Value"], std::to_string(editf::kEnterpriseDefault | editf::kAttributeEndDate));
  EXPECT_FALSE(set(lab, "policy\\EditFlags", "+EDITF_NONSENSE"));
  EXPECT_TRUE(lab.new_events().empty());
}

TEST(AuthorityRegistry, SecurityKeepsAnAdministrator) {
  TestLab lab;
  lab.start();
  SecurityDescriptor nobody = lab.ca->config().Security;
  std::erase_if(nobody.dacl->aces, [](const Ace& ace) { return (ace.mask & ca_access::kManageCa) != 0; });
  const auto refused = must(set(lab, "CA\\Security", to_hex(nobody.to_binary()).c_str()));
  EXPECT_EQ(refused.rule(), kSecurityKeepsAdministrator.id);
  EXPECT_EQ(refused.code, Code(HResult::CERTSRV_E_NO_CAADMIN_DEFINED));
  SecurityDescriptor fewer = lab.ca->config().Security;
  fewer.dacl->aces.pop_back();
  EXPECT_TRUE(must(set(lab, "CA\\Security", to_hex(fewer.to_binary()).c_str())));
  EXPECT_EQ(lab.ca->config().Security, fewer);
}

TEST(AuthorityRegistry, ReadingNeedsAnyRight) {
  TestLab lab;
  lab.start();
  lab.add_user("jane");
  EXPECT_TRUE(must(lab.ca->may_read("jane")));  // Authenticated Users may request
  EXPECT_TRUE(must(lab.ca->may_read("")));
  ASSERT_TRUE(must(lab.ca->remove_from_security("Authenticated Users", "")));
  EXPECT_EQ(must(lab.ca->may_read("jane")).rule(), kPermissionRead.id);
  EXPECT_EQ(must(lab.ca->may_read("nobody at all")).rule(), kRequesterKnown.id);
  ASSERT_TRUE(must(lab.ca->set_rights("jane", ca_access::kRead, true, "")));
  EXPECT_TRUE(must(lab.ca->may_read("jane")).trace.has(kPermissionRead.id, Verdict::pass));
}

TEST(AuthorityRegistry, ShowsWhatFollowsFromTheSetup) {
  TestLab lab;
  lab.start();
  const CaConfig config = lab.ca->registry();
  const auto hash = read_registry(config, must(parse_registry_name("CA\\CACertHash")));
  ASSERT_TRUE(hash);
  EXPECT_EQ(from_hex(hash->texts.at(0)), lab.ca->ca_certificate().thumbprint());
  EXPECT_EQ(read_registry(config, must(parse_registry_name("CA\\DSConfigDN")))->texts.at(0),
            "CN=Configuration,DC=contoso,DC=com");
}

}  // namespace
}  // namespace mimica::ca
