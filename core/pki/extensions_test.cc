#include <gtest/gtest.h>

#include "core/pki/certificate.h"

namespace mimica {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }
using NameKind = GeneralName::Kind;

GeneralName named(NameKind kind, std::string text) {
  GeneralName out;
  out.kind = kind;
  out.text = std::move(text);
  return out;
}

// Extension values of certificates that real Windows CAs issued.
TEST(SidExtension, BytesOfRealCertificates) {
  const std::pair<const char*, const char*> vectors[] = {
      {"S-1-5-21-1-2-3-500", "3024A022060A2B060104018237190201A0140412532D312D352D32312D312D322D332D353030"},
      {"S-1-5-21-1180699209-877415012-3182824384-1006",
       "303fa03d060a2b060104018237190201a02f042d532d312d352d32312d313138303639393230392d3837373431353031322d33313832383"
       "2"
       "343338342d31303036"},
      {"S-1-5-21-666199682-1411342147-2938717855-1114",
       "303FA03D060A2B060104018237190201A02F042D532D312D352D32312D3636363139393638322D313431313334323134372D32393338373"
       "1"
       "373835352D31313134"},
  };
  for (const auto& [sid, bytes] : vectors) {
    EXPECT_EQ(to_hex(ext::sid(*Sid::parse(sid))), to_hex(hex(bytes)));
    EXPECT_EQ(ext::parse_sid(hex(bytes))->to_string(), sid);
  }
  EXPECT_EQ(to_base64(ext::sid(*Sid::parse("S-1-5-21-1381186052-4247692386-135928078-1225"))),
            "MD+gPQYKKwYBBAGCNxkCAaAvBC1TLTEtNS0yMS0xMzgxMTg2MDUyLTQyNDc2OTIzODYtMTM1OTI4MDc4LTEyMjU=");
  const Bytes shorter = ext::sid(*Sid::parse("S-1-5-21-74879546-916818434-740295365-1106"));
  EXPECT_EQ(to_hex_upper(BytesView(shorter).first(20)), "303CA03A060A2B060104018237190201A02C042A");
}

TEST(SidExtension, TheWholeExtension) {
  const Extension extension{oids::kSidExtension, false,
                            ext::sid(*Sid::parse("S-1-5-21-666199682-1411342147-2938717855-1114"))};
  EXPECT_EQ(to_hex_upper(BytesView(encode(extension)).first(17)), "304E06092B06010401823719020441303F");
}

TEST(SidExtension, IsReadStrictly) {
  const Bytes good = ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"));
  Bytes trailing = good;
  trailing.push_back(0);
  EXPECT_FALSE(ext::parse_sid(trailing));
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(ext::parse_sid(BytesView(good).first(i))) << i;
  // Two elements; another otherName type; a UTF8String; no SID in it; an empty sequence.
  EXPECT_FALSE(
      ext::parse_sid(hex("3048A022060A2B060104018237190201A0140412532D312D352D32312D312D322D332D353030"
                         "A022060A2B060104018237190201A0140412532D312D352D32312D312D322D332D353030")));
  EXPECT_FALSE(ext::parse_sid(hex("3024A022060A2B060104018237190202A0140412532D312D352D32312D312D322D332D353030")));
  EXPECT_FALSE(ext::parse_sid(hex("3024A022060A2B060104018237190201A0140C12532D312D352D32312D312D322D332D353030")));
  EXPECT_FALSE(ext::parse_sid(hex("3024A022060A2B060104018237190201A0140412582D312D352D32312D312D322D332D353030")));
  EXPECT_FALSE(ext::parse_sid(hex("3000")));
}

TEST(TemplateExtensions, BytesOfRealCertificates) {
  EXPECT_EQ(to_hex_upper(ext::template_name("User")), "1E080055007300650072");
  EXPECT_EQ(to_hex_upper(ext::template_name("Machine")), "1E0E004D0061006300680069006E0065");
  const ext::TemplateInfo info{
      Oid("1.3.6.1.4.1.311.21.8.15886664.4298044.8996776.14853544.7902291.169.5191136.12906913"), 100, 5};
  const Bytes bytes =
      hex("302F06272B060104018237150887C9D2488286AA3C84A58F28878ACB2883E2A853812982BCEB608693E321020164020105");
  EXPECT_EQ(to_hex(ext::template_info(info)), to_hex(bytes));
  const auto back = ext::parse_template_info(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->oid, info.oid);
  EXPECT_EQ(back->major, 100);
  EXPECT_EQ(back->minor, 5);
  EXPECT_TRUE(ext::parse_template_info(hex("3006060455040305")));
  EXPECT_FALSE(ext::parse_template_info(hex("3003020164")));
}

TEST(TemplateExtensions, TheNameIsReadInAnyStringType) {
  for (const char* bytes :
       {"1E080055007300650072", "0C0455736572", "130455736572", "30061304 55736572", "300A1E080055007300650072"})
    EXPECT_EQ(*ext::parse_template_name(hex(bytes)), "User") << bytes;
  for (const char* bytes : {"", "0401AA", "3000", "0C045573657200"}) EXPECT_FALSE(ext::parse_template_name(hex(bytes)));
}

TEST(Usages, BytesOfRealCertificates) {
  EXPECT_EQ(to_hex_upper(ext::key_usage(hex("A000"))), "030205A0");
  EXPECT_EQ(to_hex_upper(ext::key_usage(hex("86"))), "03020186");
  EXPECT_EQ(to_hex_upper(ext::key_usage({})), "030100");
  EXPECT_EQ(to_hex_upper(ext::key_usage(hex("0080"))), "0303070080");
  EXPECT_EQ(*ext::parse_key_usage(hex("030205A0")), 0xA000);
  EXPECT_EQ(*ext::parse_key_usage(hex("0303070080")), 0x0080);
  EXPECT_EQ(*ext::parse_key_usage(hex("030100")), 0);
  for (const char* bytes : {"", "0300", "030109", "030101", "0304000102 03", "0402A000"})
    EXPECT_FALSE(ext::parse_key_usage(hex(bytes)));
  const Bytes eku = hex("3020060A2B0601040182370A030406082B0601050507030406082B06010505070302");
  const std::vector<Oid> usages{oids::kEncryptingFileSystem, oids::kSecureEmail, oids::kClientAuth};
  EXPECT_EQ(to_hex(ext::oid_list(usages)), to_hex(eku));
  EXPECT_EQ(*ext::parse_oid_list(eku), usages);
  EXPECT_EQ(to_hex_upper(ext::policies({oids::kClientAuth})), "300C300A06082B06010505070302");
  EXPECT_EQ(*ext::parse_policies(hex("300C300A06082B06010505070302")), std::vector<Oid>{oids::kClientAuth});
  EXPECT_FALSE(ext::parse_policies(eku));
}

TEST(KeyIdentifiers, BytesOfRealCertificates) {
  const Bytes id(20, 0xAB);
  EXPECT_EQ(to_hex_upper(ext::authority_key_identifier(id)), "30168014" + to_hex_upper(id));
  EXPECT_EQ(*ext::parse_authority_key_identifier(ext::authority_key_identifier(id)), id);
  EXPECT_EQ(*ext::parse_authority_key_identifier(hex("3000")), Bytes());
  EXPECT_EQ(to_hex_upper(ext::subject_key_identifier(id)), "0414" + to_hex_upper(id));
}

TEST(BasicConstraints, BothWays) {
  EXPECT_EQ(to_hex(ext::basic_constraints(true, std::nullopt)), "30030101ff");
  EXPECT_EQ(to_hex(ext::basic_constraints(true, 0)), "30060101ff020100");
  EXPECT_EQ(to_hex(ext::basic_constraints(false, std::nullopt)), "3000");
  EXPECT_EQ(ext::parse_basic_constraints(hex("30060101ff020103"))->path_length, 3);
  EXPECT_FALSE(ext::parse_basic_constraints(hex("3000"))->ca);
  EXPECT_FALSE(ext::parse_basic_constraints(hex("30020500")));
}

TEST(Urls, DistributionPointsAndAccess) {
  const std::vector<std::string> urls{"ldap:///CN=CA,CN=CDP?certificateRevocationList?base", "http://pki/ca.crl"};
  const Bytes points = ext::distribution_points(urls);
  EXPECT_EQ(*ext::parse_distribution_points(points), urls);
  // A point with reasons and an issuer, and one with a relative name.
  EXPECT_EQ(ext::parse_distribution_points(hex("3011 300f a009a0078605 687474703a 8102 0780"))->at(0), "http:");
  EXPECT_TRUE(ext::parse_distribution_points(hex("3006 3004 a002a100"))->empty());
  EXPECT_FALSE(ext::parse_distribution_points(hex("3002")));
  const Bytes access =
      ext::authority_info_access({{Oid("1.3.6.1.5.5.7.48.2"), urls[0]}, {Oid("1.3.6.1.5.5.7.48.1"), urls[1]}});
  const auto entries = ext::parse_authority_info_access(access);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[1].url, urls[1]);
  EXPECT_EQ((*entries)[0].method.dotted(), "1.3.6.1.5.5.7.48.2");
}

TEST(GeneralNames, BytesOfRealCertificates) {
  const std::vector<GeneralName> names{named(NameKind::upn, "d.baker@scepter.htb"),
                                       named(NameKind::email, "d.baker@scepter.htb")};
  const Bytes bytes =
      hex("303AA023060A2B060104018237140203A0150C13642E62616B657240736365707465722E6874628113642E62616B6572407363657074"
          "65722E"
          "687462");
  EXPECT_EQ(to_hex(encode_general_names(names)), to_hex(bytes));
  EXPECT_EQ(*parse_general_names(bytes), names);
  const auto upn_only = parse_general_names(
      hex("302DA02B060A2B060104018237140203A01D0C1B706B692E61646D696E40636F72702E6376696C61622E6C6F63616C"));
  ASSERT_TRUE(upn_only);
  EXPECT_EQ(to_string(upn_only->at(0)), "UPN=pki.admin@corp.cvilab.local");
}

TEST(GeneralNames, EveryKindSurvives) {
  std::vector<GeneralName> names{named(NameKind::upn, "j\xC3\xA4ne@contoso.com"), named(NameKind::email, "a@b"),
                                 named(NameKind::dns, "web.contoso.com"),
                                 named(NameKind::uri, "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1-2-3-500")};
  GeneralName other;
  other.kind = NameKind::directory_guid;
  other.bytes = Bytes(16, 7);
  names.push_back(other);
  other = {};
  other.kind = NameKind::other;
  other.type = Oid("1.2.3");
  other.bytes = hex("0402abcd");
  names.push_back(other);
  other = {};
  other.kind = NameKind::directory;
  other.name = *Name::from_der(Name::parse_rfc4514("CN=a,DC=b")->to_der());
  names.push_back(other);
  other = {};
  other.kind = NameKind::ip;
  other.bytes = hex("0a000001");
  names.push_back(other);
  other = {};
  other.kind = NameKind::registered_id;
  other.type = Oid("1.2.3.4");
  names.push_back(other);
  other = {};
  other.kind = NameKind::raw;
  other.bytes = hex("a3020500");
  names.push_back(other);
  const auto back = parse_general_names(encode_general_names(names));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, names);
  for (const GeneralName& name : names) EXPECT_FALSE(to_string(name).empty());
  EXPECT_EQ(to_string(names[2]), "DNS=web.contoso.com");
  EXPECT_EQ(to_string(names[7]), "IP=10.0.0.1");
  EXPECT_EQ(to_string(names[6]), "DN=CN=a,DC=b");
}

// MS-PKCA 3.1.5.2.1.6: the URI form of a SID, 33 octets of prefix and the SID.
TEST(GeneralNames, TheSidUri) {
  const Bytes der = encode_general_names(
      {named(NameKind::uri, "tag:microsoft.com,2022-09-14:sid:S-1-5-21-666199682-1411342147-2938717855-1114")});
  EXPECT_EQ(to_hex_upper(BytesView(der).first(4)), "3050864E");
}

TEST(GeneralNames, SevenBitFormsHoldNoOtherOctets) {
  EXPECT_EQ(parse_general_names(hex("30038201e4"))->at(0).kind, NameKind::raw);
  for (const char* bytes : {"", "3000ff", "3003a00101", "30048202 41", "30028800"})
    EXPECT_FALSE(parse_general_names(hex(bytes))) << bytes;
}

TEST(Extensions, TheListIsBoundedAndStrict) {
  Bytes many;
  for (int i = 0; i < 600; ++i) {
    const Bytes one = encode({Oid("1.2." + std::to_string(i)), false, {}});
    many.insert(many.end(), one.begin(), one.end());
  }
  EXPECT_FALSE(parse_extensions(der::tlv(tag::kSequence, many)));
  EXPECT_FALSE(parse_extensions(hex("3009 3007 0603551d0f 0500")));
  const std::vector<Extension> list{{oids::kKeyUsage, true, hex("030205a0")},
                                    {oids::kSubjectAltName, false, hex("3000")}};
  const auto back = parse_extensions(der::sequence({encode(list[0]), encode(list[1])}));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, list);
  EXPECT_EQ(find(list, oids::kSubjectAltName), &list[1]);
  EXPECT_EQ(find(list, oids::kBasicConstraints), nullptr);
}

}  // namespace
}  // namespace mimica
