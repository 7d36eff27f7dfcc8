#include "net/io/http_client.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "net/http_url.h"
#include "net/io/http_stream.h"

namespace mimica {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using http_detail::Body;
using http_detail::Descriptor;
using http_detail::Stream;
using http_detail::text;

constexpr std::size_t kMaxAddresses = 4;

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Fault unreachable(const HttpUrl& url, std::string_view why) {
  return fault(HResult::RPC_S_SERVER_UNAVAILABLE, url.authority() + " " + std::string(why));
}
Fault bad_answer(const HttpUrl& url, std::string_view why) {
  return fault(HResult::ERROR_INVALID_DATA, url.authority() + " " + std::string(why));
}

std::vector<Address> look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  std::vector<Address> out;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return out;
  for (const addrinfo* at = found; at != nullptr && out.size() < kMaxAddresses; at = at->ai_next) {
    Address address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.length = at->ai_addrlen;
    out.push_back(address);
  }
  ::freeaddrinfo(found);
  return out;
}

// The resolver has no time limit of its own, so a name is looked up by a thread that may be left behind.
std::vector<Address> resolve(const HttpUrl& url, Stream::Clock::time_point deadline) {
  // RFC 6761 6.3: localhost is never asked of a name server.
  if (url.host == "localhost") {
    std::vector<Address> out = look_up("127.0.0.1", url.port, AI_NUMERICHOST);
    const std::vector<Address> v6 = look_up("::1", url.port, AI_NUMERICHOST);
    out.insert(out.end(), v6.begin(), v6.end());
    return out;
  }
  if (auto literal = look_up(url.host, url.port, AI_NUMERICHOST); !literal.empty()) return literal;
  struct Lookup {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    std::vector<Address> found;
  };
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = url.host, port = url.port] {
    auto found = look_up(host, port, 0);
    const std::lock_guard lock(lookup->mutex);
    lookup->found = std::move(found);
    lookup->done = true;
    lookup->changed.notify_all();
  }).detach();
  std::unique_lock lock(lookup->mutex);
  lookup->changed.wait_until(lock, deadline, [&] { return lookup->done; });
  return lookup->done ? lookup->found : std::vector<Address>{};
}

Result<Descriptor> connect(const HttpUrl& url, Stream::Clock::time_point deadline) {
  const std::vector<Address> addresses = resolve(url, deadline);
  if (addresses.empty()) return unreachable(url, "has no address");
  std::string why;
  for (const Address& address : addresses) {
    Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.get() < 0) {
      why = std::strerror(errno);
      continue;
    }
    int error = 0;
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
      error = errno;
      beast::error_code waited;
      if (error == EINPROGRESS && !Stream(socket.get(), deadline).wait(POLLOUT, waited))
        return unreachable(url, "did not answer in time");
      socklen_t length = sizeof error;
      if (error == EINPROGRESS) ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    }
    if (error == 0) return socket;
    why = std::strerror(error);
  }
  return unreachable(url, "cannot be reached: " + why);
}

Fault explain(const HttpUrl& url, const beast::error_code& error, const HttpClientOptions& options) {
  if (error == boost::asio::error::timed_out) return unreachable(url, "did not answer in time");
  if (error == http::error::body_limit)
    return bad_answer(url, "answers with more than " + std::to_string(options.max_body) + " octets");
  if (error == http::error::header_limit)
    return bad_answer(url, "answers with a header of more than " + std::to_string(options.max_header) + " octets");
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return bad_answer(url, "closed the connection before its answer was complete");
  if (error.category() == make_error_code(http::error::bad_version).category())
    return bad_answer(url, "does not answer with HTTP: " + error.message());
  return unreachable(url, "broke the connection: " + error.message());
}

struct Exchange {
  http::verb method;
  std::string_view content_type;
  BytesView body;
};

// One request on a connection of its own; any status.
Result<HttpResponse> once(const HttpUrl& url, const Exchange& exchange, const HttpClientOptions& options,
                          Stream::Clock::time_point deadline) {
  MIMICA_TRY(const Descriptor socket, connect(url, deadline));
  Stream stream(socket.get(), deadline);
  http::request<Body> request(exchange.method, url.target, 11);
  request.set(http::field::host, url.authority());
  request.set(http::field::user_agent, "Mimica");
  request.keep_alive(false);
  if (exchange.method == http::verb::post) {
    request.set(http::field::content_type, beast::string_view(exchange.content_type));
    request.body() = to_bytes(exchange.body);
    request.content_length(request.body().size());
  }
  beast::error_code error;
  http::write(stream, request, error);
  // A server may answer, and close, before it has read everything.
  if (error && error != boost::asio::error::broken_pipe && error != boost::asio::error::connection_reset)
    return explain(url, error, options);
  beast::flat_buffer buffer(options.max_header + 64 * 1024);
  http::response_parser<Body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options.max_header));
  parser.body_limit(options.max_body);
  http::read(stream, buffer, parser, error);
  if (error) return explain(url, error, options);
  http::response<Body> message = parser.release();
  HttpResponse out;
  out.status = static_cast<int>(message.result_int());
  for (const auto& field : message)
    out.headers.emplace_back(std::string(text(field.name_string())), std::string(text(field.value())));
  out.body = std::move(message.body());
  return out;
}

bool is_redirection(int status, http::verb method) {
  if (status == 307 || status == 308) return true;
  return method == http::verb::get && (status == 301 || status == 302);
}

Result<HttpResponse> exchange(std::string_view text_url, const Exchange& wanted, const HttpClientOptions& options) {
  const auto deadline = Stream::Clock::now() + std::chrono::milliseconds(options.timeout_milliseconds);
  MIMICA_TRY(HttpUrl url, parse_http_url(text_url));
  for (int followed = 0;; ++followed) {
    MIMICA_TRY(HttpResponse response, once(url, wanted, options, deadline));
    if (response.status == 200) return response;
    const std::string phrase(reason_phrase(response.status));
    const std::string answers = "answers " + std::to_string(response.status) + (phrase.empty() ? "" : " " + phrase);
    const auto location = response.header("Location");
    if (!is_redirection(response.status, wanted.method) || !location)
      return fault(HResult::ERROR_NOT_FOUND, url.authority() + " " + answers);
    const bool is_path = location->substr(0, 1) == "/" && location->substr(0, 2) != "//";
    const auto next = parse_http_url(is_path ? "http://" + url.authority() + std::string(*location) : *location);
    if (!next || next->authority() != url.authority())
      return bad_answer(url, answers + ", a redirection to another place");
    if (followed == options.max_redirections) return bad_answer(url, answers + ", one redirection too many");
    url = *next;
  }
}

}  // namespace

Result<HttpResponse> http_get(std::string_view url, const HttpClientOptions& options) {
  return exchange(url, {http::verb::get, {}, {}}, options);
}

Result<HttpResponse> http_post(std::string_view url, std::string_view content_type, BytesView body,
                               const HttpClientOptions& options) {
  return exchange(url, {http::verb::post, content_type, body}, options);
}

}  // namespace mimica
