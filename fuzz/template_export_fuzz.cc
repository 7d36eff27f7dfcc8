// Exports of other programs: what is read is written and read again without change, and can be judged.
#include <cstdint>
#include <cstdlib>

#include "audit/import/adcs_template.h"
#include "audit/import/bloodhound.h"
#include "audit/import/certipy.h"
#include "audit/import/export_documents.h"
#include "audit/import/live_diff.h"
#include "core/base/bytes.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Reading what was written gives the same text again.
template <typename Read, typename Write>
void round_trip(std::string_view bytes, Read read, Write write) {
  const auto document = read(bytes);
  if (!document) return;
  const std::string once = write(*document);
  const auto again = read(once);
  require(static_cast<bool>(again));
  require(write(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const std::string_view bytes = as_text(BytesView(data, size));
  round_trip(
      bytes, [](std::string_view b) { return templates::read_adcs_template(b); },
      [](const templates::AdcsTemplateExport& d) { return templates::write_adcs_template(d); });
  round_trip(
      bytes, [](std::string_view b) { return templates::read_certipy(b); },
      [](const templates::CertipyDocument& d) { return templates::write_certipy(d); });
  round_trip(
      bytes, [](std::string_view b) { return templates::read_bloodhound_templates(b); },
      [](const templates::BloodHoundDocument& d) { return templates::write_bloodhound_templates(d); });
  round_trip(
      bytes, [](std::string_view b) { return templates::read_live_diff(b); },
      [](const templates::LiveDiff& d) { return templates::write_live_diff(d); });
  round_trip(
      bytes, [](std::string_view b) { return ca::read_bloodhound_authorities(b); },
      [](const ca::BloodHoundAuthorities& d) { return ca::write_bloodhound_authorities(d); });
  const auto read = ca::read_export(bytes, "fuzz");
  if (!read) return 0;
  const ca::ReadExport all = ca::merged({*read});
  const auto findings = ca::lint_authority(all.authorities, {all.templates, all.linked_policies, all.name_of});
  require(findings.size() == all.authorities.size() + all.templates.size());
  require(!ca::to_json(findings).empty());
  return 0;
}
