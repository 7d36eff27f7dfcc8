// Decisions about signed requests: whose signatures count, on whose behalf an agent may ask, and what a renewal needs
// (MS-WCCE 3.2.2.6.2.1.2 and 3.2.2.6.2.1.4.5). Pure.
#pragma once

#include "ca/policy/policy.h"
#include "ca/request/request.h"
#include "core/base/decision.h"
#include "templates/template.h"

namespace mimica::ca {

// Each adds its steps and answers whether to go on.

// The certificates that signed are trusted (PolicyInput::signers).
bool check_signers(const PolicyInput& input, Trace& trace);
// Who asks on behalf of somebody is an agent; nothing for other requests.
bool check_agent(const PolicyInput& input, Trace& trace);
bool check_agent_for_template(const PolicyInput& input, const templates::CertificateTemplate& requested, Trace& trace);
// msPKI-RA-Signature, msPKI-RA-Application-Policies, msPKI-RA-Policies.
bool check_authorised_signatures(const PolicyInput& input, const templates::CertificateTemplate& requested,
                                 Trace& trace);

// A renewal names the template of its certificate.
bool check_renewal_template(const PolicyInput& input, const templates::CertificateTemplate& requested, Trace& trace);
bool check_renewal_key(const PolicyInput& input, const templates::CertificateTemplate& requested, Trace& trace);
// Whether the earlier certificate stands in for approval and signatures (MS-WCCE 3.2.2.6.2.1.4.8). Refuses nothing.
bool has_previous_approval(const PolicyInput& input, const templates::CertificateTemplate& requested, Trace& trace);

// The certificate serves this purpose: named, or any purpose, or no purpose named at all.
bool has_purpose(const Certificate& certificate, const Oid& purpose);

}  // namespace mimica::ca
