#include "net/io/local_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

namespace mimica {
namespace {

Fault system_fault(const std::string& what) { return fault(what + ": " + std::strerror(errno)); }

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path))
    return fault("'" + path + "' is too long for a local socket", {}, "use a shorter folder name");
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool send_all(int socket, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool send_message(int socket, BytesView message) {
  Bytes frame(kLocalFrameHeader);
  for (std::size_t i = 0; i < kLocalFrameHeader; ++i)
    frame[i] = static_cast<std::uint8_t>(message.size() >> (8 * (kLocalFrameHeader - 1 - i)));
  frame.insert(frame.end(), message.begin(), message.end());
  return send_all(socket, frame);
}

bool receive_all(int socket, std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::recv(socket, out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

// nullopt when the peer is gone, is too slow, or announces more than a message may have.
std::optional<Bytes> receive_message(int socket, std::size_t most) {
  std::uint8_t header[kLocalFrameHeader];
  if (!receive_all(socket, header)) return std::nullopt;
  std::size_t size = 0;
  for (const std::uint8_t octet : header) size = size << 8 | octet;
  if (size > most) return std::nullopt;
  Bytes message(size);
  if (!receive_all(socket, message)) return std::nullopt;
  return message;
}

class Listener final : public LocalServer {
 public:
  Listener(int socket, std::string path, const LocalSocketOptions& options, Handler handler)
      : socket_(socket), path_(std::move(path)), options_(options), handler_(std::move(handler)), thread_([this] {
          accept_all();
        }) {}

  ~Listener() override {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const Connection& connection : connections_) ::shutdown(connection.socket, SHUT_RDWR);
    }
    for (Connection& connection : connections_) {
      connection.thread.join();
      ::close(connection.socket);
    }
    ::close(socket_);
    ::unlink(path_.c_str());
  }

 private:
  struct Connection {
    int socket;
    std::thread thread;
    std::atomic<bool> done = false;
  };

  void accept_all() {
    while (!stopping_) {
      const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) {
        if (stopping_ || (errno != EINTR && errno != ECONNABORTED)) return;
        continue;
      }
      const std::lock_guard lock(mutex_);
      reap();
      if (connections_.size() >= static_cast<std::size_t>(options_.max_connections)) {
        ::close(accepted);
        continue;
      }
      Connection& connection = connections_.emplace_back();
      connection.socket = accepted;
      connection.thread = std::thread([this, &connection] { serve(connection); });
    }
  }

  void reap() {
    for (auto at = connections_.begin(); at != connections_.end();) {
      if (!at->done) {
        ++at;
        continue;
      }
      at->thread.join();
      ::close(at->socket);
      at = connections_.erase(at);
    }
  }

  void serve(Connection& connection) {
    while (const auto message = receive_message(connection.socket, options_.max_message)) {
      const LocalReply reply = handler_(*message);
      if (!send_message(connection.socket, reply.message) || reply.last) break;
    }
    ::shutdown(connection.socket, SHUT_RDWR);
    connection.done = true;
  }

  int socket_;
  std::string path_;
  const LocalSocketOptions options_;
  Handler handler_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LocalServer>> LocalServer::listen(const std::string& path, const LocalSocketOptions& options,
                                                         Handler handler) {
  MIMICA_TRY(const sockaddr_un address, address_of(path));
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_fault("socket");
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  int bound = ::bind(socket, name, sizeof(address));
  struct stat left {};
  if (bound != 0 && errno == EADDRINUSE && !is_listening(path) && ::lstat(path.c_str(), &left) == 0 &&
      S_ISSOCK(left.st_mode)) {
    ::unlink(path.c_str());
    bound = ::bind(socket, name, sizeof(address));
  }
  if (bound != 0 || ::chmod(path.c_str(), 0600) != 0 || ::listen(socket, options.max_connections) != 0) {
    Fault failed = system_fault("listening at " + path);
    ::close(socket);
    return failed;
  }
  return std::unique_ptr<LocalServer>(std::make_unique<Listener>(socket, path, options, std::move(handler)));
}

bool is_listening(const std::string& path) {
  const auto address = address_of(path);
  const int socket = address ? ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (socket < 0) return false;
  const bool answered = ::connect(socket, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) == 0;
  ::close(socket);
  return answered;
}

void wait_for_end_of(const std::string& path) {
  const auto address = address_of(path);
  const int socket = address ? ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
  if (socket < 0) return;
  std::uint8_t nothing[1];
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&*address), sizeof(*address)) == 0)
    receive_all(socket, nothing);
  ::close(socket);
}

LocalClient::~LocalClient() { close(); }

void LocalClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

Result<void> LocalClient::connect() {
  MIMICA_TRY(const sockaddr_un address, address_of(path_));
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return system_fault("socket");
  const timeval limit{options_.timeout_seconds, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return {};
  Fault failed = system_fault("the lab does not answer at " + path_);
  close();
  return failed;
}

Result<Bytes> LocalClient::ask(BytesView message) {
  // A kept connection may be one to a server that is gone: then once more with a new one.
  const int attempts = socket_ >= 0 ? 2 : 1;
  for (int i = 0; i < attempts; ++i) {
    if (socket_ < 0) MIMICA_RETURN_IF_FAULT(connect());
    if (send_message(socket_, message))
      if (auto answer = receive_message(socket_, options_.max_message)) return *std::move(answer);
    close();
  }
  return fault("the lab at " + path_ + " closed the connection");
}

}  // namespace mimica
