#include "ca/store/database.h"

namespace mimica::ca {

std::string_view to_string(DbDisposition disposition) {
  switch (disposition) {
    case DbDisposition::active:
      return "Active";
    case DbDisposition::pending:
      return "Pending";
    case DbDisposition::foreign:
      return "Foreign";
    case DbDisposition::ca_cert:
      return "CA Cert";
    case DbDisposition::ca_cert_chain:
      return "CA Cert Chain";
    case DbDisposition::kra_cert:
      return "KRA Cert";
    case DbDisposition::issued:
      return "Issued";
    case DbDisposition::revoked:
      return "Revoked";
    case DbDisposition::error:
      return "Error";
    case DbDisposition::denied:
      return "Denied";
  }
  return "Unknown";
}

}  // namespace mimica::ca
