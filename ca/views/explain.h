// Explanations read back from the database: why a request ended as it did, and where a certificate comes from.
#pragma once

#include <cstdint>
#include <string>

#include "ca/store/database.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"

namespace mimica::ca {

// The trace that was stored with the request's present disposition. Fault CERTSRV_E_PROPERTY_EMPTY for an unknown id.
Result<Trace> stored_trace(Database& database, std::int64_t request_id);

// "request 17 denied: CERTSRV_E_TEMPLATE_DENIED (0x80094012)" with requester, dates and the steps.
Result<std::string> explain_request(Database& database, std::int64_t request_id, Colour colour = Colour::none);

// Which request it answers, template, names, SID, validity and revocation, then the steps of that request. A
// certificate that this database does not know is described from its own contents and says so.
Result<std::string> explain_certificate(Database& database, const Certificate& certificate,
                                        Colour colour = Colour::none);

}  // namespace mimica::ca
