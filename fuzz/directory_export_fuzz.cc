// A directory export: whatever loads can be searched, and a logon against it can be judged.
#include <cstdlib>

#include "audit/assess/assessment.h"
#include "audit/assess/assessment_text.h"
#include "kdc/pkinit/leads.h"
#include "ldap/store/ldif.h"
#include "ldap/store/snapshot.h"

namespace {

class NoLists final : public mimica::kdc::RevocationSource {
 public:
  mimica::Result<mimica::Bytes> fetch(std::string_view) override { return mimica::fault("none"); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const auto records = ldap::parse_ldif(as_text({data, size}));
  if (!records) return 0;
  const auto snapshot = ldap::Snapshot::create();
  std::optional<Certificate> certificate;
  for (const ldap::LdifRecord& record : *records) {
    static_cast<void>(snapshot->load(record.entry));
    for (const std::string_view name : {"userCertificate", "cACertificate"})
      if (auto found = Certificate::parse(as_bytes(record.entry.first(name)))) certificate = *std::move(found);
  }
  const auto trust = kdc::read_trust(*snapshot);
  if (!trust || !certificate) return 0;
  const auto leads = kdc::find_leads(*snapshot, *trust, *certificate);
  if (!leads) return 0;
  constexpr Timestamp kAt{1733011200};
  NoLists lists;
  for (const kdc::Lead& lead : leads->accounts) {
    const auto facts = kdc::gather(*snapshot, *trust, lists, {lead.account.sam_account_name, *certificate, {}}, kAt);
    if (!facts) continue;
    const audit::Assessment got = audit::assess(*facts, {}, kAt);
    const std::string text = audit::to_text(got, {}, Colour::none);
    if (text.find('\033') != std::string::npos) std::abort();
    static_cast<void>(audit::to_json(got, {}));
    for (const audit::MappingToAdd& mapping : got.mappings)
      if (!ldap::parse_ldif(audit::ldif_of(*got.account, mapping))) std::abort();
  }
  return 0;
}
