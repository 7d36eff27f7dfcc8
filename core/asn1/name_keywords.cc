#include "core/asn1/name_keywords.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/base/number.h"

namespace mimica::detail {
namespace {

struct Keyword {
  std::string_view oid;
  std::string_view rfc4514;
  std::string_view alt_security;               // CryptoAPI's spelling; empty: printed as an OID
  std::array<std::string_view, 3> also{};      // further spellings read by parse_rfc4514
  std::array<std::string_view, 3> cert_str{};  // CertStrToName's keys, the printed one first
};

constexpr Keyword kKeywords[] = {
    {"2.5.4.3", "CN", "CN", {"commonName"}, {"CN"}},
    {"0.9.2342.19200300.100.1.25", "DC", "DC", {"domainComponent"}, {"DC"}},
    {"2.5.4.11", "OU", "OU", {"organizationalUnitName"}, {"OU"}},
    {"2.5.4.10", "O", "O", {"organizationName"}, {"O"}},
    {"2.5.4.6", "C", "C", {"countryName"}, {"C"}},
    {"2.5.4.7", "L", "L", {"localityName"}, {"L"}},
    {"2.5.4.8", "ST", "S", {"S", "stateOrProvinceName"}, {"S", "ST"}},
    {"2.5.4.9", "STREET", "STREET", {"streetAddress"}, {"STREET"}},
    {"1.2.840.113549.1.9.1", "E", "E", {"emailAddress", "email"}, {"E", "Email"}},
    {"2.5.4.4", "SN", "SN", {"surname"}, {"SN"}},
    {"2.5.4.5", "serialNumber", "SERIALNUMBER", {}, {"SERIALNUMBER"}},
    {"2.5.4.12", "title", "T", {"T"}, {"T", "Title"}},
    {"2.5.4.42", "givenName", "G", {"G", "GN"}, {"G", "GN", "GivenName"}},
    {"2.5.4.43", "initials", "I", {"I"}, {"I", "Initials"}},
    {"0.9.2342.19200300.100.1.1", "UID", "", {"userid"}, {}},
    {"0.9.2342.19200300.100.1.3", "mail", "", {}, {}},
    {"2.5.4.13", "description", "Description", {}, {}},
    {"2.5.4.17", "postalCode", "PostalCode", {}, {}},
    {"2.5.4.18", "postOfficeBox", "POBox", {"POBox"}, {}},
    {"2.5.4.20", "telephoneNumber", "", {}, {}},
    {"2.5.4.46", "dnQualifier", "dnQualifier", {}, {}},
    {"2.5.4.15", "businessCategory", "", {}, {}},
    {"2.5.4.41", "name", "", {}, {}},
    {"2.5.4.44", "generationQualifier", "", {}, {}},
    {"2.5.4.65", "pseudonym", "", {}, {}},
    {"2.5.4.97", "organizationIdentifier", "", {}, {}},
    {"1.2.840.113549.1.9.2", "unstructuredName", "", {}, {}},
    {"1.2.840.113549.1.9.8", "unstructuredAddress", "", {}, {}},
};

const Keyword* find(const Oid& type) {
  const auto* at = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                [&](const Keyword& k) { return k.oid == type.dotted(); });
  return at == std::end(kKeywords) ? nullptr : at;
}

// An empty list slot must not match an empty keyword.
bool is_one_of(std::string_view text, const std::array<std::string_view, 3>& list) {
  return !text.empty() &&
         std::any_of(list.begin(), list.end(), [&](std::string_view k) { return equals_ignore_case(k, text); });
}

Oid dotted_type(std::string_view text) {
  if (starts_with_ignore_case(text, "OID.")) text.remove_prefix(4);
  auto oid = Oid::parse(text);
  return oid ? *std::move(oid) : Oid();
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The character or hex pair after a backslash at `at` - 1.
Result<char> escaped(std::string_view text, std::size_t& at) {
  if (at >= text.size()) return bad_name("the name ends in a backslash", at);
  const char c = text[at];
  if (std::string_view(" \"#+,;<=>\\").find(c) != std::string_view::npos) return ++at, c;
  const int high = hex_digit(c);
  const int low = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
  if (high < 0 || low < 0) return bad_name("a backslash is followed by neither a special character nor two digits", at);
  at += 2;
  return static_cast<char>(high << 4 | low);
}

Result<void> read_quoted(std::string_view text, std::size_t& at, std::string& value) {
  const std::size_t start = at++;
  while (at < text.size() && text[at] != '"') {
    char c = text[at++];
    if (c == '\\') {
      MIMICA_TRY(c, escaped(text, at));
    }
    value.push_back(c);
  }
  if (at >= text.size()) return bad_name("a quoted value does not end", start);
  ++at;
  return {};
}

Result<void> read_plain(std::string_view text, std::size_t& at, std::string& value) {
  std::size_t significant = 0;  // length of `value` up to the last octet that is not an unescaped blank
  while (at < text.size() && text[at] != ',' && text[at] != '+') {
    char c = text[at];
    if (c == ';' || c == '"') return bad_name("a semicolon or quote must be escaped", at);
    ++at;
    const bool blank = is_blank(c);
    if (c == '\\') {
      MIMICA_TRY(c, escaped(text, at));
    }
    value.push_back(c);
    if (!blank) significant = value.size();
  }
  value.resize(significant);
  return {};
}

}  // namespace

Fault bad_name(std::string what, std::size_t offset) {
  return fault(HResult::CRYPT_E_INVALID_X500_STRING, std::move(what), Where{{}, 0, 0, offset});
}

Oid type_from_keyword(std::string_view keyword) {
  for (const Keyword& k : kKeywords)
    if (equals_ignore_case(k.rfc4514, keyword) || is_one_of(keyword, k.also)) return Oid(k.oid);
  return dotted_type(keyword);
}

std::string rfc4514_keyword(const Oid& type) {
  const Keyword* k = find(type);
  return k == nullptr ? type.dotted() : std::string(k->rfc4514);
}

Oid type_from_cert_str_key(std::string_view key) {
  for (const Keyword& k : kKeywords)
    if (is_one_of(key, k.cert_str)) return Oid(k.oid);
  return dotted_type(key);
}

std::string cert_str_key(const Oid& type) {
  const Keyword* k = find(type);
  return k == nullptr || k->cert_str[0].empty() ? "OID." + type.dotted() : std::string(k->cert_str[0]);
}

std::string alt_security_key(const Oid& type) {
  const Keyword* k = find(type);
  return k == nullptr || k->alt_security.empty() ? "OID." + type.dotted() : std::string(k->alt_security);
}

bool is_printable_string(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool wants_printable_string(const Oid& type) { return type.dotted() == "2.5.4.6" || type.dotted() == "2.5.4.5"; }
bool wants_ia5_string(const Oid& type) { return type == oids::kEmailAddress; }

Result<void> next_ava(std::string_view text, std::size_t& at, DnAva& out) {
  const auto skip_blanks = [&] {
    while (at < text.size() && is_blank(text[at])) ++at;
  };
  out.value.clear();
  out.hex = false;
  out.separator = '\0';
  const std::size_t start = at;
  const std::size_t equals = text.find('=', at);
  if (equals == std::string_view::npos) return bad_name("an attribute of the name has no '='", start);
  out.type = trim(text.substr(at, equals - at));
  if (out.type.empty() || out.type.find_first_of(",+\"\\<>;# ") != std::string_view::npos)
    return bad_name("an attribute of the name has no valid type before its '='", start);
  at = equals + 1;
  skip_blanks();
  if (at < text.size() && text[at] == '#') {
    const std::size_t end = std::min(text.find_first_of(",+", at), text.size());
    out.value = std::string(trim(text.substr(at + 1, end - at - 1)));
    out.hex = true;
    if (out.value.empty() || out.value.size() % 2 != 0 ||
        std::any_of(out.value.begin(), out.value.end(), [](char c) { return hex_digit(c) < 0; }))
      return bad_name("a value after '#' is not an even number of hexadecimal digits", at);
    at = end;
  } else if (at < text.size() && text[at] == '"') {
    MIMICA_RETURN_IF_FAULT(read_quoted(text, at, out.value));
    skip_blanks();
  } else {
    MIMICA_RETURN_IF_FAULT(read_plain(text, at, out.value));
  }
  if (at == text.size()) return {};
  if (text[at] != ',' && text[at] != '+') return bad_name("a quoted value is followed by neither ',' nor '+'", at);
  out.separator = text[at++];
  if (trim(text.substr(at)).empty()) return bad_name("the name ends in a separator", at - 1);
  return {};
}

}  // namespace mimica::detail
