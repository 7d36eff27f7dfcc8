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
  int line = 0;  // of the dn: line
};
inline constexpr std::size_t kMaxLdifSize = 64 * 1024 * 1024;
// Tolerates what exporters write: CRLF, folded lines, comments, control: lines, base64, missing version, "dn:" values
// that are not UTF-8. URLs (attr:< file://…) are refused. Faults carry `source` and the line.
Result<std::vector<LdifRecord>> parse_ldif(std::string_view text, std::string_view source = "LDIF");
// Folded at 76 columns; base64 where RFC 2849 demands it. With `changetype: add` when `as_changes`.
std::string write_ldif(const std::vector<Entry>& entries, bool as_changes = false);
// A change record of its own for a modify, as ldapmodify takes it.
std::string write_change(std::string_view dn, const std::vector<Modification>& modifications);
// Applies records in order; stops at the first fault, naming the record's line.
Result<void> apply_ldif(Directory& directory, const std::vector<LdifRecord>& records);

// Carries entries from one forest to another.
struct Rebase {
  std::string from_suffix;  // "DC=dom,DC=local", or a placeholder such as "{ConfigNC}"; compared without regard to case
  std::string to_suffix;
  Sid from_domain = {};  // both given: SIDs of that domain in objectSid and nTSecurityDescriptor are replaced
  Sid to_domain = {};
};
// Rewrites the DN, the values of attributes with DN syntax, and SIDs. Text that merely looks like a DN
// (cACertificateDN) stays: it names a certificate's subject. A security descriptor that cannot be read stays as it is.
Entry rebase(Entry entry, const Rebase& how);
std::vector<LdifRecord> rebase(std::vector<LdifRecord> records, const Rebase& how);

}  // namespace mimica::ldap
