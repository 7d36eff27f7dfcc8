// The JSON formats of other programs: values in, values out, and nothing lost in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/import/adcs_template.h"
#include "audit/import/bloodhound.h"
#include "audit/import/certipy.h"
#include "audit/import/live_diff.h"
#include "audit/lint/template_weakness.h"
#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/edit.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

const Sid kExportsDomain = *Sid::parse("S-1-5-21-1-2-3");
templates::CatalogueContext forest() { return {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kExportsDomain}; }
templates::CertificateTemplate web_server() { return *built_in_template("WebServer", forest()); }

TEST(ExportJson, PeriodsReadAsTheyAreWritten) {
  for (const auto& [period, text] : {std::pair{365 * kDay, "1 year"},
                                     {730 * kDay, "2 years"},
                                     {42 * kDay, "6 weeks"},
                                     {2 * kDay, "2 days"},
                                     {8 * kHour, "8 hours"},
                                     {61, "61 seconds"}}) {
    EXPECT_EQ(period_text(period), text);
    EXPECT_EQ(parse_period(text), period);
  }
  EXPECT_FALSE(parse_period("a year"));
  EXPECT_FALSE(parse_period("3 moons"));
  EXPECT_FALSE(parse_period("-1 days"));
}

TEST(ExportJson, RefusesWhatIsNoJson) {
  EXPECT_FALSE(parse_export("{", "x"));
  EXPECT_FALSE(parse_export("\xFF\xFE{", "x"));
  EXPECT_FALSE(parse_export(std::string("\xFF\xFE\x00\xD8", 4), "x")) << "half a surrogate pair";
  EXPECT_FALSE(parse_export(std::string(40, '[') + std::string(40, ']'), "x")) << "too deep";
  EXPECT_TRUE(parse_export("\xEF\xBB\xBF{}", "x"));
  EXPECT_TRUE(parse_export(std::string("\xFF\xFE{\0}\0", 6), "x"));
}

TEST(ExportJson, KeepsWhatTheValuesCannotSay) {
  const json::object found{{"b", 1}, {"a", "x"}, {"c", nullptr}};
  const json::object produced{{"a", "y"}, {"b", 1}, {"d", 4}};
  const Kept kept = Kept::of(found, produced);
  EXPECT_EQ(kept.values.size(), 2u);
  EXPECT_EQ(json::serialize(kept.restore(produced)), json::serialize(found));
  EXPECT_EQ(Kept().restore(produced), produced);
}

TEST(AdcsTemplate, WritesTheModulesFormAndReadsItBack) {
  const templates::CertificateTemplate value = web_server();
  const std::string bytes = write_adcs_template(value);
  EXPECT_EQ(bytes.substr(0, 2), "\xFF\xFE");
  const auto read = read_adcs_template(bytes);
  ASSERT_TRUE(read) << read.error().describe();
  templates::CertificateTemplate expected = value;
  expected.security.reset();  // the module leaves permissions out
  EXPECT_EQ(read->value, expected);
  EXPECT_EQ(write_adcs_template(*read), bytes);
}

TEST(AdcsTemplate, TakesSingleValuesAndKeepsUnknownOnes) {
  const auto read = read_adcs_template(
      R"({"name": "X", "pKIExtendedKeyUsage": "1.3.6.1.5.5.7.3.1", "flags": -2147483648, "pKIKeyUsage": 160,
          "somethingNew": [1, {"a": null}]})");
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->value.extended_key_usage, std::vector<Oid>{oids::kServerAuth});
  EXPECT_EQ(read->value.flags.bits(), 0x80000000U);
  EXPECT_EQ(read->value.key_usage.octets(), Bytes{0xA0});
  const auto again = read_adcs_template(write_adcs_template(*read));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kept.values, read->kept.values);
  EXPECT_TRUE(again->kept.values.contains("somethingNew"));
}

TEST(AdcsTemplate, RefusesWhatIsNone) {
  for (const char* text : {"[]", "{}", R"({"name": ""})", R"({"name": "X", "objectClass": "user"})",
                           R"({"name": "X", "pKIKeyUsage": [256]})", R"({"name": "X", "flags": {"a": 1}})",
                           R"({"name": "X", "flags": "many"})"})
    EXPECT_FALSE(read_adcs_template(text)) << text;
}

TEST(Certipy, WritesTemplatesAndReadsThemBack) {
  std::vector<templates::CertificateTemplate> all = built_in_templates(forest());
  const templates::NameOf names = [](const Sid& sid) {
    return sid == kExportsDomain.with_rid(513) ? "CONTOSO.COM\\Domain Users" : "";
  };
  for (const CertipyStyle style : {CertipyStyle::v5, CertipyStyle::v4_8}) {
    const std::string text = write_certipy(certipy_document(all, names, style));
    const auto read = read_certipy(text);
    ASSERT_TRUE(read) << read.error().describe();
    ASSERT_EQ(read->templates.size(), all.size());
    EXPECT_EQ(read->style, style);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const templates::CertificateTemplate& value = read->templates[i].value;
      EXPECT_EQ(value.cn, all[i].cn);
      EXPECT_EQ(value.name_flags, all[i].name_flags) << value.cn;
      EXPECT_EQ(value.enrollment_flags, all[i].enrollment_flags) << value.cn;
      EXPECT_EQ(value.effective_application_policies(), all[i].effective_application_policies()) << value.cn;
      EXPECT_EQ(value.validity, all[i].validity) << value.cn;
      EXPECT_EQ(value.ra_signatures, all[i].ra_signatures) << value.cn;
      EXPECT_EQ(low_privileged_enrollers(value).empty(), low_privileged_enrollers(all[i]).empty()) << value.cn;
    }
    EXPECT_EQ(write_certipy(*read), text);
  }
}

TEST(Certipy, ReadsACa) {
  const auto read = read_certipy(R"({"Certificate Authorities": {"0": {"CA Name": "X-CA", "DNS Name": "ca.x",
      "User Specified SAN": "Enabled", "Enforce Encryption for Requests": "Disabled",
      "Disabled Extensions": ["1.3.6.1.4.1.311.25.2"],
      "Web Enrollment": {"http": {"enabled": true}}, "Permissions": {"Owner": "X\\Administrators",
      "Access Rights": {"2": ["X\\Domain Users"], "512": ["X\\Authenticated Users"], "junk": ["Y"]}}}},
      "Certificate Templates": "[!] Could not find any certificate templates"})");
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->authorities.size(), 1u);
  const CertipyAuthority& ca = read->authorities[0];
  EXPECT_EQ(ca.user_specified_san, true);
  EXPECT_EQ(ca.enforces_encryption, false);
  EXPECT_EQ(ca.web_enrollment_over_http, true);
  ASSERT_TRUE(ca.security && ca.disabled_extensions);
  EXPECT_EQ(ca.disabled_extensions->size(), 1u);
  EXPECT_EQ(ca.security->dacl->aces.size(), 2u);
  EXPECT_EQ(json::parse(write_certipy(*read)).as_object().at("Certificate Templates").as_string(),
            "[!] Could not find any certificate templates");
}

TEST(Certipy, JudgesTemplatesByNamedRights) {
  templates::CertificateTemplate hole =
      *duplicate(*built_in_template("User", forest()), {"Hole", "", Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7.8"), {}});
  ASSERT_TRUE(apply_edit(hole, templates::edit::SupplyInRequest{}));
  const templates::NameOf names = [](const Sid& sid) {
    return sid.rid() == 513 ? "X\\Domain Users" : sid.rid() == 512 ? "X\\Domain Admins" : "";
  };
  const auto read = read_certipy(write_certipy(certipy_document({hole}, names)));
  ASSERT_TRUE(read);
  EXPECT_TRUE(lint_weaknesses(read->templates[0].value, {}).has("templates.lint.esc1", Verdict::fail));
  EXPECT_TRUE(lint_weaknesses(read->templates[0].value, {}).has("templates.lint.esc4", Verdict::pass));
}

TEST(Certipy, RefusesWhatIsNone) {
  for (const char* text : {"[]", "{}", R"({"Certificate Templates": {"0": {"Display Name": "x"}}})"})
    EXPECT_FALSE(read_certipy(text)) << text;
}

TEST(BloodHound, WritesTemplatesAndReadsThemBack) {
  const std::vector<templates::CertificateTemplate> all = built_in_templates(forest());
  const std::string text = write_bloodhound_templates(bloodhound_document(all, "contoso.com", kExportsDomain));
  const auto read = read_bloodhound_templates(text);
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->templates.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const templates::CertificateTemplate& value = read->templates[i].value;
    EXPECT_TRUE(equals_ignore_case(value.cn, all[i].cn));
    EXPECT_EQ(value.oid, all[i].oid);
    EXPECT_EQ(value.extended_key_usage, all[i].extended_key_usage) << value.cn;
    EXPECT_EQ(value.enrollment_flags, all[i].enrollment_flags) << value.cn;
    EXPECT_EQ(low_privileged_enrollers(value), low_privileged_enrollers(all[i])) << value.cn;
    EXPECT_EQ(value.security->owner, all[i].security->owner);
  }
  EXPECT_EQ(write_bloodhound_templates(*read), text);
}

TEST(BloodHound, KnowsSidsWithTheirDomain) {
  EXPECT_EQ(bloodhound_sid("ESC1.LOCAL-S-1-5-32-544"), sids::kBuiltinAdministrators);
  EXPECT_EQ(bloodhound_sid("S-1-5-21-1-2-3-513"), kExportsDomain.with_rid(513));
  EXPECT_TRUE(bloodhound_sid("DC01.ESC1.LOCAL").empty());
}

TEST(BloodHound, RefusesWhatIsNone) {
  for (const char* text :
       {"[]", "{}", R"({"data": [], "meta": {"type": "users"}})", R"({"data": [1], "meta": {"type": "certtemplates"}})",
        R"({"data": [{"Properties": {}}], "meta": {"type": "certtemplates"}})"})
    EXPECT_FALSE(read_bloodhound_templates(text)) << text;
}

TEST(LiveDiffFormat, TurnsPrintedValuesIntoTheDirectorys) {
  const std::string text =
      R"json({"domainSid": "S-1-5-21-1-2-3", "objects": [{"dn": "CN=X,CN=Certificate Templates", "class":
      "pKICertificateTemplate", "liveEvents": 2, "attributes": {"cn": ["X"], "pKIKeyUsage": ["160 0"],
      "showInAdvancedViewOnly": ["True"], "whenCreated": ["06/10/2023 04:10:16"], "pKIOverlapPeriod": ["<8 bytes>"],
      "nTSecurityDescriptor": ["O:DAG:DAD:(A;;CCDC;;;DA)"]}}], "source": "somewhere"})json";
  const auto read = read_live_diff(text);
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->objects.size(), 1u);
  const ldap::Entry& entry = read->objects[0].entry;
  EXPECT_EQ(entry.first("pKIKeyUsage"), std::string("\xA0\0", 2));
  EXPECT_EQ(entry.first("showInAdvancedViewOnly"), "TRUE");
  EXPECT_EQ(entry.first("whenCreated"), "20230610041016.0Z");
  EXPECT_FALSE(entry.has("pKIOverlapPeriod"));
  EXPECT_TRUE(SecurityDescriptor::from_binary(as_bytes(entry.first("nTSecurityDescriptor"))));
  EXPECT_TRUE(templates::decode(entry));
  EXPECT_EQ(json::parse(write_live_diff(*read)), json::parse(text));
  EXPECT_EQ(read->objects[0].kept_attributes.values.size(), 1u) << "only what is no octet string";
}

TEST(LiveDiffFormat, RefusesWhatIsNone) {
  for (const char* text : {"[]", "{}", R"({"objects": [1]})", R"({"objects": [{"dn": ""}]})"})
    EXPECT_FALSE(read_live_diff(text)) << text;
}

}  // namespace
}  // namespace mimica::audit
