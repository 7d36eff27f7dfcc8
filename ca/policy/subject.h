// Subject and alternative name of a certificate: built from the directory, or taken from the request and brought into
// the order of the CA (MS-WCCE 3.2.2.6.2.1.4.5.9).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ca/registry/config.h"
#include "ca/request/request.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "ldap/account.h"
#include "templates/template.h"

namespace mimica::ca {

struct DomainNames {
  std::string dns;      // "contoso.com"
  std::string netbios;  // "CONTOSO"
};

struct CertificateNames {
  Name subject;
  Bytes subject_der;
  Bytes alternative_name;             // value of 2.5.29.17; empty: none
  bool alternative_critical = false;  // because the request said so or the subject is empty
  std::string upn;                    // for the UPN column of the database
  std::vector<std::string> warnings;  // appended to the disposition message
};

// Both add their steps to the trace and answer nullopt after a failing one.
std::optional<CertificateNames> names_from_directory(const CaConfig& config, const templates::CertificateTemplate& from,
                                                     const ldap::Account& account, const DomainNames& domain,
                                                     const IncomingRequest& request, Trace& trace);
// `from`: nullptr on a stand-alone CA.
std::optional<CertificateNames> names_from_request(const CaConfig& config, const templates::CertificateTemplate* from,
                                                   const IncomingRequest& request, Trace& trace);

// The RDNs of `subject` whose type SubjectTemplate lists, one AVA each, in the order of the list read backwards (it is
// most specific first, DER is not). An empty list, or one with an empty entry, keeps the subject. `dropped`: types left
// out.
Name apply_subject_template(const Name& subject, const std::vector<std::string>& subject_template,
                            std::vector<std::string>* dropped);

}  // namespace mimica::ca
