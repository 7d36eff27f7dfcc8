// The schema of the CA database as certutil -schema prints it (MS-CSRA 3.1.1.5).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/fault.h"

namespace mimica::ca {

enum class ViewTable { request, attribute, extension, crl };
std::string_view to_string(ViewTable table);

enum class ColumnType { long_integer = 1, date = 2, binary = 3, text = 4 };

// How a value is printed.
enum class ColumnForm {
  number,
  date,
  text,
  hash,           // text of hexadecimal digits, printed in pairs
  template_name,  // text, an OID is followed by the display name
  algorithm,      // text, an OID likewise
  disposition,
  status,
  reason,
  request_type,
  request_flags,
  issuer,
  enrollment_flags,
  general_flags,
  private_key_flags,
  extension_flags,
  crl_flags,
  request,  // PEM blocks
  certificate,
  crl,
  dump,  // other binary values
};

struct ViewColumn {
  std::uint32_t id;
  ViewTable table;
  std::string_view name;  // "Request.RequesterName", "NotAfter"
  ColumnType type;
  std::uint32_t max_length;
  bool indexed;
  std::string_view display_name;  // "Requester Name"
  ColumnForm form;
};

// In the order of the ids.
std::span<const ViewColumn> view_columns(ViewTable table);
// Of a known id.
const ViewColumn& view_column(std::uint32_t id);
// By name without case; "Request." may be left out where that names no other column, and the display name will do too.
// Fault E_INVALIDARG for others, with the nearest name as hint.
Result<const ViewColumn*> find_view_column(ViewTable table, std::string_view name);

}  // namespace mimica::ca
