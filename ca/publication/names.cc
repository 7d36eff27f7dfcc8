#include "ca/publication/names.h"

#include <array>
#include <cstdio>

#include "core/base/bytes.h"
#include "core/base/number.h"
#include "net/http.h"

namespace mimica::ca {
namespace {

constexpr std::size_t kShortNameLimit = 51;
constexpr std::size_t kEscapeLength = 5;  // "!0026"

bool is_disallowed(char16_t unit) {
  constexpr std::string_view kPunctuation = R"(!"#%&'()*+,/:;<=>?[\]^`{|})";
  return unit < 0x20 || unit >= 0x7F || kPunctuation.find(static_cast<char>(unit)) != std::string_view::npos;
}

}  // namespace

std::string sanitize_name(std::string_view name) {
  std::u16string units;
  if (const auto converted = utf8_to_utf16(name)) {
    units = *converted;
  } else {
    for (const char c : name) units += static_cast<char16_t>(static_cast<unsigned char>(c));
  }
  std::string out;
  for (const char16_t unit : units) {
    if (!is_disallowed(unit)) {
      out += static_cast<char>(unit);
      continue;
    }
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "!%04x", static_cast<unsigned>(unit));
    out += escape.data();
  }
  return out;
}

std::string sanitized_short_name(std::string_view name) {
  const std::string full = sanitize_name(name);
  if (full.size() <= kShortNameLimit) return full;
  std::size_t keep = kShortNameLimit;
  const std::size_t escape = full.rfind('!', keep - 1);
  if (escape != std::string::npos && escape + kEscapeLength > keep) keep = escape;
  std::uint16_t hash = 0;
  for (std::size_t i = keep; i < full.size(); ++i) {
    const auto rotated = static_cast<std::uint16_t>((hash << 1U) | (hash >> 15U));
    hash = static_cast<std::uint16_t>(rotated + static_cast<unsigned char>(full[i]));
  }
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "-%05u", static_cast<unsigned>(hash));
  return full.substr(0, keep) + digits.data();
}

std::string index_suffix(int index) { return index == 0 ? std::string{} : "(" + std::to_string(index) + ")"; }

std::string_view short_host(std::string_view dns_name) { return dns_name.substr(0, dns_name.find('.')); }

PublicationUrl parse_publication_url(std::string_view entry) {
  std::uint32_t flags = 0;
  std::size_t at = 0;
  while (at < entry.size() && at < 9 && entry[at] >= '0' && entry[at] <= '9')
    flags = flags * 10 + static_cast<std::uint32_t>(entry[at++] - '0');
  if (at == 0 || at == entry.size() || entry[at] != ':') return {csurl::kAddToCertificate, std::string(entry)};
  return {flags, std::string(entry.substr(at + 1))};
}

std::string expand_url(std::string_view pattern, const UrlTokens& tokens, UrlUse use) {
  const auto value = [&](unsigned token) -> std::optional<std::string> {
    switch (token) {
      case 1:
        return tokens.server_dns_name;
      case 2:
        return to_upper(short_host(tokens.server_dns_name));
      case 3:
        return sanitize_name(tokens.ca_name);
      case 4:
        return index_suffix(tokens.certificate_index);
      case 6:
        return tokens.configuration_container;
      case 7:
        return sanitized_short_name(tokens.ca_name);
      case 8:
        return index_suffix(tokens.key_index);
      case 9:
        return use == UrlUse::delta_crl ? "+" : "";
      case 10:
        return use == UrlUse::base_crl    ? "?certificateRevocationList?base?objectClass=cRLDistributionPoint"
               : use == UrlUse::delta_crl ? "?deltaRevocationList?base?objectClass=cRLDistributionPoint"
                                          : "";
      case 11:
        return "?cACertificate?base?objectClass=certificationAuthority";
      default:
        return std::nullopt;
    }
  };
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    unsigned token = 0;
    std::size_t end = i + 1;
    // %10 to %14 before %1: the longest token that exists.
    for (std::size_t length = 2; length >= 1 && token == 0; --length) {
      const std::string_view digits = pattern.substr(i + 1, length);
      const auto number = parse_decimal<unsigned>(digits);
      if (digits.size() != length || !number || !value(*number)) continue;
      token = *number;
      end = i + 1 + length;
    }
    if (token == 0) {
      out += '%';
      continue;
    }
    out += *value(token);
    i = end - 1;
  }
  return percent_encode(out, ":/?#[]@!$&'()*+,;=%");
}

std::vector<std::string> expand_urls(const std::vector<std::string>& entries, std::uint32_t flags,
                                     const UrlTokens& tokens, UrlUse use) {
  std::vector<std::string> urls;
  for (const std::string& entry : entries) {
    const PublicationUrl url = parse_publication_url(entry);
    if ((url.flags & flags) != 0) urls.push_back(expand_url(url.pattern, tokens, use));
  }
  return urls;
}

std::string certificate_file_name(const UrlTokens& tokens) {
  return tokens.server_dns_name + "_" + sanitize_name(tokens.ca_name) + index_suffix(tokens.certificate_index) + ".crt";
}

std::string crl_file_name(const UrlTokens& tokens, bool delta) {
  return sanitize_name(tokens.ca_name) + index_suffix(tokens.key_index) + (delta ? "+.crl" : ".crl");
}

}  // namespace mimica::ca
