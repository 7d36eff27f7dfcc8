// What the HTTP server and client share: a socket as Beast's stream. Private to core/io; compiled in two units only.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace mimica::http_detail {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using Body = http::vector_body<std::uint8_t>;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Beast's synchronous stream over a non-blocking socket. Every wait has a time limit and may watch a stop event, which
// Asio's own blocking operations cannot offer.
class Stream {
 public:
  using Clock = std::chrono::steady_clock;
  // `stop` becomes readable when the wait shall end; -1: never. A wait takes `longest` at most.
  Stream(int socket, int stop, std::chrono::milliseconds longest) : socket_(socket), stop_(stop), longest_(longest) {}
  // All operations together end at `deadline`.
  Stream(int socket, Clock::time_point deadline) : socket_(socket), deadline_(deadline) {}

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, beast::error_code& error) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::mutable_buffer buffer(*it);
      if (buffer.size() == 0) continue;
      for (;;) {
        if (!wait(POLLIN, error)) return 0;
        const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
        if (count > 0) return error = {}, static_cast<std::size_t>(count);
        if (count == 0) return error = boost::asio::error::eof, 0;
        if (!again(error)) return 0;
      }
    }
    return error = {}, 0;
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, beast::error_code& error) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::const_buffer buffer(*it);
      if (buffer.size() == 0) continue;
      for (;;) {
        if (!wait(POLLOUT, error)) return 0;
        const ssize_t count = ::send(socket_, buffer.data(), buffer.size(), MSG_NOSIGNAL);
        if (count >= 0) return error = {}, static_cast<std::size_t>(count);
        if (!again(error)) return 0;
      }
    }
    return error = {}, 0;
  }
  // The throwing forms complete the SyncStream concept.
  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers) {
    beast::error_code error;
    const std::size_t count = read_some(buffers, error);
    if (error) throw beast::system_error(error);
    return count;
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers) {
    beast::error_code error;
    const std::size_t count = write_some(buffers, error);
    if (error) throw beast::system_error(error);
    return count;
  }

  // Until the socket is ready for `events`; false sets `error`.
  bool wait(short events, beast::error_code& error) const {
    std::array<pollfd, 2> fds = {pollfd{socket_, events, 0}, pollfd{stop_, POLLIN, 0}};
    for (;;) {
      if (deadline_ && Clock::now() >= *deadline_) return error = boost::asio::error::timed_out, false;
      const int ready = ::poll(fds.data(), fds.size(), patience());
      if (ready < 0 && errno == EINTR) continue;
      if (ready < 0) return error = {errno, boost::system::system_category()}, false;
      if (ready == 0) return error = boost::asio::error::timed_out, false;
      if (fds[1].revents != 0) return error = boost::asio::error::operation_aborted, false;
      return true;
    }
  }

 private:
  static bool again(beast::error_code& error) {
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return true;
    error = {errno, boost::system::system_category()};
    return false;
  }

  int patience() const {
    if (!deadline_) return static_cast<int>(longest_.count());
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
  }

  int socket_;
  int stop_ = -1;
  std::chrono::milliseconds longest_{};
  std::optional<Clock::time_point> deadline_;
};

inline std::string_view text(beast::string_view view) { return {view.data(), view.size()}; }

}  // namespace mimica::http_detail
