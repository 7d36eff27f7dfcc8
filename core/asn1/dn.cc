// Directory names as text: comparison form and the small helpers on RFC 4514 strings.
#include <algorithm>

#include "core/asn1/der.h"
#include "core/asn1/name.h"
#include "core/asn1/name_keywords.h"
#include "core/base/text.h"

namespace mimica {
namespace {

void put_escaped(std::string& out, char c) {
  out.push_back('\\');
  out += to_hex(as_bytes(std::string_view(&c, 1)));
}

// Simple case folding of the letters a directory of western, Greek or Cyrillic names holds: ASCII, U+00C0..U+017F,
// U+0391..U+03A9 and U+0400..U+042F. `text` is valid UTF-8; the length in octets does not change.
void fold_case(std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead >= 'A' && lead <= 'Z') text[i] = static_cast<char>(lead + 32);
    if (lead < 0xC3 || lead > 0xD0 || i + 1 >= text.size()) continue;
    unsigned point = (lead & 0x1FU) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3FU);
    const bool even_is_upper =
        (point >= 0x100 && point < 0x130) || (point >= 0x132 && point < 0x138) || (point >= 0x14A && point < 0x178);
    const bool odd_is_upper = (point >= 0x139 && point < 0x149) || (point >= 0x179 && point < 0x17F);
    if ((point >= 0xC0 && point <= 0xDE && point != 0xD7) || (point >= 0x391 && point <= 0x3A9 && point != 0x3A2) ||
        (point >= 0x410 && point <= 0x42F)) {
      point += 0x20;
    } else if (point >= 0x400 && point <= 0x40F) {
      point += 0x50;
    } else if ((even_is_upper && point % 2 == 0) || (odd_is_upper && point % 2 == 1)) {
      point += 1;
    }
    text[i] = static_cast<char>(0xC0 | point >> 6);
    text[i + 1] = static_cast<char>(0x80 | (point & 0x3F));
    ++i;
  }
}

// Folded, blanks trimmed and runs of them reduced to one, and everything that has a meaning in a DN as a hex pair, so
// that the result holds ',' '+' and '=' only where they separate.
void put_value(std::string& out, std::string value) {
  fold_case(value);
  bool blank = false;
  const std::size_t start = out.size();
  for (char c : value) {
    if (c == ' ') {
      blank = out.size() > start;
      continue;
    }
    if (blank) out.push_back(' ');
    blank = false;
    const bool special = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
                         std::string_view(",+\\=\"<>;#").find(c) != std::string_view::npos;
    if (special) {
      put_escaped(out, c);
    } else {
      out.push_back(c);
    }
  }
}

bool is_descriptor(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

// "cn=jane doe" of one attribute; empty when malformed.
std::string normalise_ava(const detail::DnAva& part) {
  const Oid type = detail::type_from_keyword(part.type);
  if (type.empty() && !is_descriptor(part.type)) return {};
  std::string out = to_lower(type.empty() ? std::string(part.type) : detail::rfc4514_keyword(type)) + "=";
  if (!part.hex) {
    if (!is_valid_utf8(part.value)) return {};
    put_value(out, part.value);
    return out;
  }
  const Bytes raw = from_hex(part.value).value_or(Bytes());
  DerReader reader(raw);
  const auto value = reader.next();
  if (!value || !reader.at_end()) return {};
  if (const auto text = decode_string(*value)) {
    put_value(out, *text);
  } else {
    out += "#" + to_hex(raw);
  }
  return out;
}

}  // namespace

std::string normalise_dn(std::string_view dn) {
  std::string out;
  std::vector<std::string> rdn;
  detail::DnAva part;
  for (std::size_t at = 0; at < dn.size();) {
    if (!detail::next_ava(dn, at, part)) return {};
    std::string ava = normalise_ava(part);
    if (ava.empty()) return {};
    rdn.push_back(std::move(ava));
    if (part.separator == '+') continue;
    std::sort(rdn.begin(), rdn.end());
    if (!out.empty()) out += ',';
    out += join(rdn, "+");
    rdn.clear();
  }
  return out;
}

std::string fold_directory_string(std::string_view text) {
  std::string out(text);
  if (is_valid_utf8(text)) fold_case(out);
  return out;
}

std::string_view parent_dn(std::string_view dn) {
  bool quoted = false;
  for (std::size_t i = 0; i < dn.size(); ++i) {
    if (dn[i] == '\\') {
      ++i;
    } else if (dn[i] == '"') {
      quoted = !quoted;
    } else if (dn[i] == ',' && !quoted) {
      return trim(dn.substr(i + 1));
    }
  }
  return {};
}

std::string leaf_value(std::string_view dn) {
  detail::DnAva part;
  std::size_t at = 0;
  if (!detail::next_ava(dn, at, part)) return {};
  return part.hex ? "#" + part.value : part.value;
}

std::string escape_dn_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool outer_blank = c == ' ' && (i == 0 || i + 1 == value.size());
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      put_escaped(out, c);
    } else {
      if (outer_blank || (c == '#' && i == 0) || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos)
        out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

bool dn_is_under(std::string_view dn, std::string_view ancestor) {
  const std::string inner = normalise_dn(dn);
  if (inner.empty()) return trim(dn).empty() && trim(ancestor).empty();
  if (trim(ancestor).empty()) return true;
  const std::string outer = normalise_dn(ancestor);
  if (outer.empty() || inner.size() < outer.size() ||
      inner.compare(inner.size() - outer.size(), outer.size(), outer) != 0)
    return false;
  return inner.size() == outer.size() || inner[inner.size() - outer.size() - 1] == ',';
}

}  // namespace mimica
