#include "net/io/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "net/io/http_server.h"

namespace mimica {
namespace {

using testing::HasSubstr;

// A socket that misbehaves as the test says, for one connection after the other.
class HostileServer {
 public:
  using Behaviour = std::function<void(int socket, const std::atomic<bool>& stop)>;
  explicit HostileServer(Behaviour behaviour) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, behaviour = std::move(behaviour)] {
      for (int fd = 0; (fd = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(fd)) behaviour(fd, stop_);
    });
  }
  ~HostileServer() {
    stop_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/x"; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

void say(int fd, std::string_view text) { (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL); }
void read_request(int fd) {
  char buffer[4096];
  (void)!::recv(fd, buffer, sizeof buffer, 0);
}
HostileServer::Behaviour says(std::string answer) {
  return [answer = std::move(answer)](int fd, const std::atomic<bool>&) { read_request(fd), say(fd, answer); };
}

HttpClientOptions quick() {
  HttpClientOptions options;
  options.timeout_milliseconds = 300;
  options.max_header = 1024;
  options.max_body = 10000;
  return options;
}

std::string problem(const Result<HttpResponse>& answer) { return answer ? "" : answer.error().what; }

std::unique_ptr<HttpServer> serve(HttpHandler handler) { return *HttpServer::start({}, std::move(handler)); }

TEST(HttpClient, GetsAndPosts) {
  const auto server = serve([](const HttpRequest& request) {
    return text_response(200, request.method + " " + request.target + " " + std::to_string(request.body.size()) + " " +
                                  std::string(request.header("Content-Type").value_or("-")) + " " +
                                  std::string(request.header("Host").value_or("-")));
  });
  const std::string authority = server->base_url().substr(7);
  const auto got = http_get(server->base_url() + "/a?b");
  ASSERT_TRUE(got) << got.error().describe();
  EXPECT_EQ(to_string(BytesView(got->body)), "GET /a?b 0 - " + authority + "\n");
  const auto posted = http_post("http://localhost:" + std::to_string(server->port()), "application/x", Bytes(50'000));
  ASSERT_TRUE(posted) << posted.error().describe();
  EXPECT_THAT(to_string(BytesView(posted->body)), HasSubstr("POST / 50000 application/x localhost:"));
}

TEST(HttpClient, ReadsChunkedBodiesAndThoseThatEndWithTheConnection) {
  const HostileServer chunked(
      says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(to_string(BytesView(http_get(chunked.url(), quick())->body)), "abcde");
  const HostileServer closing(says("HTTP/1.0 200 OK\r\n\r\nabc"));
  EXPECT_EQ(to_string(BytesView(http_get(closing.url(), quick())->body)), "abc");
}

TEST(HttpClient, OtherStatusesAreFaults) {
  const auto server =
      serve([](const HttpRequest& request) { return text_response(std::stoi(request.target.substr(1)), "no"); });
  for (const char* status : {"404", "500", "503", "204", "401", "302"}) {
    const auto answer = http_get(server->base_url() + "/" + status);
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().what, HasSubstr("answers " + std::string(status)));
    EXPECT_EQ(answer.error().code, Code{HResult::ERROR_NOT_FOUND});
  }
}

TEST(HttpClient, NobodyThereIsToldAtOnce) {
  std::string url;
  {
    url = serve([](const HttpRequest&) { return HttpResponse{}; })->base_url();
  }
  const auto answer = http_get(url);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().what, HasSubstr("refused"));
  EXPECT_EQ(answer.error().code, Code{HResult::RPC_S_SERVER_UNAVAILABLE});
  EXPECT_FALSE(http_get("https://127.0.0.1/"));
  EXPECT_FALSE(http_get("http://127.0.0.1:1/\r\nX: y"));
  EXPECT_THAT(problem(http_get("http://no-such-host.invalid/")), HasSubstr("no-such-host.invalid"));
}

TEST(HttpClient, SlownessEndsAtTheDeadline) {
  const auto silent = [](int fd, const std::atomic<bool>&) {
    char buffer[4096];
    while (::recv(fd, buffer, sizeof buffer, 0) > 0) {
    }
  };
  // One octet after the other keeps each single wait short.
  const auto dripping = [](int fd, const std::atomic<bool>& stop) {
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
    while (!stop && ::send(fd, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  for (const HostileServer::Behaviour& behaviour :
       {HostileServer::Behaviour(silent), HostileServer::Behaviour(dripping)}) {
    const HostileServer server(behaviour);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(problem(http_get(server.url(), quick())), HasSubstr("in time"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }
}

TEST(HttpClient, EndlessAnswersAreCutOff) {
  const auto endless = [](std::string head, std::string piece) {
    return [=](int fd, const std::atomic<bool>& stop) {
      read_request(fd);
      say(fd, head);
      while (!stop && ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
      }
    };
  };
  const HostileServer body(endless("HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'x')));
  EXPECT_THAT(problem(http_get(body.url(), quick())), HasSubstr("more than 10000 octets"));
  const HostileServer chunks(endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"));
  EXPECT_THAT(problem(http_get(chunks.url(), quick())), HasSubstr("more than 10000 octets"));
  const HostileServer header(endless("HTTP/1.1 200 OK\r\n", "X-Field: value\r\n"));
  EXPECT_THAT(problem(http_get(header.url(), quick())), HasSubstr("a header of more than 1024 octets"));
  const HostileServer announced(says("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n"));
  EXPECT_NE(problem(http_get(announced.url(), quick())), "");
}

TEST(HttpClient, GarbageIsNoAnswer) {
  for (const char* garbage :
       {"", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const HostileServer server(says(garbage));
    EXPECT_NE(problem(http_get(server.url(), quick())), "") << garbage;
  }
}

TEST(HttpClient, FollowsAFewRedirectionsToTheSamePlace) {
  std::atomic<int> requests = 0;
  const auto server = serve([&](const HttpRequest& request) {
    ++requests;
    if (request.target == "/here") return text_response(200, request.method);
    HttpResponse response = text_response(request.method == "GET" ? 302 : 307, "moved");
    const std::string& target = request.target;
    response.set_header("Location", target == "/loop"    ? "/loop"
                                    : target == "/away"  ? "http://127.0.0.1:1/here"
                                    : target == "/slash" ? "//127.0.0.1:1/here"
                                                         : "http://" + std::string(*request.header("Host")) + "/here");
    return response;
  });
  EXPECT_TRUE(http_get(server->base_url() + "/there"));
  EXPECT_TRUE(http_post(server->base_url() + "/there", "text/plain", {}));
  EXPECT_THAT(problem(http_get(server->base_url() + "/away")), HasSubstr("another place"));
  EXPECT_THAT(problem(http_get(server->base_url() + "/slash")), HasSubstr("another place"));
  requests = 0;
  EXPECT_THAT(problem(http_get(server->base_url() + "/loop")), HasSubstr("too many"));
  EXPECT_EQ(requests, 4);
}

}  // namespace
}  // namespace mimica
