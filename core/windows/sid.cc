#include "core/windows/sid.h"

#include <limits>

#include "core/base/assertion.h"

namespace mimica {
namespace {

constexpr std::size_t kMaxSubAuthorities = 15;
constexpr std::uint64_t kMaxAuthority = 0xFFFF'FFFF'FFFF;

Fault bad_text(std::string_view text, std::string_view why) {
  return fault(HResult::E_INVALIDARG, "'" + std::string(text.substr(0, 80)) + "' is not a SID: " + std::string(why), {},
               "a SID reads S-1-5-21-…: authority and up to 15 sub-authorities in decimal");
}

// Decimal, or hexadecimal after 0x; the whole of `digits`.
std::optional<std::uint64_t> number(std::string_view digits, std::uint64_t limit, bool allow_hex) {
  unsigned base = 10;
  if (allow_hex && starts_with_ignore_case(digits, "0x")) {
    digits.remove_prefix(2);
    base = 16;
  }
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (base == 16 && c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (base == 16 && c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    if (value > (limit - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

Sid sid_constant(std::string_view text) { return *Sid::parse(text); }

}  // namespace

Result<Sid> Sid::parse(std::string_view text) {
  if (!starts_with_ignore_case(text, "S-1-")) return bad_text(text, "it does not start with S-1-");
  Sid sid;
  sid.revision_ = 1;
  const auto parts = split(text.substr(4), '-');
  const auto authority = number(parts.front(), kMaxAuthority, true);
  if (!authority) return bad_text(text, "the identifier authority is not a 48-bit number");
  sid.authority_ = *authority;
  if (parts.size() - 1 > kMaxSubAuthorities) return bad_text(text, "it has more than 15 sub-authorities");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto sub = number(parts[i], std::numeric_limits<std::uint32_t>::max(), false);
    if (!sub) return bad_text(text, "a sub-authority is not a 32-bit number");
    sid.sub_.push_back(static_cast<std::uint32_t>(*sub));
  }
  return sid;
}

Result<Sid> Sid::from_binary(BytesView bytes) {
  std::size_t used = 0;
  MIMICA_TRY(Sid sid, from_binary_prefix(bytes, used));
  if (used != bytes.size()) {
    return fault(HResult::E_INVALIDARG, "octets follow the SID", {"SID", 0, 0, used});
  }
  return sid;
}

Result<Sid> Sid::from_binary_prefix(BytesView bytes, std::size_t& used) {
  used = 0;
  if (bytes.size() < 8) {
    return fault(HResult::E_INVALIDARG, "a SID needs at least 8 octets", {"SID", 0, 0, bytes.size()});
  }
  if (bytes[0] != 1) {
    return fault(HResult::E_INVALIDARG, "unknown SID revision " + std::to_string(bytes[0]), {"SID", 0, 0, 0});
  }
  const std::size_t count = bytes[1];
  if (count > kMaxSubAuthorities) {
    return fault(HResult::E_INVALIDARG, "a SID has at most 15 sub-authorities", {"SID", 0, 0, 1});
  }
  const std::size_t size = 8 + 4 * count;
  if (bytes.size() < size) {
    return fault(HResult::E_INVALIDARG, "the SID is cut short", {"SID", 0, 0, bytes.size()});
  }
  Sid sid;
  sid.revision_ = 1;
  for (std::size_t i = 2; i < 8; ++i) sid.authority_ = sid.authority_ << 8 | bytes[i];
  for (std::size_t i = 8; i < size; i += 4) {
    sid.sub_.push_back(static_cast<std::uint32_t>(bytes[i]) | static_cast<std::uint32_t>(bytes[i + 1]) << 8 |
                       static_cast<std::uint32_t>(bytes[i + 2]) << 16 | static_cast<std::uint32_t>(bytes[i + 3]) << 24);
  }
  used = size;
  return sid;
}

std::string Sid::to_string() const {
  if (empty()) return {};
  std::string text = "S-1-";
  if (authority_ > std::numeric_limits<std::uint32_t>::max()) {
    Bytes octets;
    for (int shift = 40; shift >= 0; shift -= 8) octets.push_back(static_cast<std::uint8_t>(authority_ >> shift));
    text += "0x" + to_hex_upper(octets);
  } else {
    text += std::to_string(authority_);
  }
  for (const std::uint32_t sub : sub_) text += '-' + std::to_string(sub);
  return text;
}

Bytes Sid::to_binary() const {
  Bytes out;
  if (empty()) return out;
  out.reserve(8 + 4 * sub_.size());
  out.push_back(revision_);
  out.push_back(static_cast<std::uint8_t>(sub_.size()));
  for (int shift = 40; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(authority_ >> shift));
  for (const std::uint32_t sub : sub_) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(sub >> shift));
  }
  return out;
}

Sid Sid::with_rid(std::uint32_t rid) const {
  MIMICA_ASSERT(!empty() && sub_.size() < kMaxSubAuthorities);
  Sid sid = *this;
  sid.sub_.push_back(rid);
  return sid;
}

Sid Sid::domain() const {
  Sid sid = *this;
  if (!sid.sub_.empty()) sid.sub_.pop_back();
  return sid;
}

namespace sids {
const Sid kEveryone = sid_constant("S-1-1-0");
const Sid kAnonymous = sid_constant("S-1-5-7");
const Sid kAuthenticatedUsers = sid_constant("S-1-5-11");
const Sid kNetwork = sid_constant("S-1-5-2");
const Sid kThisOrganization = sid_constant("S-1-5-15");
const Sid kSelf = sid_constant("S-1-5-10");
const Sid kSystem = sid_constant("S-1-5-18");
const Sid kEnterpriseDcs = sid_constant("S-1-5-9");
const Sid kBuiltinAdministrators = sid_constant("S-1-5-32-544");
const Sid kBuiltinUsers = sid_constant("S-1-5-32-545");
const Sid kPreWindows2000 = sid_constant("S-1-5-32-554");
}  // namespace sids

}  // namespace mimica
