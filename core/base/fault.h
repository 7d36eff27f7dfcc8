// Codes, faults and results.
//
// Three different things are kept apart (docs/architecture.md): a Decision answered yes or no (core/base/decision.h), a
// Fault means the question could not be answered (bad bytes, directory down, disk full), and a broken invariant is our
// own bug.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/assertion.h"

namespace mimica {

// The three code spaces. They never mix: HRESULT belongs to ca and templates, Kerberos to kdc, LDAP to ldap.
// The enumerators and their texts are generated from core/codes/*.def, one file per space.
enum class HResult : std::uint32_t {
#define MIMICA_CODE(name, value, text) name = value,
#include "core/base/codes/hresult.def"
#undef MIMICA_CODE
};
enum class KrbError : std::int32_t {
#define MIMICA_CODE(name, value, text) name = value,
#include "core/base/codes/kerberos.def"
#undef MIMICA_CODE
};
enum class LdapCode : std::int32_t {
#define MIMICA_CODE(name, value, text) name = value,
#include "core/base/codes/ldap.def"
#undef MIMICA_CODE
};

// monostate: the fault has no protocol code of its own (for example a syntax error in a scenario).
using Code = std::variant<std::monostate, HResult, KrbError, LdapCode>;

// Wire spelling, e.g. "CERTSRV_E_TEMPLATE_DENIED"; for a value outside the table the number in the space's usual form.
std::string symbol(Code code);
// The explanation of the code, e.g. "The permissions on the certificate template do not allow …"; empty if unknown.
std::string_view sentence(Code code);
// Symbol and number: "CERTSRV_E_TEMPLATE_DENIED (0x80094012)", "KDC_ERR_CERTIFICATE_MISMATCH (66)". Empty for
// monostate.
std::string describe(Code code);
// The number in the space's usual form: "0x80094012", "66"; empty for monostate.
std::string number(Code code);
// Inverse of symbol() and number(): takes "CERTSRV_E_TEMPLATE_DENIED", "0x80094012" or "KDC_ERR_CERTIFICATE_MISMATCH".
std::optional<Code> code_named(std::string_view text);

struct CodeEntry {
  Code code;
  std::string_view name;
  std::string_view text;
};
// Every known code of every space, in table order (docs/errors.md is generated from it).
std::span<const CodeEntry> all_codes();

// Position in outside input. Lines and columns start at 1; 0 means unknown. `offset` counts octets from 0.
struct Where {
  std::string source;  // file name, "request", "profile contoso.json", ...
  int line = 0;
  int column = 0;
  std::optional<std::size_t> offset;
  bool operator==(const Where&) const = default;
};

// "file.yaml:12:5", "request, offset 17", or empty.
std::string describe(const Where& where);

struct Rule;  // core/base/decision.h

struct Fault {
  Code code;
  std::string what;  // one sentence, lower-case start, no final full stop
  Where where;
  std::string hint;            // how to repair it; may be empty
  const Rule* rule = nullptr;  // of a refusal that comes as a Fault: the check that decided it

  // "scenario.yaml:12:5: unknown key 'expct' [E_INVALIDARG (0x80070057)]\n  hint: did you mean 'expect'?"
  std::string describe() const;
};

inline Fault fault(Code code, std::string what, Where where = {}, std::string hint = {}) {
  return Fault{code, std::move(what), std::move(where), std::move(hint)};
}
inline Fault fault(std::string what, Where where = {}, std::string hint = {}) {
  return Fault{{}, std::move(what), std::move(where), std::move(hint)};
}

// std::expected's spelling for the part of it that the project uses (C++20 has none).
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Fault error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return MIMICA_ASSERT(has_value()), std::get<0>(state_); }
  const T& value() const& { return MIMICA_ASSERT(has_value()), std::get<0>(state_); }
  T&& value() && { return MIMICA_ASSERT(has_value()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Fault& error() & { return MIMICA_ASSERT(!has_value()), std::get<1>(state_); }
  const Fault& error() const& { return MIMICA_ASSERT(!has_value()), std::get<1>(state_); }
  Fault&& error() && { return MIMICA_ASSERT(!has_value()), std::get<1>(std::move(state_)); }
  T value_or(T other) && { return has_value() ? std::get<0>(std::move(state_)) : std::move(other); }

 private:
  std::variant<T, Fault> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Fault error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  Fault& error() & { return MIMICA_ASSERT(error_), *error_; }
  const Fault& error() const& { return MIMICA_ASSERT(error_), *error_; }
  Fault&& error() && { return MIMICA_ASSERT(error_), *std::move(error_); }

 private:
  std::optional<Fault> error_;
};

}  // namespace mimica

// MIMICA_TRY(auto cert, Certificate::parse(der));   returns the Fault, or declares `cert` with the value.
// MIMICA_RETURN_IF_FAULT(directory.add(entry));               the same for Result<void> or a value that is not needed.
#define MIMICA_CONCAT_(a, b) a##b
#define MIMICA_CONCAT(a, b) MIMICA_CONCAT_(a, b)
#define MIMICA_TRY_(tmp, decl, expr)       \
  auto tmp = (expr);                       \
  if (!tmp) return std::move(tmp).error(); \
  decl = *std::move(tmp)
#define MIMICA_TRY(decl, ...) MIMICA_TRY_(MIMICA_CONCAT(mimica_try_, __LINE__), decl, (__VA_ARGS__))
#define MIMICA_RETURN_IF_FAULT(...)                                \
  do {                                                             \
    auto mimica_result_ = (__VA_ARGS__);                           \
    if (!mimica_result_) return std::move(mimica_result_).error(); \
  } while (false)
