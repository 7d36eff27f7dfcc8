#include "harness/operations/operation.h"

#include <algorithm>

#include "harness/operations_list.h"

namespace mimica::harness {
namespace {

struct OperationTable {
  OperationTable() {
    for (const auto family : kOperationFamilies)
      for (const Operation& operation : family()) all.push_back(operation);
    std::sort(all.begin(), all.end(), [](const Operation& a, const Operation& b) { return a.place < b.place; });
    for (Operation& operation : all) operation.type = operation.describe(types);
  }
  Vocabulary types;
  std::vector<Operation> all;
};

const OperationTable& operation_table() {
  static const OperationTable instance;
  return instance;
}

}  // namespace

std::span<const Operation> operations() { return operation_table().all; }

const Operation* operation_named(std::string_view key) {
  for (const Operation& operation : operations())
    if (operation.key == key) return &operation;
  return nullptr;
}

const Vocabulary& operation_types() { return operation_table().types; }

Result<Report> report_of(Attempt attempt) {
  if (attempt) return Report{};
  if (attempt.refusal.empty()) return std::move(attempt).error();
  Report report;
  report.outcome = Outcome::refused;
  report.code = attempt.error().code;
  report.message = attempt.error().what;
  report.trace = std::move(attempt.refusal);
  return report;
}

}  // namespace mimica::harness
