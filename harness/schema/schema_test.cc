#include "harness/schema/schema.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "core/pki/testing/pki_test.h"
#include "harness/io/scenario_files.h"
#include "harness/rules_registry.h"
#include "harness/scenario/language.h"

namespace mimica::harness {
namespace {

TEST(Schema, ShippedFilesAreWhatTheTableSays) {
  EXPECT_EQ(pki::read_file(MIMICA_SOURCE_DIR "/scenarios/schema.json"), scenario_json_schema()) << "run: ./dev docs";
  EXPECT_EQ(pki::read_file(MIMICA_SOURCE_DIR "/docs/scenarios.md"), scenario_reference()) << "run: ./dev docs";
}

TEST(Schema, EveryReferenceInTheJsonSchemaResolves) {
  const std::string text = scenario_json_schema();
  const boost::json::value root = boost::json::parse(text);
  const auto& definitions = root.at("definitions").as_object();
  for (std::size_t at = text.find("#/definitions/"); at != std::string::npos;
       at = text.find("#/definitions/", at + 1)) {
    const std::size_t begin = at + 14;
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(definitions.contains(name)) << name;
  }
}

TEST(Schema, ShippedScenariosLoad) {
  auto files = scenario_files({MIMICA_SOURCE_DIR "/scenarios"});
  ASSERT_TRUE(files) << files.error().describe();
  for (const std::string& file : *files) {
    const LoadedScenarios loaded = load_scenario_file(file);
    for (const Fault& fault : loaded.faults) ADD_FAILURE() << fault.describe();
    EXPECT_FALSE(loaded.cases.empty()) << file;
  }
}

// An independent validator over the shipped scenarios: what the loader accepts, editors must accept too.
TEST(Schema, JsonSchemaAcceptsTheShippedScenarios) {
  const pki::TemporaryFolder folder;
  pki::write_file(folder / "check.py", as_bytes(R"(import sys, json, pathlib
try:
    import jsonschema, yaml
except ImportError:
    sys.exit(77)
class Loader(yaml.SafeLoader):
    pass
# YAML 1.2, as editors read it: no timestamps, and neither 'on' nor 'yes' is a boolean.
Loader.yaml_implicit_resolvers = {
    k: [r for r in v if r[0] != 'tag:yaml.org,2002:timestamp' and (r[0] != 'tag:yaml.org,2002:bool' or k in 'tf')]
    for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
root = pathlib.Path(sys.argv[1])
schema = json.loads((root / 'schema.json').read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
bad = 0
for file in sorted(root.rglob('*.yaml')):
    for error in validator.iter_errors(yaml.load(file.read_text(), Loader)):
        bad = 1
        print(file, list(error.absolute_path), error.message[:200])
sys.exit(bad)
)"));
  const pki::Run run = pki::run_in(folder, "/usr/bin/python3 check.py '" MIMICA_SOURCE_DIR "/scenarios'");
  if (run.status == 77 || run.status == 127) GTEST_SKIP() << "python3 with jsonschema and yaml is not here";
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Rules, IdsAreUniqueAndWellFormed) {
  std::set<std::string_view> seen;
  for (const RuleGroup& group : rule_groups()) {
    for (const Rule* rule : group.rules) {
      EXPECT_TRUE(seen.insert(rule->id).second) << rule->id << " is there twice";
      // What audit/ finds is named after what it judges.
      const std::string_view folder = rule->id.substr(0, rule->id.find('.'));
      const bool fits = group.folder == "audit" ? folder == "templates" || folder == "ca" : folder == group.folder;
      EXPECT_TRUE(fits) << rule->id;
      EXPECT_FALSE(rule->title.empty()) << rule->id;
      EXPECT_FALSE(rule->citation.empty()) << rule->id;
      EXPECT_FALSE(rule->hint.empty()) << rule->id;
      for (const char c : rule->id)
        EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-') << rule->id;
    }
  }
  EXPECT_EQ(seen.size(), all_rules().size());
}

TEST(Rules, MarkdownNamesEveryRuleAndCode) {
  const std::string rules = rules_markdown();
  for (const std::string& id : all_rule_ids()) EXPECT_NE(rules.find("`" + id + "`"), std::string::npos) << id;
  const std::string errors = errors_markdown();
  for (const CodeEntry& entry : all_codes())
    EXPECT_NE(errors.find("`" + std::string(entry.name) + "`"), std::string::npos);
}

}  // namespace
}  // namespace mimica::harness
