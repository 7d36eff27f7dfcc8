// TCP for ldap/wire/session.h: one thread, callbacks, one operation at a time for each connection.
#include "ldap/io/server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <list>
#include <thread>

#include "ldap/wire/session.h"

namespace mimica::ldap {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Dsa& dsa, const ServerOptions& options)
      : socket_(std::move(socket)), idle_(socket_.get_executor()), session_(dsa), options_(options) {}

  void start() {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    read();
  }

 private:
  void read() {
    const auto self = shared_from_this();
    idle_.expires_after(std::chrono::seconds(options_.idle_seconds));
    idle_.async_wait([self](const boost::system::error_code& error) {
      if (!error) self->close();
    });
    socket_.async_read_some(asio::buffer(chunk_), [self](const boost::system::error_code& error, std::size_t count) {
      self->idle_.cancel();
      if (error) return self->close();
      self->pending_.insert(self->pending_.end(), self->chunk_.begin(),
                            self->chunk_.begin() + static_cast<std::ptrdiff_t>(count));
      self->work();
    });
  }

  // Answers the complete messages that have arrived; reading goes on when the answers are sent.
  void work() {
    Session::Output out;
    std::size_t used = 0;
    while (!out.close) {
      const BytesView rest = BytesView(pending_).subspan(used);
      const auto length = message_length(rest, options_.max_message_size);
      if (!length) {
        const Bytes notice = Session::notice_of_disconnection(LdapCode::protocolError, length.error().what);
        out.octets.insert(out.octets.end(), notice.begin(), notice.end());
        out.close = true;
        break;
      }
      if (!*length || **length > rest.size()) break;
      const auto one = session_.handle(rest.first(**length));
      out.octets.insert(out.octets.end(), one.octets.begin(), one.octets.end());
      out.close = one.close;
      used += **length;
      // A client that sends many requests at once waits for its first answers meanwhile.
      constexpr std::size_t kEnough = 256 * 1024;
      if (out.octets.size() > kEnough) break;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
    more_ = used > 0 && !pending_.empty() && !out.close;
    if (out.octets.empty()) {
      if (out.close) return close();
      return read();
    }
    sending_ = std::move(out.octets);
    const auto self = shared_from_this();
    asio::async_write(socket_, asio::buffer(sending_),
                      [self, last = out.close](const boost::system::error_code& error, std::size_t) {
                        if (error || last) return self->close();
                        if (self->more_) return self->work();
                        self->read();
                      });
  }

  void close() {
    boost::system::error_code ignored;
    idle_.cancel();
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  tcp::socket socket_;
  asio::steady_timer idle_;
  Session session_;
  ServerOptions options_;
  std::array<std::uint8_t, 16384> chunk_{};
  Bytes pending_;
  Bytes sending_;
  bool more_ = false;
};

class TcpServer final : public Server {
 public:
  TcpServer(Dsa& dsa, const ServerOptions& options) : dsa_(dsa), options_(options), acceptor_(context_) {}
  ~TcpServer() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> listen() {
    const std::string where = options_.address + ":" + std::to_string(options_.port);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) return fault(LdapCode::unavailable, "'" + options_.address + "' is not an IP address");
    const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(options_.port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fault(LdapCode::unavailable, "cannot listen on " + where + ": " + error.message());
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }
  int port() const override { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) std::make_shared<Connection>(std::move(socket), dsa_, options_)->start();
      accept();
    });
  }

  Dsa& dsa_;
  ServerOptions options_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Dsa& dsa, const ServerOptions& options) {
  constexpr int kHighestPort = 65535;
  if (options.port < 0 || options.port > kHighestPort)
    return fault(LdapCode::unavailable, "port " + std::to_string(options.port) + " is out of range");
  auto server = std::make_unique<TcpServer>(dsa, options);
  MIMICA_RETURN_IF_FAULT(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace mimica::ldap
