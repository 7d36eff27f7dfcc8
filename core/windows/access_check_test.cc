#include <gtest/gtest.h>

#include "core/windows/security_descriptor.h"

namespace mimica {
namespace {

const Sid kDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kJane = kDomain.with_rid(1104);
constexpr std::string_view kEnroll = "0e10c968-78fb-11d2-90d4-00c04f79dc55";
constexpr std::string_view kAutoEnroll = "a05b8cc2-17bc-4802-a710-e7c15ab866a2";

Token token() {
  return {kJane, {kJane, kDomain.with_rid(rid::kDomainUsers), sids::kAuthenticatedUsers, sids::kEveryone}};
}

AccessResult check(std::string sddl, std::uint32_t wanted = access::kControlAccess,
                   std::optional<Guid> right = guids::kEnroll) {
  const auto sd = SecurityDescriptor::from_sddl(sddl, kDomain, kDomain);
  EXPECT_TRUE(sd) << sddl;
  return check_access(*sd, token(), wanted, right);
}
std::string object_ace(std::string_view type, std::string_view guid, std::string_view who,
                       std::string_view flags = "") {
  return "(" + std::string(type) + ";" + std::string(flags) + ";CR;" + std::string(guid) + ";;" + std::string(who) +
         ")";
}

TEST(AccessCheck, GrantsTheExtendedRightToAGroup) {
  const AccessResult result = check("D:(A;;LCRPLORC;;;AU)" + object_ace("OA", kEnroll, "DU"));
  EXPECT_TRUE(result.granted);
  EXPECT_EQ(result.decisive, 1u);
  EXPECT_EQ(result.held_mask, access::kGenericRead);
}

TEST(AccessCheck, RefusesAnotherRightOrAnotherAccount) {
  EXPECT_FALSE(check("D:" + object_ace("OA", kAutoEnroll, "DU")).granted);
  EXPECT_FALSE(check("D:" + object_ace("OA", kEnroll, "DC")).granted);
  EXPECT_FALSE(check("D:").granted);
}

TEST(AccessCheck, TreatsAllExtendedRightsAsEnroll) {
  EXPECT_TRUE(check("D:(A;;CR;;;DU)").granted);
  EXPECT_TRUE(check("D:(A;;GA;;;DU)").granted);
  EXPECT_TRUE(check("D:(OA;;CR;;;DU)").granted);
  EXPECT_TRUE(check("D:" + object_ace("OA", "00000000-0000-0000-0000-000000000000", "DU")).granted);
}

TEST(AccessCheck, LetsTheFirstMatchingAceDecide) {
  const AccessResult denied = check("D:" + object_ace("OD", kEnroll, "DU") + object_ace("OA", kEnroll, "DU"));
  EXPECT_FALSE(denied.granted);
  EXPECT_EQ(denied.decisive, 0u);
  EXPECT_TRUE(check("D:" + object_ace("OA", kEnroll, "DU") + object_ace("OD", kEnroll, "DU")).granted);
  EXPECT_FALSE(check("D:(D;;CR;;;WD)" + object_ace("OA", kEnroll, "DU")).granted);
  EXPECT_TRUE(check("D:" + object_ace("OD", kAutoEnroll, "DU") + object_ace("OA", kEnroll, "DU")).granted);
}

TEST(AccessCheck, SkipsInheritOnlyAndAuditAces) {
  EXPECT_FALSE(check("D:" + object_ace("OA", kEnroll, "DU", "CIIO")).granted);
  EXPECT_TRUE(check("D:" + object_ace("OD", kEnroll, "DU", "CIIO") + object_ace("OA", kEnroll, "DU")).granted);
  EXPECT_TRUE(check("D:(AU;SA;CR;;;WD)" + object_ace("OA", kEnroll, "DU")).granted);
}

TEST(AccessCheck, GrantsEverythingWithoutADacl) {
  EXPECT_TRUE(check("D:NO_ACCESS_CONTROL").granted);
  EXPECT_TRUE(check("O:BA").granted);
}

TEST(AccessCheck, NeedsEveryWantedBit) {
  const AccessResult result = check("D:(A;;RP;;;AU)(A;;RC;;;DU)", access::kGenericRead, std::nullopt);
  EXPECT_FALSE(result.granted);
  EXPECT_EQ(result.granted_mask, access::kReadProperty | access::kReadControl);
  EXPECT_TRUE(check("D:(A;;RPRC;;;AU)(A;;LCLO;;;DU)", access::kGenericRead, std::nullopt).granted);
  EXPECT_TRUE(check("D:(A;;GR;;;AU)", 0x80000000, std::nullopt).granted);
}

TEST(AccessCheck, GivesTheOwnerReadControlAndWriteDacOnly) {
  const std::string owned = "O:" + kJane.to_string() + "D:";
  EXPECT_TRUE(check(owned, access::kWriteDac | access::kReadControl, std::nullopt).granted);
  EXPECT_FALSE(check(owned).granted);
  EXPECT_FALSE(check("O:SYD:", access::kWriteDac, std::nullopt).granted);
}

TEST(AccessCheck, LetsOwnerRightsReplaceTheImplicitGrant) {
  const std::string owned = "O:" + kJane.to_string() + "D:(A;;RP;;;OW)";
  EXPECT_FALSE(check(owned, access::kWriteDac, std::nullopt).granted);
  EXPECT_TRUE(check(owned, access::kReadProperty, std::nullopt).granted);
  EXPECT_FALSE(check("O:SYD:(A;;RP;;;OW)", access::kReadProperty, std::nullopt).granted);
}

}  // namespace
}  // namespace mimica
