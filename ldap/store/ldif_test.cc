#include "ldap/store/ldif.h"

#include <gtest/gtest.h>

#include "core/windows/security_descriptor.h"

namespace mimica::ldap {
namespace {

std::vector<LdifRecord> read(std::string_view text) {
  auto records = parse_ldif(text, "test.ldif");
  EXPECT_TRUE(records) << (records ? "" : records.error().describe());
  return records ? *std::move(records) : std::vector<LdifRecord>{};
}

TEST(Ldif, ReadsContent) {
  const auto records = read(
      "version: 1\r\n# a comment\n  that goes on\ndn: CN=a,DC=x\nobjectClass: top\nobjectClass: "
      "person\ncn:a\nuserCertificate;binary:: "
      "AAEC\ndescription: folded\n  line\nmail:\n a@x\n\n\ndn:: Q049YixEQz14\ncn: b\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].entry.dn(), "CN=a,DC=x");
  EXPECT_EQ(records[0].line, 4);
  EXPECT_EQ(records[0].entry.values("OBJECTCLASS"), (std::vector<std::string>{"top", "person"}));
  EXPECT_EQ(records[0].entry.first("cn"), "a");
  EXPECT_EQ(records[0].entry.first("usercertificate"), std::string_view("\0\1\2", 3));
  EXPECT_EQ(records[0].entry.first("description"), "folded line");
  EXPECT_EQ(records[0].entry.first("mail"), "a@x");
  EXPECT_EQ(records[1].entry.dn(), "CN=b,DC=x");
}

TEST(Ldif, ReadsChanges) {
  const auto records = read(
      "dn: CN=a,DC=x\ncontrol: 1.2.3 true:: AAAA\nchangetype: modify\nadd: member\nmember: CN=b,DC=x\nmember: "
      "CN=c,DC=x\n-\n"
      "delete: mail\n-\nreplace: cn\ncn: z\n-\n\n"
      "dn: CN=a,DC=x\nchangetype: modrdn\nnewrdn: CN=b\ndeleteoldrdn: 1\nnewsuperior: DC=y\n\n"
      "dn: CN=a,DC=x\nchangetype: delete\n");
  ASSERT_EQ(records.size(), 3U);
  ASSERT_EQ(records[0].modifications.size(), 3U);
  EXPECT_EQ(records[0].modifications[0].kind, Modification::Kind::add);
  EXPECT_EQ(records[0].modifications[0].attribute.values.size(), 2U);
  EXPECT_EQ(records[0].modifications[1].kind, Modification::Kind::erase);
  EXPECT_TRUE(records[0].modifications[1].attribute.values.empty());
  EXPECT_EQ(records[1].kind, LdifRecord::Kind::modify_dn);
  EXPECT_EQ(records[1].new_superior, "DC=y");
  EXPECT_EQ(records[2].kind, LdifRecord::Kind::erase);
}

TEST(Ldif, ReadsDnsInTheConsoleCodePage) {
  EXPECT_EQ(read("dn: CN=\xDC\xF6,DC=x\ncn: a\n").front().entry.dn(), "CN=\xC3\x9C\xC3\xB6,DC=x");
}

TEST(Ldif, SkipsTheTrailerOfLdapsearch) {
  EXPECT_EQ(read("dn: CN=a\ncn: a\n\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n").size(), 1U);
}

TEST(Ldif, FaultsNameSourceAndLine) {
  const auto fault_of = [](std::string_view text) {
    auto records = parse_ldif(text, "test.ldif");
    EXPECT_FALSE(records) << text;
    return records ? Where{} : records.error().where;
  };
  EXPECT_EQ(fault_of("cn: a\n").line, 1);
  EXPECT_EQ(fault_of("dn: CN=a\ncn: b\nno colon\n").line, 3);
  EXPECT_EQ(fault_of("dn: CN=a\njpegPhoto:< file:///etc/passwd\n").line, 2);
  EXPECT_EQ(fault_of("dn: CN=a\ncn:: !!!\n").line, 2);
  EXPECT_EQ(fault_of("dn: CN=a\nchangetype: explode\n").line, 2);
  EXPECT_EQ(fault_of("dn: CN=a\nchangetype: modify\nadd: cn\nsn: x\n").line, 4);
  EXPECT_EQ(fault_of("dn: CN=a\nchangetype: delete\ncn: x\n").line, 3);
  EXPECT_EQ(fault_of("version: 2\n").line, 1);
  EXPECT_EQ(fault_of("dn: CN=a\nchangetype: modrdn\n").source, "test.ldif");
}

TEST(Ldif, WritesWhatItReads) {
  Entry entry("CN=\xC3\x9C,DC=x");
  entry.add("cn", "\xC3\x9C");
  entry.add("description", " leading blank");
  entry.add("description", "trailing blank ");
  entry.add("description", ":colon");
  entry.add("description", std::string(200, 'x'));
  entry.add("objectSid", std::string("\1\0\2", 3));
  entry.add("info", "");
  const std::string text = write_ldif({entry});
  for (const std::string_view line : split(text, '\n')) EXPECT_LE(line.size(), 76U);
  EXPECT_EQ(read(text).front().entry, entry);
  const auto changes = read(write_ldif({entry}, true));
  EXPECT_EQ(changes.front().kind, LdifRecord::Kind::add);
  EXPECT_EQ(changes.front().entry, entry);
}

TEST(Ldif, RebaseMovesNamesAndSidsOnly) {
  const Sid from = *Sid::parse("S-1-5-21-1-2-3");
  const Sid to = *Sid::parse("S-1-5-21-7-8-9");
  Entry entry("CN=T,CN=Configuration,DC=dom,DC=local");
  entry.set("objectCategory", "CN=X,CN=Schema,CN=Configuration,dc=DOM,dc=LOCAL");
  entry.set("cACertificateDN", "CN=CA,DC=dom,DC=local");
  entry.set("description", "DC=dom,DC=local");
  entry.set("objectSid", BytesView(from.with_rid(500).to_binary()));
  SecurityDescriptor sd;
  sd.owner = from.with_rid(512);
  sd.dacl = Acl{};
  sd.dacl->aces.push_back(Ace{
      .mask = 1, .object_type = {}, .inherited_object_type = {}, .trustee = sids::kEveryone, .application_data = {}});
  sd.dacl->aces.push_back(Ace{.mask = 1,
                              .object_type = {},
                              .inherited_object_type = {},
                              .trustee = from.with_rid(513),
                              .application_data = {}});
  entry.set("nTSecurityDescriptor", BytesView(sd.to_binary()));
  const Entry moved = rebase(entry, {"DC=dom,DC=local", "DC=contoso,DC=com", from, to});
  EXPECT_EQ(moved.dn(), "CN=T,CN=Configuration,DC=contoso,DC=com");
  EXPECT_EQ(moved.first("objectCategory"), "CN=X,CN=Schema,CN=Configuration,DC=contoso,DC=com");
  EXPECT_EQ(moved.first("cACertificateDN"), "CN=CA,DC=dom,DC=local");
  EXPECT_EQ(moved.first("description"), "DC=dom,DC=local");
  EXPECT_EQ(**moved.sid("objectSid"), to.with_rid(500));
  const auto descriptor = SecurityDescriptor::from_binary(as_bytes(moved.first("nTSecurityDescriptor")));
  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->owner, to.with_rid(512));
  EXPECT_EQ(descriptor->dacl->aces[0].trustee, sids::kEveryone);
  EXPECT_EQ(descriptor->dacl->aces[1].trustee, to.with_rid(513));
  EXPECT_EQ(rebase(Entry("CN=T,{ConfigNC}"), {"{ConfigNC}", "CN=Configuration,DC=x"}).dn(),
            "CN=T,CN=Configuration,DC=x");
  EXPECT_EQ(rebase(Entry("CN=T,XDC=dom,DC=local"), {"DC=dom,DC=local", "DC=x"}).dn(), "CN=T,XDC=dom,DC=local");
}

}  // namespace
}  // namespace mimica::ldap
