// Absolute http URLs (RFC 9110 4.2.1), taken apart for a client.
#pragma once

#include <string>
#include <string_view>

#include "core/base/fault.h"

namespace mimica {

struct HttpUrl {
  std::string host;               // lower case, without the brackets of an IPv6 literal
  std::string port;               // "80" when absent
  std::string target;             // path and query; "/" when absent
  std::string authority() const;  // the Host field: "pki.contoso.com", "[::1]:8080"
};
// Refuses other schemes, user names, fragments, and every character that could end or split a request line.
Result<HttpUrl> parse_http_url(std::string_view url);
// 127.0.0.0/8, ::1 or localhost, as written: nothing is resolved.
bool is_loopback(const HttpUrl& url);

}  // namespace mimica
