// The types that operations and the lab section of a scenario have in common: scalars, and what a lab is made of.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "harness/schema/schema.h"

namespace mimica::harness {

namespace schema {

inline Field field(std::string key, const Type* type, std::string help, std::string fallback = {}) {
  return {std::move(key), type, std::move(help), false, false, std::move(fallback)};
}
inline Field needed(std::string key, const Type* type, std::string help) {
  return {std::move(key), type, std::move(help), true, false, {}};
}
inline Field verb(std::string key, const Type* type, std::string help) {
  return {std::move(key), type, std::move(help), false, true, {}};
}

}  // namespace schema

struct CommonTypes {
  using Type = schema::Type;
  const Type *text{}, *boolean{}, *time{}, *duration{}, *code{}, *rule{}, *json{}, *texts{}, *none{};
  const Type *user{}, *group{}, *computer{}, *device{}, *profile{}, *connector{}, *certificate_template{}, *policy{},
      *grant{};
};

// Owns the types it makes.
class Vocabulary : public CommonTypes {
 public:
  using Field = schema::Field;

  Vocabulary();
  // Knows the types of `base` and adds its own; `base` outlives it.
  Vocabulary(const Vocabulary& base);
  Vocabulary& operator=(const Vocabulary&) = delete;

  Type* make(schema::Kind kind);
  Type* object(std::string name, std::string help, std::vector<Field> fields, std::string example = {});
  const Type* list(const Type* item);
  const Type* map(const Type* item);
  const Type* choice(std::vector<schema::Choice> values, std::string name = {});
  const Type* any_of(std::vector<const Type*> alternatives, std::string example = {});
  const Type* number(std::int64_t low, std::int64_t high);
  std::vector<Field> template_fields();  // the settings of a certificate template

 private:
  void scalars();
  void people();
  void machines();
  void authority();

  std::deque<Type> types_;
};

}  // namespace mimica::harness
