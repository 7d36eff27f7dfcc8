// GUIDs (MS-DTYP 2.3.4): text form is big-endian, the binary form has its first three fields little-endian.
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/entropy.h"
#include "core/base/fault.h"

namespace mimica {

class Guid {
 public:
  Guid() = default;                                  // all zero
  static Result<Guid> parse(std::string_view text);  // with or without braces, any case
  static Result<Guid> from_binary(BytesView sixteen_octets);
  static Guid random(Entropy& entropy);  // version 4
  std::string to_string() const;         // lower case, no braces
  Bytes to_binary() const;
  auto operator<=>(const Guid&) const = default;

 private:
  std::array<std::uint8_t, 16> wire_{};
};

namespace guids {
extern const Guid kEnroll;      // 0e10c968-78fb-11d2-90d4-00c04f79dc55
extern const Guid kAutoEnroll;  // a05b8cc2-17bc-4802-a710-e7c15ab866a2
}  // namespace guids

}  // namespace mimica
