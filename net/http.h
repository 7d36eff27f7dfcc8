// HTTP/1.1 requests and responses as values, and the small textual forms that every HTTP face needs. The server that
// turns sockets into these values is net/io/http_server.h; handlers stay pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/time.h"

namespace mimica {

// In wire order. Names compare without case (RFC 9110 5.1).
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;
// First value of that field; nullopt when absent.
std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";  // upper case as sent
  std::string target = "/";    // as sent: path, optionally '?' and a query
  HttpHeaders headers;
  Bytes body;
  std::string peer;  // "127.0.0.1:49152"; empty in tests

  // The path percent-decoded, without query; nullopt when an escape is malformed or decodes to NUL. An absolute-form
  // target (RFC 9112 3.2.2) gives its path.
  std::optional<std::string> path() const;
  std::string_view query() const;  // still encoded; empty when absent
  std::optional<std::string_view> header(std::string_view name) const { return find_header(headers, name); }
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  Bytes body;
  // A HEAD answer: the body is only counted for Content-Length, not sent.
  bool head_only = false;

  std::optional<std::string_view> header(std::string_view name) const { return find_header(headers, name); }
  void set_header(std::string_view name, std::string value);  // replaces
};

// "Not Found" for 404; empty for a status that RFC 9110 does not name.
std::string_view reason_phrase(int status);

// A text/plain answer that says in words what happened; used for every error.
HttpResponse text_response(int status, std::string_view text);

// IMF-fixdate, "Tue, 21 Nov 2000 01:06:53 GMT" (RFC 9110 5.6.7; the RFC 2616 date of AD CS request attributes).
std::string to_http_date(Timestamp t);
// Only IMF-fixdate; the weekday must be a weekday but is not compared with the date.
Result<Timestamp> parse_http_date(std::string_view text);

// Percent-decoding of a path or value; '+' stays '+'. nullopt for a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);
// Encodes everything except RFC 3986 unreserved characters and those in `keep`.
std::string percent_encode(std::string_view text, std::string_view keep = "");

}  // namespace mimica
