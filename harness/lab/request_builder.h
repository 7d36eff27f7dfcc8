// From the friendly words of a scenario to a PKCS#10, and from a certificate to the facts a timeline prints.
#pragma once

#include <functional>

#include "core/pki/certificate.h"
#include "harness/lab/lab.h"

namespace mimica::harness {

// "upn=jane@contoso.com", "dns=host", "email=a@b", "url=tag:…", "sid=S-1-5-…". The sid is not a general name: it
// becomes the security extension. Faults name the entry.
struct RequestedNames {
  std::vector<GeneralName> names;
  std::optional<Sid> sid;
};
Result<RequestedNames> parse_requested_names(const std::vector<std::string>& entries);

// The request of an EnrollSpec, its PKCS#10 signed with `key`; the template is named in a request attribute by the
// caller, not here. Faults: an unknown format; a signed format without anything to sign with.
Result<Bytes> build_request(const EnrollSpec& spec, const PrivateKey& key);

// `template_name_of`: cn of the template with that OID, empty if unknown.
CertificateSummary summarise_certificate(const Certificate& certificate,
                                         const std::function<std::string(const Oid&)>& template_name_of);

}  // namespace mimica::harness
