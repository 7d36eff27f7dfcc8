// CryptoAPI's textual names: CertStrToName and CertNameToStr.
#include <algorithm>

#include "core/asn1/der.h"
#include "core/asn1/name.h"
#include "core/asn1/name_keywords.h"

namespace mimica {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }
bool is_separator(char c) { return c == ',' || c == ';' || c == '+'; }

std::string quote_if_needed(const std::string& value) {
  const bool plain = !value.empty() && !is_white(value.front()) && !is_white(value.back()) &&
                     value.find_first_of(",+=\"\n\r<>#;") == std::string::npos;
  if (plain) return value;
  std::string out = "\"";
  for (char c : value) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// An OCTET STRING prints its content, which is what '#' reads; anything else its whole encoding.
std::string printed_value(const Ava& ava) {
  if (ava.raw.empty()) return quote_if_needed(ava.value);
  DerReader reader(ava.raw);
  const auto content = reader.octet_string();
  return "#" + (content ? to_hex_upper(*content) : to_hex_upper(ava.raw));
}

class CertStrParser {
 public:
  explicit CertStrParser(std::string_view text) : text_(text) {}

  Result<Name> parse() {
    Name name;
    bool same_rdn = false;
    for (skip_white(); at_ < text_.size(); skip_white()) {
      MIMICA_TRY(Ava ava, next());
      if (!same_rdn) name.rdns.emplace_back();
      name.rdns.back().push_back(std::move(ava));
      same_rdn = separator_ == '+';
    }
    if (same_rdn) return bad("the name ends in '+'");
    return name;
  }

 private:
  Fault bad(std::string what) const { return detail::bad_name(std::move(what), at_); }

  void skip_white() {
    while (at_ < text_.size() && is_white(text_[at_])) ++at_;
  }

  Result<Ava> next() {
    Ava ava;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '=' && !is_separator(text_[at_])) ++at_;
    const std::string_view key = trim(text_.substr(start, at_ - start));
    if (at_ == text_.size() || text_[at_] != '=')
      return bad("'" + std::string(key.substr(0, 64)) + "' is not followed by '='");
    ava.type = detail::type_from_cert_str_key(key);
    if (ava.type.empty()) return bad("'" + std::string(key.substr(0, 64)) + "' is no key of an X.500 name");
    ++at_;
    skip_white();
    const std::size_t value_start = at_;
    separator_ = '\0';
    if (at_ < text_.size() && text_[at_] == '"') {
      MIMICA_RETURN_IF_FAULT(read_quoted(ava.value));
    } else {
      while (at_ < text_.size() && !is_separator(text_[at_])) ++at_;
      ava.value = std::string(trim(text_.substr(value_start, at_ - value_start)));
      if (ava.value.find('"') != std::string::npos) return bad("a quote stands inside a value that is not quoted");
      if (!ava.value.empty() && ava.value[0] == '#') MIMICA_RETURN_IF_FAULT(decode_hex(ava));
    }
    if (at_ < text_.size()) separator_ = text_[at_++];
    if (ava.raw.empty()) MIMICA_RETURN_IF_FAULT(check_characters(ava, value_start));
    return ava;
  }

  // Two quotes inside mean one; only white space may stand between the closing quote and the separator.
  Result<void> read_quoted(std::string& value) {
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) return bad("a quoted value does not end");
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') break;
      }
      value.push_back(text_[at_]);
    }
    skip_white();
    if (at_ < text_.size() && !is_separator(text_[at_])) return bad("a quoted value is followed by other characters");
    return {};
  }

  Result<void> decode_hex(Ava& ava) const {
    std::string digits;
    for (char c : std::string_view(ava.value).substr(1))
      if (!is_white(c)) digits.push_back(c);
    const bool only_digits = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    const auto octets = only_digits ? from_hex(digits) : std::nullopt;
    if (!octets) return bad("a value after '#' is not an even number of hexadecimal digits");
    ava.raw = der::octet_string(*octets);
    ava.value = "#" + to_hex(ava.raw);
    return {};
  }

  static Result<void> check_characters(const Ava& ava, std::size_t offset) {
    const auto refuse = [&](HResult code, std::string_view type) {
      return fault(code, "the value of " + detail::cert_str_key(ava.type) + " does not fit into " + std::string(type),
                   Where{{}, 0, 0, offset});
    };
    if (detail::wants_printable_string(ava.type) && !detail::is_printable_string(ava.value))
      return refuse(HResult::CRYPT_E_INVALID_PRINTABLE_STRING, "a PrintableString");
    if (detail::wants_ia5_string(ava.type) && !detail::is_ascii(ava.value))
      return refuse(HResult::CRYPT_E_INVALID_IA5_STRING, "an IA5String");
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char separator_ = '\0';
};

}  // namespace

Result<Name> Name::parse_cert_str(std::string_view text, bool reverse) {
  if (!is_valid_utf8(text)) return detail::bad_name("the name is not valid UTF-8", 0);
  MIMICA_TRY(Name name, CertStrParser(text).parse());
  if (reverse) std::reverse(name.rdns.begin(), name.rdns.end());
  return name;
}

std::string Name::to_cert_str(std::string_view separator) const {
  std::string out;
  for (auto rdn = rdns.rbegin(); rdn != rdns.rend(); ++rdn) {
    if (rdn != rdns.rbegin()) out += separator;
    for (std::size_t i = 0; i < rdn->size(); ++i) {
      if (i > 0) out += " + ";
      out += detail::cert_str_key((*rdn)[i].type) + "=" + printed_value((*rdn)[i]);
    }
  }
  return out;
}

std::string Name::to_alt_security() const {
  std::string out;
  for (std::size_t r = 0; r < rdns.size(); ++r) {
    if (r > 0) out += ',';
    for (std::size_t i = 0; i < rdns[r].size(); ++i) {
      if (i > 0) out += ' ';
      out += detail::alt_security_key(rdns[r][i].type) + "=" + printed_value(rdns[r][i]);
    }
  }
  return out;
}

}  // namespace mimica
