// Profile files: the samples that the project ships, and recorded answers of Microsoft Graph in the folder that
// MIMICA_SHARED_DATA names.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "connector/profile/profile_reader.h"
#include "connector/tenant/validate.h"
#include "core/pki/certificate.h"

namespace mimica::connector {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Parses, exports, compares as JSON values.
void expect_round_trip(const std::string& text, const std::string& name) {
  const auto profile = parse_profile(text, name);
  ASSERT_TRUE(profile) << profile.error().describe();
  EXPECT_EQ(json::parse(to_json(*profile)), json::parse(text)) << name;
  EXPECT_EQ(json::parse(to_json(*profile, false)), json::parse(text)) << name;
}

TEST(ProfileSamples, ShippedProfilesRoundTripAndMayBeSaved) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(MIMICA_SOURCE_DIR) / "scenarios" / "profiles")) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = read_text(entry.path());
    expect_round_trip(text, entry.path().filename().string());
    const Profile profile = *parse_profile(text);
    const Decision<Unit> decision = may_save(profile);
    EXPECT_TRUE(decision) << entry.path() << "\n" << explain(decision.trace);
    EXPECT_FALSE(has_errors(import_findings(profile)));
    if (profile.kind == ProfileKind::trusted_root) {
      EXPECT_TRUE(profile.trusted_root()->certificate.empty());  // stands for the root of the lab
    }
    ++count;
  }
  EXPECT_EQ(count, 17);
}

TEST(ProfileSamples, RecordedGraphAnswersLoadAsTheyAre) {
  const char* shared = std::getenv("MIMICA_SHARED_DATA");
  if (shared == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
  const fs::path folder = fs::path(shared) / "intune-exports";
  int pkcs = 0, roots = 0, scep = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = entry.path().filename().string();
    const std::string text = read_text(entry.path());
    expect_round_trip(text, name);
    const Profile profile = *parse_profile(text, name);
    if (profile.kind == ProfileKind::pkcs) ++pkcs;
    if (profile.kind == ProfileKind::trusted_root) ++roots;
    if (profile.kind == ProfileKind::scep) {
      ++scep;
      EXPECT_EQ(profile.type, nullptr);
      const Findings findings = import_findings(profile);
      ASSERT_NE(find(findings, "connector.profile.kind"), nullptr);
    } else {
      for (const Finding& finding : validate(profile))
        EXPECT_NE(finding.severity, Severity::error) << name << " " << describe(finding);
    }
    if (profile.kind == ProfileKind::trusted_root) {
      EXPECT_TRUE(Certificate::parse(profile.trusted_root()->certificate)) << name;
    }
  }
  EXPECT_EQ(pkcs, 7);
  EXPECT_EQ(roots, 6);
  EXPECT_EQ(scep, 2);
}

}  // namespace
}  // namespace mimica::connector
