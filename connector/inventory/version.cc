#include "connector/inventory/version.h"

#include "core/base/bytes.h"
#include "core/base/number.h"

namespace mimica::connector {

Result<Version> Version::parse(std::string_view text) {
  Version version;
  const auto bad = [&] {
    return fault(HResult::E_INVALIDARG, "'" + std::string(text.substr(0, 64)) + "' is not a dotted version number", {},
                 "write one to four numbers, for example 6.2406.0.1001");
  };
  if (text.empty() || text.size() > 64) return bad();
  for (const std::string_view part : split(text, '.')) {
    const auto number = parse_decimal<std::uint32_t>(part);
    if (version.count_ == 4 || !number) return bad();
    version.parts_[static_cast<std::size_t>(version.count_++)] = *number;
  }
  return version;
}

Version Version::of(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  Version version;
  version.parts_ = {a, b, c, d};
  version.count_ = 4;
  return version;
}

std::string Version::to_string() const {
  if (count_ == 0) return "unknown";
  std::string text;
  for (int i = 0; i < count_; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(parts_[static_cast<std::size_t>(i)]);
  }
  return text;
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (known() != other.known()) return known() ? std::strong_ordering::greater : std::strong_ordering::less;
  return parts_ <=> other.parts_;
}

}  // namespace mimica::connector
