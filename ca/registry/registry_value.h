// A value of the Windows registry, of the types that a certification authority's configuration uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"

namespace mimica::ca {

struct RegistryValue {
  enum class Type { sz = 1, binary = 3, dword = 4, multi_sz = 7 };  // winnt.h REG_*
  Type type = Type::dword;
  std::uint32_t number = 0;        // dword
  std::vector<std::string> texts;  // sz: one; multi_sz: any number
  Bytes bytes;                     // binary

  static RegistryValue of(std::uint32_t value) { return {Type::dword, value, {}, {}}; }
  static RegistryValue of(std::string value) { return {Type::sz, 0, {std::move(value)}, {}}; }
  static RegistryValue of(std::vector<std::string> values) { return {Type::multi_sz, 0, std::move(values), {}}; }
  static RegistryValue of(Bytes value) { return {Type::binary, 0, {}, std::move(value)}; }
  bool operator==(const RegistryValue&) const = default;
};
std::string_view to_string(RegistryValue::Type type);  // "REG_DWORD"

}  // namespace mimica::ca
