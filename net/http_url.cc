#include "net/http_url.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/number.h"

namespace mimica {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::size_t kMaxUrl = 8 * 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_host_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_'; }
bool is_literal_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.'; }

Fault bad(std::string_view url, std::string_view why) {
  return fault(HResult::E_INVALIDARG, "'" + std::string(url.substr(0, 200)) + "' " + std::string(why));
}

// 1 to 65535, without leading zeros.
bool is_port(std::string_view text) { return !text.starts_with('0') && parse_decimal<std::uint16_t>(text).has_value(); }

bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return part.size() <= 3 && parse_decimal<std::uint8_t>(part).has_value();
         });
}

}  // namespace

std::string HttpUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == "80" ? name : name + ":" + port;
}

Result<HttpUrl> parse_http_url(std::string_view url) {
  if (url.size() > kMaxUrl) return bad(url, "is too long for a URL");
  if (!starts_with_ignore_case(url, kScheme)) return bad(url, "is no http URL");
  if (std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c >= 0x7F; }))
    return bad(url, "has a character that a URL may not hold");
  if (url.find('#') != std::string_view::npos) return bad(url, "has a fragment");
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);

  HttpUrl out;
  std::string_view port;
  bool well_formed = false;
  if (!authority.empty() && authority[0] == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return bad(url, "has no host");
    out.host = to_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    well_formed =
        out.host.find(':') != std::string::npos && std::all_of(out.host.begin(), out.host.end(), is_literal_character);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    out.host = to_lower(authority.substr(0, colon));
    port = authority.substr(colon);
    well_formed = !out.host.empty() && std::all_of(out.host.begin(), out.host.end(), is_host_character);
  }
  if (!well_formed) return bad(url, "has no host");
  if (!port.empty() && (port[0] != ':' || (port.size() > 1 && !is_port(port.substr(1)))))
    return bad(url, "has no port number where one belongs");
  out.port = port.size() > 1 ? std::string(port.substr(1)) : "80";
  out.target = rest.substr(end);
  if (out.target.empty() || out.target[0] != '/') out.target.insert(0, "/");
  return out;
}

bool is_loopback(const HttpUrl& url) {
  return url.host == "localhost" || url.host == "::1" || (is_ipv4(url.host) && url.host.substr(0, 4) == "127.");
}

}  // namespace mimica
