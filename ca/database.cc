#include "ca/database.h"

namespace mimica::ca {

std::string_view to_string(DbDisposition disposition) {
  switch (disposition) {
    case DbDisposition::active:
      return "Active";
    case DbDisposition::pending:
      return "Pending";
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
