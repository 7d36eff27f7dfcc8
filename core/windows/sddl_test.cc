#include <gtest/gtest.h>

#include "core/windows/security_descriptor.h"

namespace mimica {
namespace {

const Sid kSddlDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kRoot = *Sid::parse("S-1-5-21-9-8-7");

std::string again(std::string_view sddl) {
  const auto sd = SecurityDescriptor::from_sddl(sddl, kSddlDomain, kRoot);
  return sd ? sd->to_sddl(kSddlDomain, kRoot) : sd.error().describe();
}

TEST(Sddl, IsStableOnItsOwnOutput) {
  for (const char* sddl :
       {"O:BAG:BAD:(A;;CCDC;;;BA)(A;;CCDC;;;DA)(A;;CCDC;;;EA)(A;;0x200;;;AU)",
        "O:EAG:EAD:PAI(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)(A;;LCRPLORC;;;AU)",
        "D:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;GR;;;S-1-5-80-3804348527-3718992918-2141599610-3686422417-2726379419)",
        "D:AI(A;OICI;GA;;;CO)(A;CIID;CCLCSWRPWPLOCRSDRCWDWO;;;DA)S:AR(AU;SAFA;CR;;;WD)",
        "D:(OA;CIIO;RP;4c164200-20c0-11d0-a768-00aa006e0529;4828cc14-1437-45bc-9b07-ad6f015e5f28;RU)",
        "D:(A;;RP;;;ED)(A;;RP;;;AN)(A;;RP;;;PS)(A;;RP;;;CO)(A;;RP;;;CA)(A;;RP;;;DC)(A;;RP;;;DD)(D;;RP;;;SA)",
        "D:NO_ACCESS_CONTROL", "D:", "O:S-1-0x100000000000-5D:P", "", "D:(A;;;;;WD)"}) {
    EXPECT_EQ(again(sddl), sddl);
  }
}

TEST(Sddl, ReadsWhatConsolesAndPeopleWrite) {
  EXPECT_EQ(again("O:EA G:EA D:P (a;;0x3;;;ba) (A; ; rpwpcr; ; ; S-1-5-32-544)"),
            "O:EAG:EAD:P(A;;CCDC;;;BA)(A;;RPWPCR;;;BA)");
  EXPECT_EQ(again("D:(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;DA)"), "D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;DA)");
  EXPECT_EQ(again("D:(A;;512;;;AU)(A;;010;;;AU)(A;;0;;;AU)"), "D:(A;;0x200;;;AU)(A;;SW;;;AU)(A;;;;;AU)");
  EXPECT_EQ(again("D:(OA;;CR;{0E10C968-78FB-11D2-90D4-00C04F79DC55};;WD)"),
            "D:(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;WD)");
}

TEST(Sddl, ResolvesAliasesAgainstDomainAndForestRoot) {
  const auto sd = SecurityDescriptor::from_sddl("O:DAG:EAD:(A;;CR;;;CA)(A;;CR;;;RO)", kSddlDomain, kRoot);
  ASSERT_TRUE(sd);
  EXPECT_EQ(*sd->owner, kSddlDomain.with_rid(512));
  EXPECT_EQ(*sd->group, kRoot.with_rid(519));
  EXPECT_EQ(sd->dacl->aces[0].trustee, kSddlDomain.with_rid(517));
  EXPECT_EQ(sd->dacl->aces[1].trustee, kRoot.with_rid(498));
  EXPECT_EQ(sd->dacl->revision, 2);
  EXPECT_FALSE(SecurityDescriptor::from_sddl("O:DA", Sid{}, Sid{}));
  EXPECT_TRUE(SecurityDescriptor::from_sddl("O:BAD:(A;;CR;;;AU)", Sid{}, Sid{}));
}

TEST(Sddl, SetsTheControlWord) {
  const auto sd = SecurityDescriptor::from_sddl("D:PARAIS:PAI", kSddlDomain, kRoot);
  ASSERT_TRUE(sd);
  EXPECT_EQ(sd->control, 0xBD14);
  EXPECT_TRUE(sd->dacl && sd->sacl);
}

TEST(Sddl, FaultsNameThePosition) {
  const auto column = [](std::string_view sddl) {
    const auto sd = SecurityDescriptor::from_sddl(sddl, kSddlDomain, kRoot);
    return sd ? 0 : sd.error().where.column;
  };
  EXPECT_EQ(column("X:"), 1);
  EXPECT_EQ(column("O:BAO:BA"), 5);
  EXPECT_EQ(column("O:ZZ"), 3);
  EXPECT_EQ(column("O:S-1-"), 3);
  EXPECT_EQ(column("D:(A;;QQ;;;BA)"), 7);
  EXPECT_EQ(column("D:(A;;RPX;;;BA)"), 9);
  EXPECT_EQ(column("D:(A;ZZ;RP;;;BA)"), 6);
  EXPECT_EQ(column("D:(A;;0xfffffffff;;;BA)"), 7);
  EXPECT_EQ(column("D:(A;;09;;;BA)"), 7);
  EXPECT_EQ(column("D:(A;;0x;;;BA)"), 7);
  EXPECT_EQ(column("D:(A;;RP;0e10c968-78fb-11d2-90d4-00c04f79dc55;;BA)"), 10);
  EXPECT_EQ(column("D:(OA;;RP;0e10c968;;BA)"), 11);
  EXPECT_EQ(column("D:(A;;RP;;BA)"), 3);
  EXPECT_EQ(column("D:(A;;RP;;;BA"), 3);
  EXPECT_EQ(column("D:(A;;RP;;;BA x)"), 15);
  EXPECT_EQ(column("D:(Q;;RP;;;BA)"), 4);
  EXPECT_EQ(column("D:(A;;RP;;;BA)(XA;;FX;;;WD;(@User.Title==\"PM\"))"), 16);
  EXPECT_EQ(column("S:(RA;;;;;WD;(\"Secrecy\",TU,0,3))"), 4);
  EXPECT_EQ(column("D:NO_ACCESS_CONTROL(A;;RP;;;BA)"), 20);
  EXPECT_EQ(column("D:Q"), 3);
}

TEST(Sddl, BoundsTheAcl) {
  std::string sddl = "D:";
  for (int i = 0; i < 2000; ++i) sddl += "(A;;RP;;;BA)";
  EXPECT_FALSE(SecurityDescriptor::from_sddl(sddl, kSddlDomain, kRoot));
}

}  // namespace
}  // namespace mimica
