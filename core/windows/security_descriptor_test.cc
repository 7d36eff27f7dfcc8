#include "core/windows/security_descriptor.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

const Sid kDescriptorDomain = *Sid::parse("S-1-5-21-1000000001-2000000002-3000000003");

// The descriptor of the template "User" as a Windows Server 2016 domain controller returned it (capture published in
// github.com/Ebrix/LiveDiffAD).
constexpr std::string_view kRealUserTemplate =
    "AQAEnCABAAA8AQAAAAAAABQAAAAEAAwBBgAAAAUAOAAwAQAAAQAAAGjJEA77eNIRkNQAwE953FUBBQAAAAAABRUAAADA6m4++GpV"
    "iy83LqIAAgAABQA4ADABAAABAAAAaMkQDvt40hGQ1ADAT3ncVQEFAAAAAAAFFQAAAMDqbj74alWLLzcuogECAAAFADgAMAEAAAEA"
    "AABoyRAO+3jSEZDUAMBPedxVAQUAAAAAAAUVAAAAwOpuPvhqVYsvNy6iBwIAAAAAJAD/AA8AAQUAAAAAAAUVAAAAwOpuPvhqVYsv"
    "Ny6iAAIAAAAAJAD/AA8AAQUAAAAAAAUVAAAAwOpuPvhqVYsvNy6iBwIAAAAAFACUAAIAAQEAAAAAAAULAAAAAQUAAAAAAAUVAAAA"
    "wOpuPvhqVYsvNy6iBwIAAAEFAAAAAAAFFQAAAMDqbj74alWLLzcuogcCAAA=";

// 160 octets that Samba's NDR code wrote for O:DAG:DAD:PAI(OA;;CR;<Enroll>;;DU)(A;;LCRPLORC;;;AU).
constexpr std::string_view kSambaExample =
    "01000494 14000000 30000000 00000000 4c000000"
    "01050000000000051500000001ca9a3b02943577035ed0b200020000"
    "01050000000000051500000001ca9a3b02943577035ed0b200020000"
    "0400540002000000 05003800 00010000 01000000 68c9100efb78d21190d400c04f79dc55"
    "01050000000000051500000001ca9a3b02943577035ed0b201020000"
    "00001400 94000200 01010000000000050b000000";

TEST(SecurityDescriptor, KeepsTheOctetsOfARealDomainController) {
  const auto octets = from_base64(kRealUserTemplate);
  ASSERT_TRUE(octets);
  const auto sd = SecurityDescriptor::from_binary(*octets);
  ASSERT_TRUE(sd);
  EXPECT_EQ(to_hex(sd->to_binary()), to_hex(*octets));
  EXPECT_EQ(sd->control, 0x9C04);
  ASSERT_EQ(sd->dacl->aces.size(), 6u);
  EXPECT_EQ(sd->dacl->aces[1].object_type, guids::kEnroll);
  EXPECT_EQ(sd->dacl->aces[1].trustee.rid(), rid::kDomainUsers);
}

TEST(SecurityDescriptor, ReadsPartsInAnyOrder) {
  const auto octets = from_hex(kSambaExample);
  ASSERT_TRUE(octets);
  const auto sd = SecurityDescriptor::from_binary(*octets);
  ASSERT_TRUE(sd);
  EXPECT_EQ(sd->to_sddl(kDescriptorDomain, kDescriptorDomain),
            "O:DAG:DAD:PAI(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)(A;;LCRPLORC;;;AU)");
  const auto again = SecurityDescriptor::from_binary(sd->to_binary());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *sd);
}

TEST(SecurityDescriptor, RefusesEveryTruncation) {
  const Bytes octets = *from_hex(kSambaExample);
  for (std::size_t n = 0; n < octets.size(); ++n) {
    EXPECT_FALSE(SecurityDescriptor::from_binary(BytesView(octets).first(n))) << n;
  }
}

TEST(SecurityDescriptor, NamesTheOffsetOfTheDamage) {
  const Bytes octets = *from_hex(kSambaExample);
  const auto fault_at = [&](std::size_t offset, std::uint8_t value) -> std::optional<std::size_t> {
    Bytes damaged = octets;
    damaged[offset] = value;
    const auto sd = SecurityDescriptor::from_binary(damaged);
    return sd ? std::nullopt : sd.error().where.offset;
  };
  EXPECT_EQ(fault_at(0x00, 2), 0x00u);     // revision
  EXPECT_EQ(fault_at(0x03, 0x14), 0x02u);  // not self-relative
  EXPECT_EQ(fault_at(0x04, 0x08), 0x04u);  // owner inside the header
  EXPECT_EQ(fault_at(0x4e, 0xFF), 0x4eu);  // ACL longer than the descriptor
  EXPECT_EQ(fault_at(0x50, 3), 0xa0u);     // one ACE more than there are
  EXPECT_EQ(fault_at(0x54, 0x04), 0x54u);  // compound ACE
  EXPECT_EQ(fault_at(0x56, 0x03), 0x56u);  // ACE shorter than its header
  EXPECT_EQ(fault_at(0x95, 16), 0x94u);    // sub-authority count
}

TEST(SecurityDescriptor, KeepsCallbackConditions) {
  SecurityDescriptor sd;
  sd.dacl.emplace();
  Ace ace;
  ace.type = Ace::Type::allow_callback;
  ace.mask = 0x10000;
  ace.trustee = sids::kEveryone;
  ace.application_data = {1, 0, 0, 0};
  sd.dacl->aces.push_back(ace);
  const auto again = SecurityDescriptor::from_binary(sd.to_binary());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, sd);
  EXPECT_EQ(sd.to_sddl(kDescriptorDomain, kDescriptorDomain), "D:(XA;;SD;;;WD;#01000000)");
}

TEST(SecurityDescriptor, TellsNullFromEmptyAcl) {
  SecurityDescriptor null_dacl;
  EXPECT_EQ(SecurityDescriptor::from_binary(null_dacl.to_binary())->dacl, std::nullopt);
  SecurityDescriptor empty;
  empty.dacl.emplace();
  EXPECT_EQ(SecurityDescriptor::from_binary(empty.to_binary())->dacl->aces.size(), 0u);
}

std::string text(const SecurityDescriptor& sd) { return sd.to_sddl(kDescriptorDomain, kDescriptorDomain); }
SecurityDescriptor parsed(std::string_view sddl) {
  return *SecurityDescriptor::from_sddl(sddl, kDescriptorDomain, kDescriptorDomain);
}

TEST(SecurityDescriptorEdit, GrantGoesBehindExplicitAcesAndMergesIntoItsLike) {
  SecurityDescriptor sd = parsed("D:AI(D;;CR;;;BG)(A;;RP;;;DA)(A;ID;RP;;;AU)");
  grant(sd, sids::kBuiltinUsers, access::kGenericRead);
  EXPECT_EQ(text(sd), "D:AI(D;;CR;;;BG)(A;;RP;;;DA)(A;;LCRPLORC;;;BU)(A;ID;RP;;;AU)");
  grant(sd, sids::kBuiltinUsers, access::kWriteProperty);
  EXPECT_EQ(text(sd), "D:AI(D;;CR;;;BG)(A;;RP;;;DA)(A;;LCRPWPLORC;;;BU)(A;ID;RP;;;AU)");
}

TEST(SecurityDescriptorEdit, DenyGoesBeforeAllowsAndUnticksAllow) {
  SecurityDescriptor sd = parsed("D:(A;;RP;;;DA)");
  const Sid users = kDescriptorDomain.with_rid(rid::kDomainUsers);
  grant(sd, users, access::kControlAccess, guids::kEnroll);
  deny(sd, users, access::kControlAccess, guids::kEnroll);
  EXPECT_EQ(text(sd), "D:(OD;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)(A;;RP;;;DA)");
  grant(sd, users, access::kControlAccess, guids::kEnroll);
  EXPECT_EQ(text(sd), "D:(A;;RP;;;DA)(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)");
}

TEST(SecurityDescriptorEdit, RemoveTrusteeLeavesInheritedAces) {
  SecurityDescriptor sd = parsed("D:(A;;RP;;;DU)(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)(A;ID;RP;;;DU)");
  EXPECT_EQ(remove_trustee(sd, kDescriptorDomain.with_rid(rid::kDomainUsers)), 2u);
  EXPECT_EQ(text(sd), "D:(A;ID;RP;;;DU)");
  EXPECT_EQ(remove_trustee(sd, sids::kSystem), 0u);
}

TEST(SecurityDescriptorEdit, DirectoryOrderPutsLargerAcesFirst) {
  SecurityDescriptor sd = parsed(
      "D:PAI(A;;LCRPLORC;;;AU)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)"
      "(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;EA)(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)"
      "(A;ID;RP;;;BA)(D;;RP;;;BG)");
  sort_as_directory(*sd.dacl);
  EXPECT_EQ(text(sd),
            "D:PAI(D;;RP;;;BG)(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)"
            "(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;EA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)"
            "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;;LCRPLORC;;;AU)(A;ID;RP;;;BA)");
}

}  // namespace
}  // namespace mimica
