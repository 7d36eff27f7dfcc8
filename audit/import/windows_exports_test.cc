// Every file of the folder of real exports that MIMICA_SHARED_DATA names: read, written again and compared value by
// value. The counts stand in docs/divergences.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>

#include "audit/import/adcs_template.h"
#include "audit/import/export_documents.h"
#include "audit/import/formats.h"
#include "audit/import/live_diff.h"
#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_weakness_rules.h"
#include "core/pki/certificate.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

struct Count {
  std::size_t equal = 0, compared = 0;
  std::size_t kept = 0;  // of the compared ones: carried along as they were found, not made from our values
  Count& operator+=(const Count& other) {
    equal += other.equal;
    compared += other.compared;
    kept += other.kept;
    return *this;
  }
};

// Leaves of two JSON values, path by path; an array or object that is empty counts as a leaf.
Count compare(const json::value& a, const json::value* b) {
  Count out;
  if (const auto* object = a.if_object(); object != nullptr && !object->empty()) {
    for (const auto& member : *object) {
      const json::object* other = b == nullptr ? nullptr : b->if_object();
      out += compare(member.value(), other == nullptr ? nullptr : other->if_contains(member.key()));
    }
    return out;
  }
  if (const auto* array = a.if_array(); array != nullptr && !array->empty()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      const json::array* other = b == nullptr ? nullptr : b->if_array();
      out += compare((*array)[i], other == nullptr || i >= other->size() ? nullptr : &(*other)[i]);
    }
    return out;
  }
  out.compared = 1;
  out.equal = b != nullptr && a == *b ? 1 : 0;
  return out;
}
std::size_t leaves(const json::value& value) { return compare(value, nullptr).compared; }
std::size_t kept_leaves(const Kept& kept) { return kept.values.empty() ? 0 : leaves(kept.values); }

class WindowsExports : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MIMICA_SHARED_DATA");
    if (folder == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
    folder_ = std::string(folder) + "/windows-exports/";
  }
  std::string content(const std::string& name) const {
    std::ifstream in(folder_ + name, std::ios::binary);
    EXPECT_TRUE(in) << folder_ + name;
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Both directions, so that nothing is missing and nothing was added.
  static Count compare_json(const std::string& before, const std::string& after) {
    const auto a = parse_export(before, "before");
    const auto b = parse_export(after, "after");
    EXPECT_TRUE(a && b);
    if (!a || !b) return {};
    EXPECT_EQ(leaves(*a), leaves(*b));
    return compare(*a, &*b);
  }
  static void report(const std::string& name, const Count& count) {
    std::printf("%-34s %6zu equal of %6zu, %5zu of them kept\n", name.c_str(), count.equal, count.compared, count.kept);
    EXPECT_EQ(count.equal, count.compared) << name;
    EXPECT_GT(count.compared, 0u) << name;
  }
  // Values of records, before and after the LDIF was written again.
  static Count compare_records(const std::vector<ldap::LdifRecord>& before,
                               const std::vector<ldap::LdifRecord>& after) {
    Count out;
    EXPECT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      EXPECT_EQ(before[i].entry.dn(), after[i].entry.dn());
      EXPECT_EQ(before[i].entry.attributes().size(), after[i].entry.attributes().size());
      EXPECT_EQ(before[i].modifications.size(), after[i].modifications.size());
      const auto values = [&](const ldap::Attribute& a, const std::vector<std::string>& b) {
        for (std::size_t v = 0; v < a.values.size(); ++v) {
          ++out.compared;
          if (v < b.size() && a.values[v] == b[v]) ++out.equal;
        }
      };
      for (const ldap::Attribute& attribute : before[i].entry.attributes())
        values(attribute, after[i].entry.values(attribute.name));
      for (std::size_t m = 0; m < std::min(before[i].modifications.size(), after[i].modifications.size()); ++m) {
        EXPECT_EQ(before[i].modifications[m].kind, after[i].modifications[m].kind);
        EXPECT_EQ(before[i].modifications[m].attribute.name, after[i].modifications[m].attribute.name);
        values(before[i].modifications[m].attribute, after[i].modifications[m].attribute.values);
      }
    }
    return out;
  }
  static std::string written(const std::vector<ldap::LdifRecord>& records) {
    std::string out = "version: 1\n\n";
    for (const ldap::LdifRecord& record : records) {
      if (record.kind == ldap::LdifRecord::Kind::modify) {
        out += ldap::write_change(record.entry.dn(), record.modifications) + "\n";
        continue;
      }
      std::string one = ldap::write_ldif({record.entry}, record.kind == ldap::LdifRecord::Kind::add);
      if (one.substr(0, 10) == "version: 1") one.erase(0, one.find('\n') + 1);
      out += one + "\n";
    }
    return out;
  }

  std::string folder_;
};

TEST_F(WindowsExports, LdifLosesNothing) {
  for (const char* name :
       {"ws2016-default-templates.ldif", "ws2016-ca-install-writes.ldif", "tamemycerts-templates.ldf",
        "tamemycerts-specialchars.ldf", "ldapsearch-webserver.ldif", "ndes-templates.ldif"}) {
    std::string text = content(name);
    // What ldapsearch prints after the entries is no LDIF.
    text.resize(std::min(text.size(), text.find("# search result")));
    const auto records = ldap::parse_ldif(text, name);
    ASSERT_TRUE(records) << records.error().describe();
    const auto again = ldap::parse_ldif(written(*records), "again");
    ASSERT_TRUE(again) << name << again.error().describe();
    report(name, compare_records(*records, *again));
  }
}

// Templates as our values: read from LDIF, written from the value alone.
TEST_F(WindowsExports, TemplatesLoseNothingAsValues) {
  for (const auto& [name, suffix] : {std::pair{"ws2016-default-templates.ldif", "CN=Configuration,DC=dom,DC=local"},
                                     {"tamemycerts-templates.ldf", "{ConfigNC}"},
                                     {"tamemycerts-specialchars.ldf", "{ConfigNC}"},
                                     {"ldapsearch-webserver.ldif", "CN=Configuration,DC=manager,DC=htb"},
                                     {"ndes-templates.ldif", "{ConfigNC}"}}) {
    std::string text = content(name);
    text.resize(std::min(text.size(), text.find("# search result")));
    const auto records = ldap::parse_ldif(text, name);
    ASSERT_TRUE(records) << records.error().describe();
    Count count;
    for (const ldap::LdifRecord& record : *records) {
      if (!record.entry.is_a("pKICertificateTemplate")) continue;
      const auto value = templates::decode(record.entry);
      ASSERT_TRUE(value) << value.error().describe();
      const ldap::Entry again = templates::encode(*value, suffix);
      for (const ldap::Attribute& attribute : record.entry.attributes()) {
        const std::vector<std::string> values = again.values(attribute.name);
        for (std::size_t i = 0; i < attribute.values.size(); ++i) {
          ++count.compared;
          if (i < values.size() && values[i] == attribute.values[i])
            ++count.equal;
          else
            ADD_FAILURE() << name << ' ' << record.entry.dn() << ' ' << attribute.name;
        }
      }
      for (const ldap::Attribute& attribute : value->other) count.kept += attribute.values.size();
    }
    report(std::string(name) + " (values)", count);
  }
}

TEST_F(WindowsExports, AdcsTemplateLosesNothing) {
  const std::string name = "adcstemplate-powershellcms.json";
  const std::string before = content(name);
  const auto read = read_adcs_template(before, name);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->value.cn, "PowerShellCMS");
  const std::string after = write_adcs_template(*read);
  EXPECT_EQ(after, before) << "octet by octet";
  Count count = compare_json(before, after);
  count.kept = kept_leaves(read->kept);
  report(name, count);
}

TEST_F(WindowsExports, CertipyLosesNothing) {
  const std::string name = "certipy-5.0.3-find.json";
  const std::string before = content(name);
  const auto read = read_certipy(before, name);
  ASSERT_TRUE(read) << read.error().describe();
  ASSERT_EQ(read->templates.size(), 2u);
  const std::string after = write_certipy(*read);
  EXPECT_EQ(after, before) << "octet by octet";
  Count count = compare_json(before, after);
  for (const auto& one : read->templates) count.kept += kept_leaves(one.kept);
  for (const auto& one : read->authorities) count.kept += leaves(one.found);
  report(name, count);
}

TEST_F(WindowsExports, BloodHoundLosesNothing) {
  {
    const std::string name = "bloodhound-v6-certtemplates.json";
    const auto read = read_bloodhound_templates(content(name), name);
    ASSERT_TRUE(read) << read.error().describe();
    Count count = compare_json(content(name), write_bloodhound_templates(*read));
    for (const auto& one : read->templates) count.kept += kept_leaves(one.kept) + kept_leaves(one.kept_properties);
    report(name, count);
  }
  const std::string name = "bloodhound-v6-enterprisecas.json";
  const auto read = read_bloodhound_authorities(content(name), name);
  ASSERT_TRUE(read) << read.error().describe();
  Count count = compare_json(content(name), write_bloodhound_authorities(*read));
  for (const auto& one : read->authorities) count.kept += kept_leaves(one.kept);
  report(name, count);
}

TEST_F(WindowsExports, TheLiveDiffLosesNothing) {
  const std::string name = "ws2016-default-templates.json";
  const auto read = read_live_diff(content(name), name);
  ASSERT_TRUE(read) << read.error().describe();
  EXPECT_EQ(read->objects.size(), 53u);
  Count count = compare_json(content(name), write_live_diff(*read));
  std::size_t decoded = 0;
  for (const auto& one : read->objects) {
    count.kept += kept_leaves(one.kept) + kept_leaves(one.kept_attributes);
    if (one.entry.is_a("pKICertificateTemplate") && templates::decode(one.entry)) ++decoded;
  }
  EXPECT_EQ(decoded, 33u);
  report(name, count);
}

// The recorded dialogue: every entry that the directory returned and the CA wrote, by way of LDIF.
TEST_F(WindowsExports, TheRecordedDialogueLosesNothing) {
  const std::string name = "ws2016-ca-install-ldap.json";
  const auto parsed = parse_export(content(name), name);
  ASSERT_TRUE(parsed);
  std::vector<ldap::Entry> entries;
  const std::function<void(const json::value&)> collect = [&](const json::value& value) {
    if (const auto* array = value.if_array()) {
      for (const json::value& item : *array) collect(item);
    } else if (const auto* object = value.if_object()) {
      const json::value* attributes = object->if_contains("attributes");
      const auto op = text_member(*object, "op").value_or("");
      if ((op == "searchResultEntry" || op == "addRequest") && attributes != nullptr && attributes->is_array()) {
        auto dn = text_member(*object, op == "addRequest" ? "entry" : "objectName");
        ldap::Entry entry(dn.value_or("") + (dn.value_or("").empty() ? "CN=rootDSE" : ""));
        for (const json::value& pair : attributes->get_array()) {
          const auto& list = pair.as_array();
          for (const json::value& one : list.at(1).as_array()) {
            std::string octets;
            if (one.is_string())
              octets = one.get_string();
            else
              octets = std::string(as_text(from_base64(std::string(one.as_object().at("b64").as_string())).value()));
            entry.add(std::string(list.at(0).as_string()), std::move(octets));
          }
        }
        if (!entry.attributes().empty()) entries.push_back(std::move(entry));
      }
      for (const auto& member : *object) collect(member.value());
    }
  };
  collect(*parsed);
  std::vector<ldap::LdifRecord> records;
  for (const ldap::Entry& entry : entries) {
    ldap::LdifRecord record;
    record.entry = entry;
    records.push_back(std::move(record));
  }
  const auto again = ldap::parse_ldif(written(records), name);
  ASSERT_TRUE(again) << again.error().describe();
  report(name, compare_records(records, *again));
}

TEST_F(WindowsExports, CertificatesAndListsLoseNothing) {
  const std::string name = "ws2016-ca-artefacts.pem";
  const std::string text = content(name);
  Count count;
  for (const std::string_view label : {"CERTIFICATE", "X509 CRL"}) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----", end = "-----END " + std::string(label);
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
      const std::size_t start = at + begin.size(), stop = text.find(end, at);
      ASSERT_NE(stop, std::string::npos);
      const auto der = from_base64(text.substr(start, stop - start));
      ASSERT_TRUE(der);
      ++count.compared;
      if (label == "CERTIFICATE") {
        const auto certificate = Certificate::parse(*der);
        ASSERT_TRUE(certificate) << certificate.error().describe();
        const auto again = Certificate::parse_pem_or_der(as_bytes(certificate->pem()));
        if (again && again->der() == *der) ++count.equal;
      } else {
        const auto list = Crl::parse(*der);
        ASSERT_TRUE(list) << list.error().describe();
        if (list->der() == *der) ++count.equal;
      }
      at = stop;
    }
  }
  report(name, count);
}

TEST_F(WindowsExports, EveryFileOfTheFolderIsLookedAt) {
  const std::set<std::string> known = {
      "README.md",
      "adcstemplate-powershellcms.json",
      "bloodhound-v6-certtemplates.json",
      "bloodhound-v6-enterprisecas.json",
      "certipy-5.0.3-find.json",
      "ldapsearch-webserver.ldif",
      "ndes-templates.ldif",
      "tamemycerts-specialchars.ldf",
      "tamemycerts-templates.ldf",
      "ws2016-ca-artefacts.pem",
      "ws2016-ca-install-ldap.json",
      "ws2016-ca-install-writes.ldif",
      "ws2016-default-templates.json",
      "ws2016-default-templates.ldif",
  };
  for (const auto& file : std::filesystem::directory_iterator(folder_))
    EXPECT_TRUE(known.contains(file.path().filename().string())) << file.path();
}

TEST_F(WindowsExports, TheLinterFindsWhatTheExportersFound) {
  const auto certipy = read_export(content("certipy-5.0.3-find.json"), "certipy");
  ASSERT_TRUE(certipy) << certipy.error().describe();
  const ReadExport forest = merged({*certipy});
  const auto findings = lint_authority(forest.authorities, {forest.templates, {}, forest.name_of});
  ASSERT_EQ(findings.size(), 3u);
  // Certipy reports ESC3 because the group's members were known to it; the group's name says nothing here.
  EXPECT_TRUE(findings[1].trace.has(rule::kWeaknessEsc3.id, Verdict::pass));
  EXPECT_TRUE(findings[0].trace.has(rule::kWeaknessEsc6.id, Verdict::pass));
  EXPECT_TRUE(findings[0].trace.has(rule::kWeaknessEsc7.id, Verdict::pass));
  EXPECT_TRUE(findings[0].trace.has(rule::kWeaknessEsc11.id, Verdict::pass));

  const auto fresh = read_export(content("ws2016-default-templates.ldif"), "ws2016");
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->templates.size(), 33u);
  ASSERT_EQ(fresh->authorities.size(), 1u);
  for (const Finding& finding : lint_authority(fresh->authorities, {fresh->templates, {}, {}}))
    EXPECT_TRUE(finding.sound()) << finding.subject;
}

}  // namespace
}  // namespace mimica::audit
