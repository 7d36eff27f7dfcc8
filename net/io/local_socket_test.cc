#include "net/io/local_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace mimica {
namespace {

class LocalSocketTest : public ::testing::Test {
 protected:
  LocalSocketTest() {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    path = folder_ + "/socket";
  }
  ~LocalSocketTest() override { std::filesystem::remove_all(folder_); }
  Result<std::unique_ptr<LocalServer>> listen(std::size_t max_message = 1024) {
    LocalSocketOptions options;
    options.max_message = max_message;
    return LocalServer::listen(path, options, [](BytesView message) {
      LocalReply reply{to_bytes(message), message.size() == 3};
      reply.message.push_back('!');
      return reply;
    });
  }

  std::string path;

 private:
  std::string folder_ = ::testing::TempDir() + "mimica-XXXXXX";
};

TEST_F(LocalSocketTest, AnswersAndMayCloseAfterwards) {
  const auto server = listen();
  ASSERT_TRUE(server);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  LocalClient client(path);
  for (const char* text : {"hello", "", "bye", "again"}) {
    const auto answer = client.ask(as_bytes(text));
    ASSERT_TRUE(answer) << text;
    EXPECT_EQ(to_string(BytesView(*answer)), std::string(text) + "!");
  }
}

TEST_F(LocalSocketTest, MessagesAreBounded) {
  const auto server = listen(16);
  LocalClient client(path);
  EXPECT_FALSE(client.ask(Bytes(17)));
  EXPECT_TRUE(client.ask(Bytes(16)));
  LocalSocketOptions narrow;
  narrow.max_message = 4;
  EXPECT_FALSE(LocalClient(path, narrow).ask(Bytes(4)));  // the answer has five octets
}

TEST_F(LocalSocketTest, TakesThePlaceOfADeadServerOnly) {
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    ::close(dead);
  }
  EXPECT_FALSE(is_listening(path));
  const auto server = listen();
  ASSERT_TRUE(server) << server.error().describe();
  EXPECT_TRUE(is_listening(path));
  EXPECT_FALSE(listen());
  EXPECT_TRUE(LocalClient(path).ask(as_bytes("still")));
}

TEST_F(LocalSocketTest, AFileIsLeftAlone) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fclose(file);
  EXPECT_FALSE(listen());
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

}  // namespace
}  // namespace mimica
