// LDIF: entries that were read can be written and read again unchanged.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ldap/store/ldif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica::ldap;
  const auto records = parse_ldif(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!records) return 0;
  std::vector<Entry> entries;
  for (const LdifRecord& record : *records) {
    if (record.kind == LdifRecord::Kind::content || record.kind == LdifRecord::Kind::add)
      entries.push_back(record.entry);
    (void)rebase(record.entry, {"DC=dom,DC=local", "DC=contoso,DC=com", *mimica::Sid::parse("S-1-5-21-1-2-3"),
                                *mimica::Sid::parse("S-1-5-21-4-5-6")});
  }
  const auto again = parse_ldif(write_ldif(entries, true));
  if (!again || again->size() != entries.size()) std::abort();
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (!((*again)[i].entry == entries[i])) std::abort();
  return 0;
}
