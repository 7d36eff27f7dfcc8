#include "net/io/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace mimica {
namespace {

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("connect");
  }
  ~Client() { ::close(fd_); }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  // Everything until the server closes.
  std::string rest() {
    std::string out;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;)
      out.append(buffer, static_cast<std::size_t>(count));
    return out;
  }
  // Until the text ends with `end`.
  std::string until(std::string_view end) {
    std::string out;
    char c = 0;
    while (out.size() < end.size() || out.compare(out.size() - end.size(), end.size(), end) != 0) {
      if (::recv(fd_, &c, 1, 0) != 1) break;
      out += c;
    }
    return out;
  }

 private:
  int fd_;
};

HttpResponse echo(const HttpRequest& request) {
  if (request.target == "/throw") throw std::runtime_error("broken handler");
  HttpResponse response =
      text_response(200, request.method + " " + request.target + " " + std::to_string(request.body.size()) +
                             (request.peer.empty() ? "" : " peer"));
  if (const auto value = request.header("X-Test")) response.set_header("X-Test", std::string(*value));
  return response;
}

std::unique_ptr<HttpServer> server(HttpServerOptions options = {}) {
  auto started = HttpServer::start(options, echo);
  EXPECT_TRUE(started);
  return started ? *std::move(started) : nullptr;
}

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  const auto http = server();
  EXPECT_EQ(http->base_url(), "http://127.0.0.1:" + std::to_string(http->port()));
  Client client(http->port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /path?q HTTP/1.1\r\nHost: x\r\nX-Test: yes\r\n\r\n");
    const std::string answer = client.until("GET /path?q 0 peer\n");
    EXPECT_EQ(answer.substr(0, 15), "HTTP/1.1 200 OK");
    EXPECT_NE(answer.find("X-Test: yes"), std::string::npos);
  }
}

TEST(HttpServer, ReadsBodies) {
  const auto http = server();
  Client fixed(http->port());
  fixed.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_NE(fixed.rest().find("POST / 5 peer"), std::string::npos);
  Client chunked(http->port());
  chunked.send(
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_NE(chunked.rest().find("POST / 5 peer"), std::string::npos);
  Client expecting(http->port());
  expecting.send(
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(expecting.until("\r\n\r\n").substr(0, 12), "HTTP/1.1 100");
  expecting.send("hello");
  EXPECT_NE(expecting.rest().find("POST / 5 peer"), std::string::npos);
}

TEST(HttpServer, HeadHasLengthButNoBody) {
  const auto http = server();
  Client client(http->port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_NE(answer.find("Content-Length: 14"), std::string::npos) << answer;
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST(HttpServer, BoundsHeadersAndBodies) {
  HttpServerOptions options;
  options.max_header = 512;
  options.max_body = 64;
  const auto http = server(options);
  Client long_header(http->port());
  long_header.send("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  EXPECT_EQ(long_header.rest().substr(0, 12), "HTTP/1.1 431");
  Client long_body(http->port());
  long_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n");
  EXPECT_EQ(long_body.rest().substr(0, 12), "HTTP/1.1 413");
  Client garbage(http->port());
  garbage.send("\x16\x03\x01 this is no HTTP\r\n\r\n");
  EXPECT_EQ(garbage.rest().substr(0, 12), "HTTP/1.1 400");
}

TEST(HttpServer, AThrowingHandlerGives500) {
  const auto http = server();
  Client client(http->port());
  client.send("GET /throw HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 500");
  EXPECT_NE(answer.find("broken handler"), std::string::npos);
}

TEST(HttpServer, ServesManyAtOnceAndStopsWithOpenConnections) {
  HttpServerOptions options;
  options.max_connections = 4;
  auto http = server(options);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      Client client(http->port());
      client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      if (client.rest().find("200 OK") != std::string::npos) ++answered;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 12);
  Client idle(http->port());
  idle.send("GET / HT");
  http.reset();  // must not wait for the idle client
  EXPECT_TRUE(idle.rest().empty());
}

TEST(HttpServer, RefusesAnAddressInUseAndNonsense) {
  const auto http = server();
  HttpServerOptions taken;
  taken.port = http->port();
  EXPECT_FALSE(HttpServer::start(taken, echo));
  HttpServerOptions nonsense;
  nonsense.address = "not an address";
  EXPECT_FALSE(HttpServer::start(nonsense, echo));
}

}  // namespace
}  // namespace mimica
