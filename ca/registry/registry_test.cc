#include "ca/registry/registry.h"

#include <gtest/gtest.h>

#include "ca/registry/registry_flags.h"

namespace mimica::ca {
namespace {

const Sid kDomain(*Sid::parse("S-1-5-21-1-2-3"));

RegistryName named(std::string_view text) {
  const auto name = parse_registry_name(text);
  EXPECT_TRUE(name) << text;
  return name ? *name : RegistryName{};
}

struct RegistryTest : testing::Test {
  CaConfig config = default_config(CaType::enterprise_root, kDomain);
  Result<RegistryChange> set(std::string_view name, std::string_view argument) {
    return change_registry(config, named(name), argument);
  }
  std::string show(std::string_view name) {
    std::string spelling;
    const auto value = read_registry(config, named(name), &spelling);
    return value ? show_registry_value(spelling, *value) : "absent";
  }
};

TEST_F(RegistryTest, NamesAndPaths) {
  EXPECT_EQ(named("POLICY\\editflags").node, RegistryNode::policy);
  EXPECT_EQ(named("ca").entry, "");
  EXPECT_EQ(named("CA\\PolicyModules\\CertificateAuthority_MicrosoftDefault.Policy\\EditFlags").node,
            RegistryNode::policy);
  for (const char* wrong : {"", "template\\x", "CA\\x\\y", "CAx", "policyx\\EditFlags"}) {
    const auto name = parse_registry_name(wrong);
    ASSERT_FALSE(name) << wrong;
    EXPECT_EQ(name.error().code, Code(HResult::ERROR_FILE_NOT_FOUND));
  }
  config.CommonName = "corp-DC01-CA";
  EXPECT_EQ(
      registry_path(config, named("policy\\EditFlags")),
      "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\corp-DC01-CA\\PolicyModules\\"
      "CertificateAuthority_MicrosoftDefault.Policy\\EditFlags");
}

// The block that certutil printed on a Server 2019 CA before and after +EDITF_ATTRIBUTESUBJECTALTNAME2.
TEST_F(RegistryTest, EditFlagsAsObserved) {
  EXPECT_EQ(show("policy\\editflags"),
            "  EditFlags REG_DWORD = 11014e (1114446)\n"
            "    EDITF_REQUESTEXTENSIONLIST -- 2\n"
            "    EDITF_DISABLEEXTENSIONLIST -- 4\n"
            "    EDITF_ADDOLDKEYUSAGE -- 8\n"
            "    EDITF_BASICCONSTRAINTSCRITICAL -- 40 (64)\n"
            "    EDITF_ENABLEAKIKEYID -- 100 (256)\n"
            "    EDITF_ENABLEDEFAULTSMIME -- 10000 (65536)\n"
            "    EDITF_ENABLECHASECLIENTDC -- 100000 (1048576)\n");
  const auto change = set("policy\\EditFlags", "+EDITF_ATTRIBUTESUBJECTALTNAME2");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->before, RegistryValue::of(0x11014EU));
  EXPECT_EQ(change->after, RegistryValue::of(0x15014EU));
  EXPECT_EQ(config.EditFlags, 0x15014EU);
  ASSERT_TRUE(set("policy\\EditFlags", "-editf_attributesubjectaltname2"));
  EXPECT_EQ(config.EditFlags, 0x11014EU);
  ASSERT_TRUE(set("policy\\EditFlags", "0x20"));
  ASSERT_TRUE(set("policy\\EditFlags", "+64"));
  EXPECT_EQ(config.EditFlags, 0x60U);
  for (const char* wrong : {"+EDITF_NONSENSE", "text", "", "0x", "4294967296"}) {
    const auto refused = set("policy\\EditFlags", wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code(HResult::E_INVALIDARG));
  }
  EXPECT_EQ(config.EditFlags, 0x60U);
}

TEST_F(RegistryTest, DispositionsAreNumbersUnderAMask) {
  EXPECT_EQ(show("policy\\RequestDisposition"), "  RequestDisposition REG_DWORD = 1\n    REQDISP_ISSUE -- 1\n");
  ASSERT_TRUE(set("policy\\RequestDisposition", "+REQDISP_PENDINGFIRST"));
  EXPECT_EQ(config.RequestDisposition, 0x101U);
  ASSERT_TRUE(set("policy\\RequestDisposition", "+REQDISP_DENY"));
  EXPECT_EQ(config.RequestDisposition, 0x102U);
}

TEST_F(RegistryTest, PeriodsAreAUnitAndANumber) {
  EXPECT_EQ(show("CA\\ValidityPeriod"), "  ValidityPeriod REG_SZ = Years\n");
  EXPECT_EQ(show("CA\\ValidityPeriodUnits"), "  ValidityPeriodUnits REG_DWORD = 2\n");
  ASSERT_TRUE(set("CA\\ValidityPeriodUnits", "5"));
  EXPECT_EQ(config.ValidityPeriod, 5 * 365 * kDay);
  ASSERT_TRUE(set("CA\\ValidityPeriod", "days"));
  ASSERT_TRUE(set("CA\\ValidityPeriodUnits", "7"));
  EXPECT_EQ(config.ValidityPeriod, 7 * kDay);
  EXPECT_EQ(show("CA\\ValidityPeriod"), "  ValidityPeriod REG_SZ = Days\n");
  ASSERT_TRUE(set("CA\\ValidityPeriodUnits", "14"));
  EXPECT_EQ(config.ValidityPeriod, 14 * kDay);
  EXPECT_EQ(show("CA\\CRLOverlapUnits"), "  CRLOverlapUnits REG_DWORD = 0\n");
  ASSERT_TRUE(set("CA\\CRLOverlapUnits", "24"));
  EXPECT_EQ(config.CRLOverlap, kDay);
  EXPECT_EQ(show("CA\\CRLOverlapUnits"), "  CRLOverlapUnits REG_DWORD = 18 (24)\n");
  EXPECT_FALSE(set("CA\\ValidityPeriod", "Fortnights"));
  EXPECT_FALSE(set("CA\\ValidityPeriodUnits", "0"));
  EXPECT_FALSE(set("CA\\ValidityPeriodUnits", "4000000000"));
  EXPECT_EQ(config.ValidityPeriod, 14 * kDay);
}

TEST_F(RegistryTest, Lists) {
  config.CRLPublicationURLs = {"65:C:\\Windows\\system32\\CertSrv\\CertEnroll\\%3%8%9.crl"};
  EXPECT_EQ(show("CA\\CRLPublicationURLs"),
            "  CRLPublicationURLs REG_MULTI_SZ =\n"
            "    0: 65:C:\\Windows\\system32\\CertSrv\\CertEnroll\\%3%8%9.crl\n"
            "    CSURL_SERVERPUBLISH -- 1\n"
            "    CSURL_SERVERPUBLISHDELTA -- 40 (64)\n");
  ASSERT_TRUE(set("CA\\CRLPublicationURLs", "6:http://a/%3.crl\\n2:http://b/%3.crl"));
  EXPECT_EQ(config.CRLPublicationURLs, (std::vector<std::string>{"6:http://a/%3.crl", "2:http://b/%3.crl"}));
  ASSERT_TRUE(set("CA\\CRLPublicationURLs", "-6:http://a/%3.crl"));
  ASSERT_TRUE(set("CA\\CRLPublicationURLs", "+2:http://c/%3.crl"));
  EXPECT_EQ(config.CRLPublicationURLs, (std::vector<std::string>{"2:http://b/%3.crl", "2:http://c/%3.crl"}));
}

// Observed: setting the absent value with one OID makes a REG_SZ of it.
TEST_F(RegistryTest, DisableExtensionList) {
  EXPECT_EQ(show("policy\\DisableExtensionList"), "absent");
  ASSERT_TRUE(set("policy\\DisableExtensionList", "1.3.6.1.4.1.311.25.2"));
  EXPECT_EQ(show("policy\\DisableExtensionList"), "  DisableExtensionList REG_SZ = 1.3.6.1.4.1.311.25.2\n");
  EXPECT_EQ(config.DisableExtensionList, std::vector<Oid>{oids::kSidExtension});
  ASSERT_TRUE(set("policy\\DisableExtensionList", "+2.5.29.17"));
  EXPECT_EQ(show("policy\\DisableExtensionList"),
            "  DisableExtensionList REG_MULTI_SZ =\n    0: 1.3.6.1.4.1.311.25.2\n    1: 2.5.29.17\n");
  EXPECT_FALSE(set("policy\\DisableExtensionList", "+not an oid"));
  ASSERT_TRUE(delete_registry(config, named("policy\\DisableExtensionList")));
  EXPECT_TRUE(config.DisableExtensionList.empty());
  EXPECT_FALSE(delete_registry(config, named("policy\\DisableExtensionList")));
}

TEST_F(RegistryTest, SecurityIsADescriptor) {
  const auto value = read_registry(config, named("CA\\Security"));
  ASSERT_TRUE(value);
  EXPECT_EQ(value->bytes, config.Security.to_binary());
  SecurityDescriptor other = config.Security;
  other.dacl->aces.pop_back();
  ASSERT_TRUE(set("CA\\Security", to_hex(other.to_binary())));
  EXPECT_EQ(config.Security, other);
  EXPECT_FALSE(set("CA\\Security", "0102"));
  EXPECT_FALSE(set("CA\\Security", "zz"));
}

TEST_F(RegistryTest, RestrictionsComeAndGo) {
  for (const char* name : {"CA\\OfficerRights", "CA\\EnrollmentAgentRights"}) {
    EXPECT_EQ(show(name), "absent");
    ASSERT_TRUE(set(name, to_hex(config.Security.to_binary())));
    EXPECT_FALSE(set(name, "0102"));
  }
  EXPECT_EQ(config.OfficerRights, config.Security);
  EXPECT_EQ(config.EnrollmentAgentRights, config.Security);
  ASSERT_TRUE(delete_registry(config, named("CA\\OfficerRights")));
  EXPECT_FALSE(config.OfficerRights);
}

TEST_F(RegistryTest, OtherValuesAreKept) {
  EXPECT_EQ(show("CA\\LogLevel"), "  LogLevel REG_DWORD = 3\n");
  EXPECT_FALSE(is_honoured(named("CA\\LogLevel")));
  EXPECT_TRUE(is_honoured(named("policy\\editflags")));
  ASSERT_TRUE(set("CA\\loglevel", "4"));
  EXPECT_EQ(show("CA\\LogLevel"), "  LogLevel REG_DWORD = 4\n");
  ASSERT_TRUE(set("policy\\Ours", "text"));
  ASSERT_TRUE(set("policy\\Number", "0x10"));
  ASSERT_TRUE(set("policy\\List", "a\\nb"));
  EXPECT_EQ(show("policy\\ours"), "  Ours REG_SZ = text\n");
  EXPECT_EQ(show("policy\\Number"), "  Number REG_DWORD = 10 (16)\n");
  EXPECT_EQ(show("policy\\List"), "  List REG_MULTI_SZ =\n    0: a\n    1: b\n");
  const auto names = registry_entries(config, RegistryNode::policy);
  EXPECT_NE(std::find(names.begin(), names.end(), "Ours"), names.end());
  ASSERT_TRUE(delete_registry(config, named("policy\\Ours")));
  EXPECT_EQ(show("policy\\Ours"), "absent");
  for (std::size_t i = 0; i < kMaxOtherValues + 5; ++i) (void)set("policy\\v" + std::to_string(i), "1");
  EXPECT_LE(config.OtherValues.size(), kMaxOtherValues);
}

TEST_F(RegistryTest, WhatTheSetupFixed) {
  EXPECT_EQ(show("CA\\CAType"), "  CAType REG_DWORD = 0\n    ENUM_ENTERPRISE_ROOTCA -- 0\n");
  for (const char* fixed : {"CA\\CAType", "CA\\CommonName", "CA\\CAServerName"}) EXPECT_FALSE(set(fixed, "1")) << fixed;
  EXPECT_FALSE(set("CA\\HighSerial", "0"));
  EXPECT_FALSE(set("CA\\ClockSkewMinutes", "9999"));
  EXPECT_FALSE(set("policy", "1"));
  EXPECT_FALSE(delete_registry(config, named("policy\\EditFlags")));
}

// Every value that is shown can be set to what it shows, and means the same afterwards.
TEST_F(RegistryTest, EveryValueGoesRound) {
  for (const RegistryNode node : {RegistryNode::ca, RegistryNode::policy, RegistryNode::exit}) {
    for (const std::string& entry : registry_entries(config, node)) {
      const RegistryName name{node, entry};
      const auto value = read_registry(config, name);
      ASSERT_TRUE(value) << entry;
      CaConfig copy = config;
      const auto changed = set_registry(copy, name, *value);
      if (!changed) continue;  // fixed by the set-up
      EXPECT_EQ(read_registry(copy, name), value) << entry;
      EXPECT_EQ(copy.ValidityPeriod, config.ValidityPeriod);
      EXPECT_EQ(copy.CRLPeriod, config.CRLPeriod);
    }
  }
  for (const NamedBits& one : edit_flag_names()) EXPECT_EQ(edit_flag_named(one.name), one.value);
}

TEST(RegistryText, HexLines) {
  EXPECT_EQ(hex_lines(Bytes{0x30, 0x00, 0x41}, "    "), "    0000\t30 00 41 " + std::string(40, ' ') + "  0.A\n");
}

}  // namespace
}  // namespace mimica::ca
