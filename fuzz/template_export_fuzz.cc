// Exports of other programs: what is read is written and read again without change, and can be judged.
#include <cstdint>
#include <cstdlib>

#include "audit/import/adcs_template.h"
#include "audit/import/bloodhound.h"
#include "audit/import/certipy.h"
#include "audit/import/export_documents.h"
#include "audit/import/formats.h"
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
      bytes, [](std::string_view b) { return audit::read_adcs_template(b); },
      [](const audit::AdcsTemplateExport& d) { return audit::write_adcs_template(d); });
  round_trip(
      bytes, [](std::string_view b) { return audit::read_certipy(b); },
      [](const audit::CertipyDocument& d) { return audit::write_certipy(d); });
  round_trip(
      bytes, [](std::string_view b) { return audit::read_bloodhound_templates(b); },
      [](const audit::BloodHoundDocument& d) { return audit::write_bloodhound_templates(d); });
  round_trip(
      bytes, [](std::string_view b) { return audit::read_live_diff(b); },
      [](const audit::LiveDiff& d) { return audit::write_live_diff(d); });
  round_trip(
      bytes, [](std::string_view b) { return audit::read_bloodhound_authorities(b); },
      [](const audit::BloodHoundAuthorities& d) { return audit::write_bloodhound_authorities(d); });
  const auto read = audit::read_export(bytes, "fuzz");
  if (!read) return 0;
  const audit::ReadExport all = audit::merged({*read});
  const auto findings = audit::lint_authority(all.authorities, {all.templates, all.linked_policies, all.name_of});
  require(findings.size() == all.authorities.size() + all.templates.size());
  require(!audit::to_json(findings).empty());
  return 0;
}
