// The certification authority as its faces see it: gather, decide, perform in one place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ca/config.h"
#include "core/certificate.h"
#include "core/decision.h"
#include "core/entropy.h"
#include "core/key.h"
#include "core/time.h"
#include "ldap/account.h"
#include "ldap/directory.h"

namespace mimica::ca {

// pdwDisposition as clients see it (MS-WCCE 3.2.1.4.2.1; CR_DISP_*).
enum class Disposition { incomplete = 0, error = 1, denied = 2, issued = 3, issued_out_of_band = 4, under_submission = 5, revoked = 6 };
std::string_view to_string(Disposition disposition);

struct SubmitInput {
  std::string caller;    // account name in any form of ldap::account_by_any_name; the authenticated identity
  Bytes request;         // PKCS#10 DER or PEM (CMS later)
  std::string attributes;  // "Name:Value" lines separated by LF
};

struct SubmitOutcome {
  std::optional<std::int64_t> request_id;  // absent when no row was kept
  Disposition disposition = Disposition::error;
  HResult status = HResult::S_OK;          // the HRESULT of a denial or error
  std::string message;                     // DispositionMessage
  Bytes certificate;                       // DER when issued
  Trace trace;
};

}  // namespace mimica::ca
