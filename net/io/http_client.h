// An HTTP/1.1 client for small exchanges: blocking, one connection per request, plain http, bounded in time, in octets
// and in redirections.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/fault.h"
#include "net/http.h"

namespace mimica {

struct HttpClientOptions {
  int timeout_milliseconds = 2000;     // for all of it: names, connecting, sending, receiving, redirections
  std::size_t max_header = 16 * 1024;  // octets of status line and fields of a response
  std::size_t max_body = 1024 * 1024;  // octets of its body
  int max_redirections = 3;            // only to the same host and port
};

// The response with status 200. Everything else is a Fault that says what happened: a URL that is none, no connection,
// no answer in time, another status, an answer that is too large or no HTTP.
Result<HttpResponse> http_get(std::string_view url, const HttpClientOptions& options = {});
Result<HttpResponse> http_post(std::string_view url, std::string_view content_type, BytesView body,
                               const HttpClientOptions& options = {});

}  // namespace mimica
