#include "audit/import/formats.h"

#include "audit/import/adcs_template.h"
#include "audit/import/certificates.h"
#include "audit/import/live_diff.h"
#include "audit/lint/authority_export.h"
#include "connector/profile/profile_reader.h"
#include "core/base/text.h"
#include "ldap/store/ldif.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kByteOrderMark16 = "\xFF\xFE";

bool has_member(const FileContent& file, std::string_view key) {
  return file.object() != nullptr && file.object()->contains(key);
}
bool looks_like_json(const FileContent& file) {
  return file.bytes.starts_with(kByteOrderMark16) || file.text.starts_with('{') || file.text.starts_with('[');
}

void append(ReadExport& to, ExportedForest from) {
  const auto add = [](auto& into, auto& more) {
    into.insert(into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(to.templates, from.forest.templates);
  add(to.linked_policies, from.forest.linked_policies);
  add(to.authorities, from.authorities);
  add(to.unreadable, from.unreadable);
}

bool is_certificates(const FileContent& file) {
  return file.bytes.starts_with('0') ||
         (file.text.find("-----BEGIN") != std::string_view::npos && file.text.find("CERTIFICATE") != std::string::npos);
}
Result<Imported> import_certificates(const FileContent& file) {
  Imported out;
  MIMICA_TRY(out.certificates, parse_certificates(file.bytes, file.source));
  return out;
}

bool is_certipy(const FileContent& file) {
  return has_member(file, "Certificate Templates") || has_member(file, "Certificate Authorities");
}
Result<Imported> import_certipy(const FileContent& file) {
  MIMICA_TRY(const auto document, read_certipy(file.bytes, file.source));
  ReadExport out;
  for (const auto& one : document.templates) out.templates.push_back(one.value);
  for (const auto& one : document.authorities) out.authorities.push_back(facts_of(one, document));
  out.name_of = document.accounts.name_of();
  return Imported{.forest = std::move(out)};
}

bool is_bloodhound(const FileContent& file) {
  if (file.object() == nullptr) return false;
  const std::string type = collection_type(*file.object());
  return type == "enterprisecas" || type == "certtemplates";
}
Result<Imported> import_bloodhound(const FileContent& file) {
  ReadExport out;
  if (collection_type(*file.object()) == "enterprisecas") {
    MIMICA_TRY(const auto document, read_bloodhound_authorities(file.bytes, file.source));
    for (const auto& one : document.authorities) {
      out.enabled[one.facts.name] = one.template_ids;
      out.authorities.push_back(one.facts);
    }
  } else {
    MIMICA_TRY(const auto document, read_bloodhound_templates(file.bytes, file.source));
    for (const auto& one : document.templates) {
      out.template_ids[one.object_id] = one.value.cn;
      out.templates.push_back(one.value);
    }
  }
  return Imported{.forest = std::move(out)};
}

bool is_live_diff(const FileContent& file) { return has_member(file, "objects"); }
Result<Imported> import_live_diff(const FileContent& file) {
  MIMICA_TRY(const auto document, read_live_diff(file.bytes, file.source));
  std::vector<ldap::Entry> entries;
  for (const auto& one : document.objects) entries.push_back(one.entry);
  ReadExport out;
  append(out, forest_of(entries));
  return Imported{.forest = std::move(out)};
}

bool is_adcs_template(const FileContent& file) { return has_member(file, "objectClass"); }
Result<Imported> import_adcs_template(const FileContent& file) {
  MIMICA_TRY(auto document, read_adcs_template(file.bytes, file.source));
  ReadExport out;
  out.templates.push_back(std::move(document.value));
  return Imported{.forest = std::move(out)};
}

// One profile, a list of them, or the answer to a GET of the collection. What is no JSON at all is taken for one too:
// profiles are the files that people edit, and their reader says where the mistake is.
bool is_profiles(const FileContent& file) {
  if (!looks_like_json(file)) return false;
  if (!file.json) return true;
  const json::array* list = file.json->if_array();
  return (list != nullptr && !list->empty()) || has_member(file, "@odata.type") || has_member(file, "displayName") ||
         has_member(file, "value");
}
Result<Imported> import_profiles(const FileContent& file) {
  Imported out;
  auto profiles = connector::parse_profiles(file.bytes, file.source);
  if (profiles)
    out.profiles = *std::move(profiles);
  else
    out.findings.push_back({Finding::Kind::profile, "that cannot be read", {}, {}, {profiles.error()}});
  return out;
}

bool is_ldif(const FileContent& file) { return file.begins_line("dn:"); }
Result<Imported> import_ldif(const FileContent& file) {
  MIMICA_TRY(const auto records, ldap::parse_ldif(file.bytes, file.source));
  ReadExport out;
  for (const ldap::LdifRecord& record : records) {
    if (record.kind != ldap::LdifRecord::Kind::content && record.kind != ldap::LdifRecord::Kind::add) continue;
    ExportedForest one = forest_of({record.entry});
    for (Fault& fault : one.unreadable)
      if (fault.where.source.empty()) fault.where = {file.source, record.line, 1, {}};
    append(out, std::move(one));
  }
  return Imported{.forest = std::move(out)};
}

const Format kFormats[] = {
    {"certificates (PEM, DER or PKCS#12)", is_certificates, import_certificates},
    {"Certipy JSON", is_certipy, import_certipy},
    {"BloodHound JSON", is_bloodhound, import_bloodhound},
    {"live diff JSON", is_live_diff, import_live_diff},
    {"ADCSTemplate JSON", is_adcs_template, import_adcs_template},
    {"Graph JSON of profiles", is_profiles, import_profiles},
    {"LDIF", is_ldif, import_ldif},
};

}  // namespace

bool FileContent::begins_line(std::string_view word) const {
  return starts_with_ignore_case(text, word) || text.find("\n" + std::string(word)) != std::string_view::npos;
}

std::span<const Format> formats() { return kFormats; }

Result<Imported> import_file(std::string_view bytes, const std::string& source, std::span<const Format> more) {
  FileContent file{bytes, source, trim(bytes.starts_with(kByteOrderMark) ? bytes.substr(3) : bytes)};
  if (file.text.empty()) return fault(HResult::E_INVALIDARG, "the file is empty", {source, 0, 0, {}});
  if (looks_like_json(file))
    if (auto parsed = parse_export(bytes, source)) file.json = *std::move(parsed);
  std::vector<std::string> names;
  for (const std::span<const Format> known : {formats(), more})
    for (const Format& format : known) {
      names.emplace_back(format.name);
      if (!format.recognises(file)) continue;
      MIMICA_TRY(Imported out, format.read(file));
      if (out.forest) {
        out.forest->format = format.name;
        for (Fault& fault : out.forest->unreadable)
          if (fault.where.source.empty()) fault.where.source = source;
      }
      return out;
    }
  return fault(HResult::E_INVALIDARG, "what this file holds is not recognised", {source, 0, 0, {}},
               "known are: " + join(names, ", "));
}

Result<ReadExport> read_export(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(Imported all, import_file(bytes, std::string(source)));
  if (all.forest) return *std::move(all.forest);
  return fault(HResult::E_INVALIDARG, "no export of templates or CAs", {std::string(source), 0, 0, {}},
               "LDIF, or the JSON of Certipy, SharpHound, ADCSTemplate or a live diff");
}

}  // namespace mimica::audit
