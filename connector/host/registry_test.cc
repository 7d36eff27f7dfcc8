#include "connector/host/registry.h"

#include <gtest/gtest.h>

namespace mimica::connector {
namespace {

constexpr std::string_view kNdes = "HKLM\\SOFTWARE\\Microsoft\\MicrosoftIntune\\NDESConnector";

TEST(Registry, TheSwitchIsOneDwordAtOnePlace) {
  Registry registry;
  EXPECT_FALSE(sid_switch(registry));
  registry.set("hklm\\software\\microsoft\\microsoftintune\\pfxcertificateconnector", "enablesidsecurityextension",
               std::uint32_t{1});
  EXPECT_TRUE(sid_switch(registry));
  EXPECT_TRUE(registry_findings(registry, "c").empty());
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{0});
  EXPECT_FALSE(sid_switch(registry));
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{2});
  EXPECT_FALSE(sid_switch(registry));
}

TEST(Registry, MistakesHaveNoEffectAndAreReported) {
  Registry registry;
  registry.set(kNdes, kSidSwitch, std::uint32_t{1});
  registry.set(kConnectorKey, "EnableSidSecurityExtention", std::uint32_t{1});
  EXPECT_FALSE(sid_switch(registry));
  Findings findings = registry_findings(registry, "connector CONNECTOR01");
  EXPECT_NE(find(findings, "connector.registry.path"), nullptr);
  EXPECT_NE(find(findings, "connector.registry.value_name"), nullptr);
  EXPECT_EQ(find(findings, "connector.registry.value_type"), nullptr);
  registry.set(kConnectorKey, kSidSwitch, std::string("1"));
  EXPECT_FALSE(sid_switch(registry));
  findings = registry_findings(registry, "connector CONNECTOR01");
  EXPECT_NE(find(findings, "connector.registry.value_type"), nullptr);
  registry.set(kNdes, "ConnectionStatus", std::string("ok"));
  EXPECT_EQ(registry_findings(registry, "c").size(), findings.size());
}

TEST(Registry, BackupAndRestore) {
  Registry registry;
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{1});
  registry.set(kConnectorKey, "Path with \"quotes\"", std::string("C:\\Program Files\\x"));
  registry.set(kNdes, "Blob", Bytes{0x01, 0xFF});
  const std::string file = export_reg(registry);
  EXPECT_EQ(file.substr(0, 38), "Windows Registry Editor Version 5.00\r\n");
  EXPECT_NE(file.find("\"EnableSidSecurityExtension\"=dword:00000001\r\n"), std::string::npos);
  Registry restored;
  ASSERT_TRUE(import_reg(restored, as_bytes(file)));
  EXPECT_EQ(restored, registry);

  // The real tool writes UTF-16 with a byte order mark.
  Bytes wide = {0xFF, 0xFE};
  for (const char c : file) {
    wide.push_back(static_cast<std::uint8_t>(c));
    wide.push_back(0);
  }
  Registry again;
  ASSERT_TRUE(import_reg(again, wide));
  EXPECT_EQ(again, registry);
}

TEST(Registry, DeletionsAndContinuations) {
  Registry registry;
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{1});
  registry.set(kNdes, "A", std::string("x"));
  ASSERT_TRUE(import_reg(registry, as_bytes("Windows Registry Editor Version 5.00\n\n[" + std::string(kConnectorKey) +
                                            "]\n\"EnableSidSecurityExtension\"=-\n\"B\"=hex:01,\\\n  02\n")));
  EXPECT_EQ(registry.get(kConnectorKey, kSidSwitch), nullptr);
  EXPECT_EQ(std::get<Bytes>(*registry.get(kConnectorKey, "b")), (Bytes{1, 2}));
  ASSERT_TRUE(import_reg(registry, as_bytes("REGEDIT4\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft]\n")));
  EXPECT_TRUE(registry.entries().empty());
}

TEST(Registry, BadFilesChangeNothing) {
  const std::string head = "Windows Registry Editor Version 5.00\n[HKLM\\x]\n";
  for (const std::string& text :
       {std::string("nonsense"), std::string(), head + "\"a\"=dword:xyz\n", head + "\"a\n", head + "a=1\n",
        head + "\"a\"=qword:1\n", std::string("REGEDIT4\n\"a\"=\"b\"\n"), std::string("REGEDIT4\n[HKLM\n")}) {
    Registry registry;
    EXPECT_FALSE(import_reg(registry, as_bytes(text))) << text;
    EXPECT_TRUE(registry.entries().empty());
  }
  Registry registry;
  EXPECT_EQ(import_reg(registry, as_bytes(head + "\"a\"=dword:1\noops\n"), "backup.reg").error().where.line, 4);
  EXPECT_TRUE(registry.entries().empty());
}

}  // namespace
}  // namespace mimica::connector
