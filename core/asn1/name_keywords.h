// Attribute keywords of textual names; private to core/name*.cc and core/asn1/dn.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/asn1/oid.h"
#include "core/base/fault.h"

namespace mimica::detail {

// The OID of an RFC 4514 or Active Directory keyword (any case) or of a dotted OID with or without "OID.".
// Empty: neither.
Oid type_from_keyword(std::string_view keyword);
// RFC 4514's and the directory's spelling; the dotted OID for anything else.
std::string rfc4514_keyword(const Oid& type);

// CertStrToName's keys (any case), and dotted OIDs with or without "OID."; empty: none of them.
Oid type_from_cert_str_key(std::string_view key);
// The key CertNameToStr prints and CertStrToName reads back; "OID.1.2.3" for anything else.
std::string cert_str_key(const Oid& type);
// The key in altSecurityIdentities, a superset of cert_str_key's.
std::string alt_security_key(const Oid& type);

bool is_printable_string(std::string_view text);
bool is_ascii(std::string_view text);
// PrintableString alone is allowed for C and SERIALNUMBER, IA5String alone for E.
bool wants_printable_string(const Oid& type);
bool wants_ia5_string(const Oid& type);

// One attribute of an RFC 4514 name, as read by next_ava.
struct DnAva {
  std::string_view type;
  std::string value;      // escapes and insignificant blanks gone; the digits if `hex`
  bool hex = false;       // "#…"
  char separator = '\0';  // ',' or '+' that followed; 0 at the end
};
// Reads the attribute at `at` and advances behind its separator. The text must not be at its end.
Result<void> next_ava(std::string_view text, std::size_t& at, DnAva& out);

Fault bad_name(std::string what, std::size_t offset);

}  // namespace mimica::detail
