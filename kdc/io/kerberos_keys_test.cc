#include "kdc/io/kerberos_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using testing::must;

TEST(KerberosKeys, AreThoseOfADomainController) {
  const auto keys = must(make_key_maker()->from_password("Passw0rd!", "CONTOSO.COMjane"));
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].encryption_type, 18);
  EXPECT_EQ(keys[0].value.size(), 32U);
  EXPECT_EQ(keys[1].encryption_type, 17);
  EXPECT_EQ(keys[1].value.size(), 16U);
  EXPECT_EQ(keys[0].salt, "CONTOSO.COMjane");
  EXPECT_EQ(keys, must(make_key_maker()->from_password("Passw0rd!", "CONTOSO.COMjane")));
  EXPECT_NE(keys, must(make_key_maker()->from_password("Passw0rd!", "CONTOSO.COMbob")));
}

class Keytab : public ::testing::Test {
 protected:
  ~Keytab() override { std::filesystem::remove(path); }
  std::string path = ::testing::TempDir() + "mimica-" + std::to_string(::getpid()) + ".keytab";
};

TEST_F(Keytab, IsWrittenAnewForItsOwnerOnly) {
  const auto keys = must(make_key_maker()->from_password("x", "y"));
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(write_keytab(path, {{"HTTP/web.contoso.com@CONTOSO.COM", 3, keys}, {"WEB01$@CONTOSO.COM", 3, keys}}));
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  std::ifstream in(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(content.starts_with("\x05\x02"));
  std::size_t found = 0;
  for (std::size_t at = 0; (at = content.find("WEB01$", at)) != std::string::npos; ++at) ++found;
  EXPECT_EQ(found, 2U) << "one entry for each key, and none left from the first writing";
}

TEST_F(Keytab, FaultsNameTheFile) {
  const auto keys = must(make_key_maker()->from_password("x", "y"));
  const auto nowhere = write_keytab("/nonexistent/x.keytab", {{"jane@CONTOSO.COM", 1, keys}});
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().what.find("/nonexistent/x.keytab"), std::string::npos);
}

}  // namespace
}  // namespace mimica::kdc
