#include "net/io/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include "net/io/http_stream.h"

namespace mimica {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using http_detail::Body;
using http_detail::Descriptor;
using http_detail::Stream;
using http_detail::text;

http::response<Body> to_message(HttpResponse response, unsigned version, bool keep_alive) {
  http::response<Body> message;
  message.version(version);
  message.result(static_cast<unsigned>(response.status));
  message.reason(std::string(reason_phrase(response.status)));
  for (const auto& header : response.headers) message.insert(header.first, header.second);
  message.keep_alive(keep_alive);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (response.head_only || bodiless) {
    if (!bodiless) message.content_length(response.body.size());
  } else {
    message.body() = std::move(response.body);
    message.content_length(message.body().size());
  }
  return message;
}

class Server final : public HttpServer {
 public:
  Server(const HttpServerOptions& options, HttpHandler handler, Descriptor listener, Descriptor stop,
         std::uint16_t bound_port)
      : options_(options),
        handler_(std::move(handler)),
        listener_(std::move(listener)),
        stop_(std::move(stop)),
        port_(bound_port),
        acceptor_([this] { accept_loop(); }) {}

  ~Server() override {
    const std::uint64_t one = 1;
    // The counter is never read, so that it stays readable for every thread that polls it.
    while (::write(stop_.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    acceptor_.join();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return active_ == 0; });
    reap();
  }

  std::uint16_t port() const override { return port_; }
  std::string base_url() const override {
    const bool v6 = options_.address.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + options_.address + "]" : options_.address) + ":" + std::to_string(port_);
  }

 private:
  struct Connection {
    std::thread thread;
    bool done = false;
  };

  void accept_loop() {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || active_ < options_.max_connections; });
        if (stopping_) return;
        reap();
      }
      std::array<pollfd, 2> fds = {pollfd{listener_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
      if (::poll(fds.data(), fds.size(), -1) < 0) continue;
      if (fds[1].revents != 0) return;
      sockaddr_storage peer{};
      socklen_t length = sizeof peer;
      const int fd =
          ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) continue;
      const std::lock_guard lock(mutex_);
      ++active_;
      connections_.emplace_back();
      const auto connection = std::prev(connections_.end());
      connection->thread =
          std::thread([this, connection, socket = Descriptor(fd), name = describe_peer(peer)]() mutable {
            serve(socket.get(), name);
            { const Descriptor closing = std::move(socket); }
            {
              const std::lock_guard inner(mutex_);
              connection->done = true;
              --active_;
              changed_.notify_all();
            }
          });
    }
  }

  // Joins threads that have finished. Called with the mutex held; a finished thread no longer needs it.
  void reap() {
    for (auto it = connections_.begin(); it != connections_.end();) {
      if (!it->done) {
        ++it;
        continue;
      }
      it->thread.join();
      it = connections_.erase(it);
    }
  }

  static std::string describe_peer(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text_form{};
    if (address.ss_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
      ::inet_ntop(AF_INET, &v4->sin_addr, text_form.data(), text_form.size());
      return std::string(text_form.data()) + ":" + std::to_string(ntohs(v4->sin_port));
    }
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text_form.data(), text_form.size());
    return "[" + std::string(text_form.data()) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }

  HttpResponse answer(const HttpRequest& request) const {
    try {
      return handler_(request);
    } catch (const std::exception& error) {
      return text_response(500, std::string("the handler failed: ") + error.what());
    }
  }

  static int status_of(const beast::error_code& error) {
    if (error == http::error::header_limit) return 431;
    if (error == http::error::body_limit) return 413;
    if (error.category() == make_error_code(http::error::bad_method).category()) return 400;
    return 0;  // the connection is gone or was silent: there is nobody to answer
  }

  void serve(int fd, const std::string& peer) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Stream stream(fd, stop_.get(), std::chrono::seconds(options_.idle_seconds));
    beast::flat_buffer buffer(options_.max_header + 64 * 1024);
    for (bool open = true; open;) {
      http::request_parser<Body> parser;
      parser.header_limit(static_cast<std::uint32_t>(options_.max_header));
      parser.body_limit(options_.max_body);
      beast::error_code error;
      http::read_header(stream, buffer, parser, error);
      if (!error && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
        http::response<Body> interim(http::status::continue_, parser.get().version());
        http::write(stream, interim, error);
      }
      if (!error) http::read(stream, buffer, parser, error);
      if (error) {
        if (const int status = status_of(error); status != 0) {
          http::response<Body> refusal = to_message(text_response(status, error.message()), 11, false);
          http::write(stream, refusal, error);
        }
        break;
      }
      http::request<Body> message = parser.release();
      HttpRequest request;
      request.method = std::string(text(message.method_string()));
      request.target = std::string(text(message.target()));
      for (const auto& field : message)
        request.headers.emplace_back(std::string(text(field.name_string())), std::string(text(field.value())));
      request.body = std::move(message.body());
      request.peer = peer;
      HttpResponse response = answer(request);
      if (request.method == "HEAD") response.head_only = true;
      open = message.keep_alive();
      const bool without_body = response.head_only;
      http::response<Body> reply = to_message(std::move(response), message.version(), open);
      if (without_body) {
        http::response_serializer<Body> serializer(reply);
        http::write_header(stream, serializer, error);
      } else {
        http::write(stream, reply, error);
      }
      if (error) break;
    }
    ::shutdown(fd, SHUT_RDWR);
  }

  const HttpServerOptions options_;
  const HttpHandler handler_;
  const Descriptor listener_;
  const Descriptor stop_;
  const std::uint16_t port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::size_t active_ = 0;
  std::list<Connection> connections_;
  std::thread acceptor_;  // last: it starts when everything else exists
};

Fault socket_fault(const char* what, const HttpServerOptions& options) {
  return fault(HResult::E_FAIL,
               std::string("cannot ") + what + " " + options.address + " port " + std::to_string(options.port) + ": " +
                   std::strerror(errno),
               {}, errno == EADDRINUSE ? "another program uses the port; choose another one or 0 for a free one" : "");
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options, HttpHandler handler) {
  sockaddr_storage address{};
  socklen_t length = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (::inet_pton(AF_INET, options.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(options.port);
    length = sizeof *v4;
  } else if (::inet_pton(AF_INET6, options.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(options.port);
    length = sizeof *v6;
  } else {
    return fault(HResult::E_INVALIDARG, "'" + options.address + "' is no IP address");
  }
  Descriptor listener(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0) return socket_fault("open a socket for", options);
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length) != 0)
    return socket_fault("bind to", options);
  if (::listen(listener.get(), SOMAXCONN) != 0) return socket_fault("listen on", options);
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return socket_fault("read the address of", options);
  const std::uint16_t port = ntohs(address.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
  Descriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (stop.get() < 0) return socket_fault("make a stop event for", options);
  return std::unique_ptr<HttpServer>(
      std::make_unique<Server>(options, std::move(handler), std::move(listener), std::move(stop), port));
}

}  // namespace mimica
