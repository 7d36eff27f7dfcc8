#include "harness/operations/session.h"

namespace mimica::harness {
namespace {

Fault unknown_operation(std::string_view key) {
  std::vector<std::string> keys;
  for (const Operation& operation : operations()) keys.emplace_back(operation.key);
  const std::string near = nearest(std::string(key), keys);
  return fault("no operation is called '" + std::string(key) + "'", {},
               near.empty() ? "docs/scenarios.md lists them as the verbs of a step" : "did you mean '" + near + "'?");
}

Fault all_in_one(const std::vector<Fault>& faults) {
  Fault first = faults.front();
  for (std::size_t i = 1; i < faults.size(); ++i) first.hint += "\n" + faults[i].describe();
  return first;
}

Result<Action> read_operation(const Operation& operation, std::string_view fields, const FileReader& read_file) {
  const std::string source(operation.key);
  MIMICA_TRY(const YamlNode tree, parse_yaml(fields, source));
  std::vector<Fault> faults;
  schema::check(tree, *operation.type, source, {}, faults);
  if (!faults.empty()) return all_in_one(faults);
  OperationReader reader(source, read_file, false, faults);
  Action action = operation.read(reader, schema::View(&tree, operation.type));
  if (!faults.empty()) return all_in_one(faults);
  return action;
}

}  // namespace

Result<Report> OperationSession::run(Lab& lab, std::string_view key, std::string_view fields, const std::string& id,
                                     const FileReader& read_file) {
  const Operation* operation = operation_named(key);
  if (operation == nullptr) return unknown_operation(key);
  MIMICA_TRY(const Action action, read_operation(*operation, fields, read_file));
  auto answer = action.run(lab, earlier_);
  if (auto broken = earlier_.take_broken()) return fault(*std::move(broken));
  if (!answer) return answer;
  for (const Mismatch& missed : action.judge(*answer)) {
    answer->outcome = Outcome::failed;
    answer->message = missed.what + ": wanted " + missed.wanted + ", found " + missed.found;
  }
  if (!id.empty()) earlier_.keep(id, *answer, answer->ok());
  return answer;
}

}  // namespace mimica::harness
