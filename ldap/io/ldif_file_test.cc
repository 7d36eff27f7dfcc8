#include "ldap/io/ldif_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace mimica::ldap {
namespace {

class LdifFile : public ::testing::Test {
 protected:
  ~LdifFile() override { std::filesystem::remove(path_); }
  Result<std::size_t> count(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    std::size_t records = 0;
    lines_.clear();
    MIMICA_RETURN_IF_FAULT(read_ldif_file(path_, [&](const LdifRecord& record) -> Result<void> {
      ++records;
      lines_.push_back(record.line);
      return {};
    }));
    return records;
  }
  std::string path_ =
      (std::filesystem::temp_directory_path() / ("mimica-ldif-" + std::to_string(getpid()) + "-" +
                                                 ::testing::UnitTest::GetInstance()->current_test_info()->name()))
          .string();
  std::vector<int> lines_;
};

TEST_F(LdifFile, PiecesKeepRecordsAndLines) {
  std::string content = "version: 1\n\n";
  const std::string filler(3000, 'x');
  constexpr std::size_t kRecords = 5000;  // 15 MB: several pieces
  for (std::size_t i = 0; i < kRecords; ++i)
    content += "dn: CN=" + std::to_string(i) + ",DC=x\r\ndescription: " + filler + "\r\n\r\n";
  const auto got = count(content);
  ASSERT_TRUE(got) << got.error().describe();
  EXPECT_EQ(*got, kRecords);
  for (std::size_t i = 0; i < kRecords; ++i) ASSERT_EQ(lines_[i], 3 + 3 * static_cast<int>(i));
  const auto broken = count(content + "dn: CN=last,DC=x\nno colon here\n");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().where.line, 3 + 3 * static_cast<int>(kRecords) + 1);
  EXPECT_EQ(broken.error().where.source, path_);
}

TEST_F(LdifFile, WhatIsNoLdifIsSaidSo) {
  EXPECT_FALSE(count(""));
  EXPECT_FALSE(count(std::string("\xFF\xFE", 2) + std::string("d\0n\0", 4)));
  EXPECT_FALSE(count(std::string("PK\x03\x04\0\0\0", 7)));
  EXPECT_FALSE(count("hello world\n"));
  EXPECT_FALSE(count("dn: CN=x,DC=x\nobjectSid:: !!!\n"));
  EXPECT_FALSE(read_ldif_file(path_ + ".missing", [](const LdifRecord&) -> Result<void> { return {}; }));
  EXPECT_FALSE(read_ldif_file("/", [](const LdifRecord&) -> Result<void> { return {}; }));
}

TEST_F(LdifFile, OneEndlessLineIsBounded) {
  const auto got = count("dn: CN=x,DC=x\ndescription: " + std::string(kMaxLdifSize + 1, 'x'));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code{LdapCode::adminLimitExceeded});
}

TEST_F(LdifFile, AFaultOfTheReaderStops) {
  std::ofstream(path_) << "dn: CN=x,DC=x\ncn: x\n\ndn: CN=y,DC=x\ncn: y\n";
  int calls = 0;
  const auto got = read_ldif_file(path_, [&](const LdifRecord&) -> Result<void> {
    ++calls;
    return fault("enough");
  });
  EXPECT_FALSE(got);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace mimica::ldap
