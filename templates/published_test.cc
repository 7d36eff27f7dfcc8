#include "templates/published.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimica::templates {
namespace {

using testing::HasSubstr;

std::vector<CertificateTemplate> templates() {
  std::vector<CertificateTemplate> all(3);
  all[0].cn = "User";
  all[0].display_name = "User";
  all[1].cn = "IntunePKCS";
  all[1].display_name = "Intune PKCS";
  all[1].schema_version = 2;
  all[1].oid = Oid("1.2.3.4");
  all[1].set_compatibility(3, 3);
  all[2].cn = "Future";
  all[2].display_name = "Future";
  all[2].schema_version = 5;
  return all;
}
Decision<CertificateTemplate> decide(std::string_view name, int ca_version = 6) {
  return decide_published(name, templates(), {"CONTOSO-CA", {"intunepkcs", "Future"}, ca_version});
}

TEST(Published, FindsByNameWithoutCaseAndByOid) {
  const auto by_name = decide("INTUNEPKCS");
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name.granted->cn, "IntunePKCS");
  for (const char* id : {"templates.catalog.exists", "templates.catalog.schema", "templates.catalog.published",
                         "templates.catalog.ca_version"}) {
    EXPECT_TRUE(by_name.trace.has(id, Verdict::pass)) << id;
  }
  EXPECT_TRUE(decide("1.2.3.4"));
  EXPECT_FALSE(decide(""));
}

TEST(Published, RefusesAnUnknownName) {
  const auto decision = decide("NoSuchTemplate");
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(decision.rule(), "templates.catalog.exists");
}

TEST(Published, RecognisesADisplayName) {
  const auto decision = decide("Intune PKCS");
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(decision.rule(), "templates.catalog.exists");
  EXPECT_THAT(decision.trace.deciding()->facts, testing::Contains(Fact{"template name", "IntunePKCS"}));
  EXPECT_THAT(decision.trace.deciding()->hint, HasSubstr("\"IntunePKCS\""));
  EXPECT_THAT(decide("Us er").trace.deciding()->facts, testing::Contains(Fact{"template name", "User"}));
}

TEST(Published, RefusesWhatTheCaDoesNotPublish) {
  const auto decision = decide("User");
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(decision.rule(), "templates.catalog.published");
}

TEST(Published, RefusesAnUnknownSchemaVersion) {
  const auto decision = decide("Future");
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(decision.rule(), "templates.catalog.schema");
}

TEST(Published, RefusesATemplateForANewerCa) {
  const auto decision = decide("IntunePKCS", 2);
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(decision.rule(), "templates.catalog.ca_version");
}

}  // namespace
}  // namespace mimica::templates
