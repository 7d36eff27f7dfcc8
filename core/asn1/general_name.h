// GeneralName: the members of subject alternative names and distribution points.
#pragma once

#include <string>
#include <vector>

#include "core/asn1/name.h"
#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

// RFC 5280 4.2.1.6. `text` holds rfc822Name, dNSName, URI, UPN; `bytes` IP addresses, object GUIDs and anything else
// raw.
struct GeneralName {
  enum class Kind { upn, directory_guid, other, email, dns, directory, uri, ip, registered_id, raw };
  Kind kind = Kind::raw;
  std::string text;
  Bytes bytes;  // other: DER of the otherName's value; raw: the whole TLV
  Oid type;     // other: its type-id; registered_id
  Name name;    // directory
  bool operator==(const GeneralName&) const = default;
};
std::string to_string(const GeneralName& name);  // "UPN=jane@contoso.com", "DNS=web.contoso.com", "URI=…"
Result<std::vector<GeneralName>> parse_general_names(BytesView der);
Bytes encode_general_names(const std::vector<GeneralName>& names);

}  // namespace mimica
