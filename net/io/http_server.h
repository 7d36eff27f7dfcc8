// An HTTP/1.1 server with one blocking thread per connection: plain HTTP, bounded headers and bodies, keep-alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/fault.h"
#include "net/http.h"

namespace mimica {

// Called from connection threads, several at a time. An exception becomes a 500.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

struct HttpServerOptions {
  std::string address = "127.0.0.1";   // IPv4 or IPv6 literal
  std::uint16_t port = 0;              // 0: a free one
  std::size_t max_header = 16 * 1024;  // octets of request line and fields; more gives 431
  std::size_t max_body = 1024 * 1024;  // octets; more gives 413
  std::size_t max_connections = 256;   // further ones wait in the listen queue
  int idle_seconds = 30;               // a connection that stays silent for so long is closed
};

class HttpServer {
 public:
  // Binds and listens before it returns, so the endpoint is reachable at once. Fault when the address is in use.
  static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options, HttpHandler handler);
  // Closes all connections and waits for their threads. Must not be called from a handler.
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  // "http://127.0.0.1:49152"
  virtual std::string base_url() const = 0;
};

}  // namespace mimica
