// Messages over a UNIX socket of this machine: one answer for each message, frames of four octets length (big-endian)
// and content. Both ends are here.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

inline constexpr std::size_t kLocalFrameHeader = 4;

struct LocalSocketOptions {
  std::size_t max_message = 1024 * 1024;  // octets; a connection that announces more is closed
  int timeout_seconds = 20;               // of a client waiting for its answer
  int max_connections = 32;               // further ones are closed at once
};

struct LocalReply {
  Bytes message;
  bool last = false;  // the connection is closed after it
};

// Answers at a UNIX socket, one thread a connection, until it is destroyed.
class LocalServer {
 public:
  // Called from connection threads, several at a time.
  using Handler = std::function<LocalReply(BytesView message)>;
  // `path`: at most 107 octets (sockaddr_un). The socket is for its owner only. A socket that a dead process left there
  // is replaced; one that somebody listens at is a Fault.
  static Result<std::unique_ptr<LocalServer>> listen(const std::string& path, const LocalSocketOptions& options,
                                                     Handler handler);
  virtual ~LocalServer() = default;
};

// The asking end: connects at first use and again after the server was restarted. Not thread-safe.
class LocalClient {
 public:
  explicit LocalClient(std::string path, LocalSocketOptions options = {}) : path_(std::move(path)), options_(options) {}
  ~LocalClient();
  LocalClient(const LocalClient&) = delete;
  LocalClient& operator=(const LocalClient&) = delete;
  // Faults: nobody listens, time-out, an answer that is too long.
  Result<Bytes> ask(BytesView message);

 private:
  Result<void> connect();
  void close();
  std::string path_;
  LocalSocketOptions options_;
  int socket_ = -1;
};

// Whether somebody listens at the socket.
bool is_listening(const std::string& path);
// Returns when the server at the socket is gone, at once if nobody listens there.
void wait_for_end_of(const std::string& path);

}  // namespace mimica
