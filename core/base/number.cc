#include "core/base/number.h"

#include <array>

namespace mimica {

Fault not_a_number(std::string_view text, std::string_view what) {
  return fault(HResult::E_INVALIDARG, "'" + std::string(text.substr(0, 80)) + "' is no " + std::string(what));
}

std::string to_0x(std::uint64_t value, int digits) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  const auto length = static_cast<std::size_t>(end - text.data());
  const auto wanted = static_cast<std::size_t>(digits);
  return "0x" + std::string(wanted > length ? wanted - length : 0, '0') + std::string(text.data(), length);
}

}  // namespace mimica
