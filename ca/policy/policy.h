// The decision about a certificate request: everything that was gathered goes in, a plan or a refusal comes out. Pure;
// the order of the checks is that of MS-WCCE 3.2.1.4.2.1 and 3.2.2.6.2.1.4.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ca/policy/extensions.h"
#include "ca/policy/subject.h"
#include "ca/registry/config.h"
#include "ca/request/request.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "core/pki/chain.h"
#include "ldap/account.h"
#include "templates/permission.h"
#include "templates/published.h"
#include "templates/template.h"

namespace mimica::ca {

// What became of the chain of one certificate that signed the request.
struct SignerFacts {
  ChainStatus status = ChainStatus::ok;
  std::string detail;
};

// Borrows everything: the caller keeps it alive for the call of decide().
struct PolicyInput {
  const CaConfig* config = nullptr;
  const Certificate* ca_certificate = nullptr;
  const Bytes* authority_key_id = nullptr;  // SKI of the CA certificate
  const Bytes* revocation = nullptr;        // encoded CDP extension; may be nullptr
  const Bytes* authority_access = nullptr;  // encoded AIA extension; may be nullptr
  const IncomingRequest* request = nullptr;
  const ldap::Account* requester = nullptr;  // whose names and SID the certificate gets
  const Token* token = nullptr;              // of the caller, whose rights count
  std::string requester_name;                // the caller: "CONTOSO\\jane"
  // Of the account on whose behalf an agent asks, which is then `requester`; nullptr: the caller asks for itself.
  const Token* subject_token = nullptr;
  std::string subject_name;
  std::vector<SignerFacts> signers;  // one for each of request->signers
  DomainNames domain;
  // The templates that the identifiers of the request name; all of the directory when one names none, for the hint.
  std::span<const templates::CertificateTemplate> templates;
  PracticeStatements practice_statements;               // of the issuance policies of the templates
  const templates::Publication* publication = nullptr;  // what the enrollment service object of the CA lists
  const Token* ca_token = nullptr;  // of the CA's computer account; nullptr: the directory checked its access
  std::string ca_account;           // "CONTOSO\\CA01$"
  templates::NameOf name_of;        // names of SIDs for explanations; may be empty
  Timestamp now;
  // false: a certificate manager resubmits; neither the right on the CA nor Enroll on the template is checked
  // again, and the request does not pend again.
  bool new_request = true;
};

// What is to be signed and recorded. Only decide() makes one, so nothing is signed that was not decided.
class Plan {
 public:
  struct Content {
    bool pending = false;      // a certificate manager decides first
    CertificateFields fields;  // complete but for the serial number
    Digest digest = Digest::sha256;
    KeySpec key;                           // of the subject
    std::vector<ExtensionRow> extensions;  // with the disabled ones; fields.extensions holds the others
    std::string template_cn;               // empty on a stand-alone CA
    std::string template_column;           // CertificateTemplate of the database: cn of V1 templates, OID of later ones
    std::uint32_t enrollment_flags = 0, general_flags = 0, private_key_flags = 0;
    bool publish_to_directory = false;
    Name subject;
    std::string upn;
    std::vector<std::string> warnings;  // appended to "Issued"
  };
  bool pending() const { return content_.pending; }
  const Content& content() const { return content_; }

 private:
  explicit Plan(Content content) : content_(std::move(content)) {}
  friend Decision<Plan> decide(const PolicyInput& input);
  Content content_;
};

Decision<Plan> decide(const PolicyInput& input);

}  // namespace mimica::ca
