#include "core/base/fault.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/number.h"

namespace mimica {
namespace {

constexpr CodeEntry kCodes[] = {
#define MIMICA_CODE(name, value, text) {HResult::name, #name, text},
#include "core/base/codes/hresult.def"
#undef MIMICA_CODE
#define MIMICA_CODE(name, value, text) {KrbError::name, #name, text},
#include "core/base/codes/kerberos.def"
#undef MIMICA_CODE
#define MIMICA_CODE(name, value, text) {LdapCode::name, #name, text},
#include "core/base/codes/ldap.def"
#undef MIMICA_CODE
};

const CodeEntry* find(Code code) {
  const auto* at =
      std::find_if(std::begin(kCodes), std::end(kCodes), [&](const CodeEntry& e) { return e.code == code; });
  return at == std::end(kCodes) ? nullptr : at;
}

}  // namespace

std::span<const CodeEntry> all_codes() { return kCodes; }

std::string number(Code code) {
  if (const auto* h = std::get_if<HResult>(&code)) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%08X", static_cast<unsigned>(*h));
    return text;
  }
  if (const auto* k = std::get_if<KrbError>(&code)) return std::to_string(static_cast<int>(*k));
  if (const auto* l = std::get_if<LdapCode>(&code)) return std::to_string(static_cast<int>(*l));
  return {};
}

std::string symbol(Code code) {
  if (const auto* entry = find(code)) return std::string(entry->name);
  return number(code);
}

std::string_view sentence(Code code) {
  const auto* entry = find(code);
  return entry == nullptr ? std::string_view{} : entry->text;
}

std::string describe(Code code) {
  const auto* entry = find(code);
  if (entry == nullptr) return number(code);
  return std::string(entry->name) + " (" + number(code) + ")";
}

std::optional<Code> code_named(std::string_view text) {
  for (const CodeEntry& entry : kCodes)
    if (equals_ignore_case(entry.name, text)) return entry.code;
  if (text.size() == 10 && starts_with_ignore_case(text, "0x"))
    if (const auto value = parse_number<std::uint32_t>(text)) return Code{static_cast<HResult>(*value)};
  return std::nullopt;
}

std::string describe(const Where& where) {
  std::string out = where.source;
  if (where.line > 0) {
    out += (out.empty() ? "line " : ":") + std::to_string(where.line);
    if (where.column > 0) out += ":" + std::to_string(where.column);
  } else if (where.offset) {
    out += (out.empty() ? "offset " : ", offset ") + std::to_string(*where.offset);
  }
  return out;
}

std::string Fault::describe() const {
  std::string out = mimica::describe(where);
  if (!out.empty()) out += ": ";
  out += what;
  if (const std::string c = mimica::describe(code); !c.empty()) out += " [" + c + "]";
  if (!hint.empty()) out += "\n  hint: " + hint;
  return out;
}

}  // namespace mimica
