#include "ca/faces/certutil/inf.h"

#include <gtest/gtest.h>

#include "ca/faces/certutil/request_policy.h"

namespace mimica::certutil {
namespace {

InfFile parsed(std::string_view text) {
  auto file = InfFile::parse(as_bytes(text), "a.inf");
  EXPECT_TRUE(file) << (file ? "" : file.error().describe());
  return file ? *std::move(file) : InfFile();
}
int line_of_fault(std::string_view text) {
  const auto file = InfFile::parse(as_bytes(text), "a.inf");
  if (!file) return file.error().where.line;
  const auto policy = read_request_policy(*file, "a.inf");
  return policy ? 0 : policy.error().where.line;
}
RequestPolicy policy(std::string_view text) {
  auto out = read_request_policy(parsed(text), "a.inf");
  EXPECT_TRUE(out) << (out ? "" : out.error().describe());
  return out ? *std::move(out) : RequestPolicy();
}

TEST(Inf, SectionsKeysAndQuotes) {
  const InfFile file =
      parsed("; comment\r\n[One]\r\nKey = \"a;b\"\"c\" ; rest\r\nbare\r\n[two]\nx=1\n[ONE]\nother = \"=\"\n");
  const InfSection* one = file.section("one");
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(file.sections().size(), 2U);
  ASSERT_EQ(one->entries.size(), 3U);
  EXPECT_EQ(one->find("KEY")->value, "a;b\"c");
  EXPECT_EQ(one->entries[1].key, "");
  EXPECT_EQ(one->entries[1].value, "bare");
  EXPECT_EQ(one->find("other")->value, "=");
  EXPECT_EQ(one->find("other")->line, 8);
  EXPECT_EQ(file.section("three"), nullptr);
}

TEST(Inf, ContinuedLinesAndStrings) {
  const InfFile file = parsed(
      "[A]\nx = one \\\n  two\ny = \"{text}\"\n_continue_ = \"dns=%Host%&\"\n_continue_ = \"upn=100%%\"\n%Key% = v\n"
      "z = a%20b%20c\n[Strings]\nHost = web\nKey = \"2.5.29.17\"\n");
  const InfSection* a = file.section("A");
  EXPECT_EQ(a->find("x")->value, "one two");
  EXPECT_EQ(a->find("y")->value, "{text}dns=web&upn=100%");
  EXPECT_EQ(a->find("2.5.29.17")->value, "v");
  EXPECT_EQ(a->find("z")->value, "a%20b%20c");
}

TEST(Inf, Encodings) {
  EXPECT_NE(parsed("\xEF\xBB\xBF[A]\nx=1\n").section("A"), nullptr);
  Bytes wide = {0xFF, 0xFE};
  for (const char c : std::string_view("[A]\nx=1\n")) {
    wide.push_back(static_cast<std::uint8_t>(c));
    wide.push_back(0);
  }
  const auto file = InfFile::parse(wide, "a.inf");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->section("A")->find("x")->value, "1");
  EXPECT_FALSE(InfFile::parse(Bytes{0xFF, 0xFE, 0x41}, "a.inf"));
  EXPECT_FALSE(InfFile::parse(Bytes{'[', 'A', ']', 0x80}, "a.inf"));
  EXPECT_FALSE(InfFile::parse(Bytes(kMaxInfSize + 1, ' '), "a.inf"));
}

TEST(Inf, FaultsNameTheLine) {
  EXPECT_EQ(line_of_fault("x=1\n"), 1);
  EXPECT_EQ(line_of_fault("[A\n"), 1);
  EXPECT_EQ(line_of_fault("[A]\n\nx=\"open\n"), 3);
  EXPECT_EQ(line_of_fault("[A]\n_continue_=\"x\"\n"), 2);
  EXPECT_EQ(line_of_fault("[A]\nx=%Nope%\n[Strings]\ny=1\n"), 2);
}

TEST(RequestPolicy, WhatTheFileSays) {
  const RequestPolicy out = policy(
      "[NewRequest]\nSubject=\"CN=web, O=Contoso\"\nKeyAlgorithm=ECDSA_P384\nKeyLength=384\nHashAlgorithm=SHA384\n"
      "KeyUsage=\"CERT_DIGITAL_SIGNATURE_KEY_USAGE | "
      "CERT_KEY_ENCIPHERMENT_KEY_USAGE\"\nExportable=TRUE\nFriendlyName=Web\n"
      "[EnhancedKeyUsageExtension]\nOID=1.3.6.1.5.5.7.3.1\nOID=1.3.6.1.5.5.7.3.2\n"
      "[Extensions]\n2.5.29.17=\"{text}dns=web&upn=jane@contoso.com&\"\n2.5.29.19=\"{hex}30 00\"\nCritical=2.5.29.19\n"
      "1.3.6.1.4.1.311.25.2=\"{text}S-1-5-21-1-2-3-500\"\n"
      "[RequestAttributes]\nCertificateTemplate=WebServer\n");
  EXPECT_EQ(out.key, (KeySpec{KeyKind::ec, 384}));
  EXPECT_EQ(out.digest, Digest::sha384);
  EXPECT_EQ(out.friendly_name, "Web");
  const auto key = PrivateKey::generate(out.key);
  ASSERT_TRUE(key);
  const auto der = make_request(out, *key);
  ASSERT_TRUE(der);
  const auto request = CertificateRequest::parse(*der);
  ASSERT_TRUE(request);
  EXPECT_TRUE(*request->signature_valid());
  EXPECT_EQ(request->subject().to_cert_str(), "CN=web, O=Contoso");
  EXPECT_EQ(request->extension(oids::kKeyUsage)->value, (Bytes{3, 2, 5, 0xA0}));
  EXPECT_TRUE(request->extension(oids::kBasicConstraints)->critical);
  EXPECT_EQ(parse_general_names(request->extension(oids::kSubjectAltName)->value)->size(), 2U);
  EXPECT_EQ(ext::parse_oid_list(request->extension(oids::kExtendedKeyUsage)->value)->size(), 2U);
  EXPECT_EQ(ext::parse_sid(request->extension(oids::kSidExtension)->value)->to_string(), "S-1-5-21-1-2-3-500");
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(request->name_value_pairs(), (std::vector<Pair>{{"CertificateTemplate", "WebServer"}}));
}

TEST(RequestPolicy, OrderOfTheSubject) {
  EXPECT_EQ(policy("[NewRequest]\nSubject=\"CN=a,DC=b\"\n").request.subject.to_cert_str(), "CN=a, DC=b");
  EXPECT_EQ(policy("[NewRequest]\nX500NameFlags=0x2000000\nSubject=\"DC=b,CN=a\"\n").request.subject.to_cert_str(),
            "CN=a, DC=b");
}

TEST(RequestPolicy, FaultsNameTheLine) {
  EXPECT_EQ(line_of_fault("[NewRequest]\nKeyLenght=2048\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nKeyLength=512\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nKeyAlgorithm=DSA\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nKeyAlgorithm=ECDSA_P256\nKeyLength=384\n"), 3);
  EXPECT_EQ(line_of_fault("[NewRequest]\nHashAlgorithm=MD5\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nSubject=\"X Y=a\"\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nExportable=PERHAPS\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nUseExistingKeySet=TRUE\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\nRequestType=CMC\n"), 2);
  EXPECT_EQ(line_of_fault("[NewRequest]\n[Extensions]\n2.5.29.17=\"{text}dns\"\n"), 3);
  EXPECT_EQ(line_of_fault("[NewRequest]\n[Extensions]\n1.2.3=\"{text}x\"\n"), 3);
  EXPECT_EQ(line_of_fault("[NewRequest]\n[Extensions]\nx=AAAA\n"), 3);
  EXPECT_EQ(line_of_fault("[NewRequest]\n[EnhancedKeyUsageExtension]\nOID=x\n"), 3);
  const auto empty = read_request_policy(parsed("[Version]\n"), "a.inf");
  EXPECT_FALSE(empty);
}

}  // namespace
}  // namespace mimica::certutil
