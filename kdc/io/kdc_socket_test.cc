#include "kdc/io/kdc_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

namespace mimica::kdc {
namespace {

using krb5kdc::Answer;
using krb5kdc::AuthorizeAnswer;
using krb5kdc::FailureAnswer;
using krb5kdc::PrincipalQuery;
using krb5kdc::Query;

class KdcSocketTest : public ::testing::Test {
 protected:
  KdcSocketTest() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    path = folder_ + "/lab";
  }
  ~KdcSocketTest() override { std::filesystem::remove_all(folder_); }
  std::unique_ptr<KdcSocket> listen() {
    auto listening = KdcSocket::listen(path, [](const Query& query) -> Answer {
      const auto* asked = std::get_if<PrincipalQuery>(&query);
      if (asked == nullptr) return FailureAnswer{"only names"};
      return AuthorizeAnswer{static_cast<int>(asked->name.components.size()), to_string(asked->name), {}};
    });
    EXPECT_TRUE(listening) << (listening ? "" : listening.error().describe());
    return listening ? *std::move(listening) : nullptr;
  }
  static Query jane() { return PrincipalQuery{{1, {"jane"}, "CONTOSO.COM"}, true}; }

  std::string path;

 private:
  std::string folder_ = ::testing::TempDir() + "mimica-XXXXXX";
};

TEST_F(KdcSocketTest, AnswersOneQuestionAfterTheOther) {
  const auto lab = listen();
  KdcClient client(path);
  for (int i = 0; i < 100; ++i) {
    const auto answer = client.ask(jane());
    ASSERT_TRUE(answer) << answer.error().describe();
    EXPECT_EQ(*answer, Answer(AuthorizeAnswer{1, "jane@CONTOSO.COM", {}}));
  }
}

TEST_F(KdcSocketTest, ManyClientsAskAtOnce) {
  const auto lab = listen();
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      KdcClient client(path);
      for (int n = 0; n < 50; ++n) answered += client.ask(jane()) ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 400);
}

TEST_F(KdcSocketTest, AClientSurvivesTheRestartOfItsLab) {
  KdcClient client(path);
  EXPECT_FALSE(client.ask(jane()));
  {
    const auto lab = listen();
    EXPECT_TRUE(client.ask(jane()));
  }
  EXPECT_FALSE(client.ask(jane()));
  const auto lab = listen();
  EXPECT_TRUE(client.ask(jane()));
}

TEST_F(KdcSocketTest, AWatcherReturnsWhenTheLabIsGone) {
  auto lab = listen();
  std::thread watcher([this] { wait_for_end_of(path); });
  KdcClient client(path);
  EXPECT_TRUE(client.ask(jane()));
  lab.reset();
  watcher.join();
  wait_for_end_of(path);
}

TEST_F(KdcSocketTest, BytesThatAreNoQueryEndTheConnectionOnly) {
  const auto lab = listen();
  for (const Bytes& bytes :
       {Bytes{0, 0, 0, 3, 1, 2, 3}, Bytes{0xFF, 0xFF, 0xFF, 0xFF}, Bytes{0, 0, 0, 0}, Bytes{0, 0}}) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int raw = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::connect(raw, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ASSERT_EQ(::send(raw, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    ::shutdown(raw, SHUT_WR);
    Bytes rest(4096);
    while (::recv(raw, rest.data(), rest.size(), 0) > 0) {
    }
    ::close(raw);
  }
  KdcClient client(path);
  EXPECT_TRUE(client.ask(jane()));
}

TEST_F(KdcSocketTest, APathThatIsTooLongIsAFault) {
  EXPECT_FALSE(KdcSocket::listen(path + std::string(200, 'x'), {}));
  EXPECT_FALSE(KdcSocket::listen("/nonexistent/lab", {}));
}

}  // namespace
}  // namespace mimica::kdc
