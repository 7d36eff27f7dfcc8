// LDIF (RFC 2849): content and change records.
#pragma once

#include <string_view>
#include <vector>

#include "ldap/directory.h"

namespace mimica::ldap {

struct LdifRecord {
  enum class Kind { content, add, modify, erase, modify_dn };
  Kind kind = Kind::content;
  Entry entry;                              // content and add; for the others only its DN
  std::vector<Modification> modifications;  // modify
  std::string new_rdn;                      // modify_dn
  bool delete_old_rdn = true;
  std::string new_superior;
  int line = 0;                             // of the dn: line
};
inline constexpr std::size_t kMaxLdifSize = 64 * 1024 * 1024;
// Tolerates what exporters write: CRLF, folded lines, comments, control: lines, base64, missing version, "dn:" values that are not
// UTF-8. URLs (attr:< file://…) are refused. Faults carry `source` and the line.
Result<std::vector<LdifRecord>> parse_ldif(std::string_view text, std::string_view source = "LDIF");
// Folded at 76 columns; base64 where RFC 2849 demands it. With `changetype: add` when `as_changes`.
std::string write_ldif(const std::vector<Entry>& entries, bool as_changes = false);
// Applies records in order; stops at the first fault, naming the record's line.
Result<void> apply_ldif(Directory& directory, const std::vector<LdifRecord>& records);

}  // namespace mimica::ldap
