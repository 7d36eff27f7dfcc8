// X.500 names: their DER, and the three textual forms this field uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

struct Ava {
  Oid type;
  std::string value;            // UTF-8
  std::uint8_t string_tag = 0;  // DER tag of the value; 0 = choose when encoding (see Name::to_der)
  Bytes raw;                    // a value that is no string (#hex): its DER; then `value` is "#hex"
  bool operator==(const Ava& other) const { return type == other.type && value == other.value && raw == other.raw; }
};
using Rdn = std::vector<Ava>;  // usually one element

// An ordered list of RDNs as encoded in the certificate: first RDN = outermost (DC=com), last = leaf (CN=...).
// RFC 4514 text and LDAP DNs read the other way round; the functions below convert.
struct Name {
  std::vector<Rdn> rdns;

  bool empty() const { return rdns.empty(); }
  bool operator==(const Name&) const = default;
  // First value of that type counted from the leaf; empty if absent.
  std::string_view last(const Oid& type) const;

  static Result<Name> from_der(BytesView der);  // the whole SEQUENCE
  // String types: DC and E IA5String, C and SERIALNUMBER PrintableString, others PrintableString where the characters
  // allow and UTF8String elsewhere; an AVA's own string_tag wins.
  Bytes to_der() const;

  // RFC 4514: leaf first, backslash escapes. Unknown types as dotted OIDs. Accepts the usual AD keywords.
  static Result<Name> parse_rfc4514(std::string_view text);
  std::string to_rfc4514() const;

  // The grammar of CertStrToName without flags: separators ',' and ';', '+' for multi-valued RDNs, double quotes,
  // "#hex", "OID.1.2.3=", no backslash escape. The string is read in its own order; CertEnroll's default encodes it
  // reversed, which `reverse` asks for. Faults: CRYPT_E_INVALID_X500_STRING, ..._PRINTABLE_STRING, ..._IA5_STRING.
  static Result<Name> parse_cert_str(std::string_view text, bool reverse = true);
  // CertNameToStr's printing in leaf-first order ("CN=jane, OU=x, DC=com"): quoted where needed, state as S.
  std::string to_cert_str(std::string_view separator = ", ") const;

  // altSecurityIdentities order and keywords: encoded order, ',' without blank (DC=com,DC=contoso,CN=CA).
  std::string to_alt_security() const;
};

// A directory DN for comparison: types and values folded, insignificant blanks and escapes gone. Equal strings mean the
// same entry. Returns an empty string for a malformed DN.
std::string normalise_dn(std::string_view dn);
// Simple case folding as directory strings compare: ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters. Text
// that is not UTF-8 comes back unchanged.
std::string fold_directory_string(std::string_view text);
// Helpers on RFC 4514 text: the part after the first unescaped comma; the leaf RDN's value unescaped; escaping a value.
std::string_view parent_dn(std::string_view dn);
std::string leaf_value(std::string_view dn);
std::string escape_dn_value(std::string_view value);
bool dn_is_under(std::string_view dn, std::string_view ancestor);  // equal counts as under

}  // namespace mimica
