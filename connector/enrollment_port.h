// The only way in which the connector reaches a certification authority: values in, values out. The harness plugs in
// the CA of the lab, a real one could be plugged in over its wire protocols.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::connector {

// What the enrolling host learns about a template before it makes a key (its enrollment policy).
struct TemplateFacts {
  std::string name;               // cn
  KeySpec key;                    // kind and minimum size
  bool exportable_key = false;    // CT_FLAG_EXPORTABLE_KEY
  bool supplies_subject = false;  // CT_FLAG_ENROLLEE_SUPPLIES_SUBJECT
};

struct Submission {
  std::string ca_host;  // certificationAuthority of the profile
  std::string ca_name;  // certificationAuthorityName
  std::string caller;   // "CONTOSO\\CONNECTOR01$" or the service account
  std::string template_name;
  Bytes pkcs10;
  std::vector<std::pair<std::string, std::string>> attributes;  // CertificateTemplate, ValidityPeriod, ...
};

enum class Disposition { issued, pending, denied, error };

struct SubmissionOutcome {
  Disposition disposition = Disposition::error;
  Code code;                               // HRESULT; S_OK when issued
  std::string message;                     // disposition message of the CA
  std::optional<std::int64_t> request_id;  // absent when the CA kept no row
  Bytes certificate;                       // DER, when issued
  std::vector<Bytes> chain;                // DER of the issuing CA up to the root
  Trace trace;                             // why
};

struct RevocationOutcome {
  bool revoked = false;
  Code code;
  Trace trace;
};

class EnrollmentPort {
 public:
  virtual ~EnrollmentPort() = default;
  // nullopt: the host sees no such template (then the request is sent all the same and the CA answers).
  // Fault RPC_S_SERVER_UNAVAILABLE when no CA answers at that host, E_INVALIDARG for a wrong CA name.
  virtual Result<std::optional<TemplateFacts>> template_facts(const std::string& ca_host, const std::string& ca_name,
                                                              const std::string& template_name) = 0;
  virtual Result<SubmissionOutcome> submit(const Submission& submission) = 0;
  virtual Result<RevocationOutcome> revoke(const std::string& ca_host, const std::string& ca_name,
                                           const std::string& caller, const std::string& serial_hex, int reason) = 0;
};

}  // namespace mimica::connector
