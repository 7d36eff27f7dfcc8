#include "ca/authority/values.h"

namespace mimica::ca {

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::incomplete:
      return "incomplete";
    case Disposition::error:
      return "error";
    case Disposition::denied:
      return "denied";
    case Disposition::issued:
      return "issued";
    case Disposition::issued_out_of_band:
      return "issued out of band";
    case Disposition::under_submission:
      return "under submission";
    case Disposition::revoked:
      return "revoked";
  }
  return "unknown";
}

Disposition to_client(DbDisposition disposition) {
  switch (disposition) {
    case DbDisposition::pending:
      return Disposition::under_submission;
    case DbDisposition::issued:
      return Disposition::issued;
    case DbDisposition::revoked:
      return Disposition::revoked;
    case DbDisposition::denied:
      return Disposition::denied;
    case DbDisposition::error:
      return Disposition::error;
    case DbDisposition::active:
    case DbDisposition::foreign:  // MS-WCCE 3.2.1.4.2.1.3: 12 answers 0
      return Disposition::incomplete;
    case DbDisposition::ca_cert:
    case DbDisposition::ca_cert_chain:
    case DbDisposition::kra_cert:
      return Disposition::error;  // no requests
  }
  return Disposition::error;
}

}  // namespace mimica::ca
