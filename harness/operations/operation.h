// Operations: what a scenario step, a Python test or a lab exercise can do to a lab. Each is described once, in a file
// below verbs/: its key, its fields with types and help, how it is read, what it does and what it answers. The scenario
// language, the JSON Schema, the reference and the Python binding are read from the table.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/lab/lab.h"
#include "harness/operations/earlier.h"
#include "harness/operations/vocabulary.h"

namespace mimica::harness {

class OperationReader;

// An expectation that did not hold.
struct Mismatch {
  std::string what;  // "outcome", "certificate.sid", ...
  std::string wanted;
  std::string found;
};

// One operation with its fields, ready to run: any value that has
//   std::string title() const;                              // one line for the timeline
//   Result<Report> run(Lab& lab, const Earlier& earlier) const;
// and, where its fields say what must be found, std::vector<Mismatch> judge(const Report& report) const.
class Action {
 public:
  template <typename Value>
  Action(Value value)
      : model_(std::make_shared<Model<Value>>(std::move(value))) {}  // NOLINT(google-explicit-constructor)

  std::string title() const { return model_->title(); }
  Result<Report> run(Lab& lab, const Earlier& earlier) const { return model_->run(lab, earlier); }
  std::vector<Mismatch> judge(const Report& report) const { return model_->judge(report); }

  // The value, if it is of this type.
  template <typename Value>
  const Value* as() const {
    const auto* model = dynamic_cast<const Model<Value>*>(model_.get());
    return model == nullptr ? nullptr : &model->value;
  }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual std::string title() const = 0;
    virtual Result<Report> run(Lab& lab, const Earlier& earlier) const = 0;
    virtual std::vector<Mismatch> judge(const Report& report) const = 0;
  };
  template <typename Value>
  struct Model final : Concept {
    explicit Model(Value v) : value(std::move(v)) {}
    std::string title() const override { return value.title(); }
    Result<Report> run(Lab& lab, const Earlier& earlier) const override { return value.run(lab, earlier); }
    std::vector<Mismatch> judge([[maybe_unused]] const Report& report) const override {
      if constexpr (requires { value.judge(report); })
        return value.judge(report);
      else
        return {};
    }
    Value value;
  };
  std::shared_ptr<const Concept> model_;
};

struct Operation {
  std::string_view key;
  int place = 0;                                       // where it stands in the reference
  const schema::Type* (*describe)(Vocabulary& types);  // an object type with help and example
  Action (*read)(OperationReader& reader, const schema::View& fields);
  const schema::Type* type = nullptr;  // what `describe` made, in operations()
};

// All of them by place. Every file below verbs/ that is called NAME.cc defines NAME_operations().
std::span<const Operation> operations();
const Operation* operation_named(std::string_view key);
const Vocabulary& operation_types();

// The answer of what yields nothing but success. A party that decided against it has answered: its trace is what an
// expectation sees.
Result<Report> report_of(Attempt attempt);

}  // namespace mimica::harness
