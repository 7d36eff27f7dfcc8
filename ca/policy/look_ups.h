// Gathering: what the CA reads from the directory for one request, always as fresh as the request.
//
// Active Directory counts its changes (highestCommittedUSN of the rootDSE, MS-ADTS 3.1.1.3.2.6). Each request reads
// that number; as long as neither it nor the server changes, answers of earlier requests still hold and are used again.
// A directory without the counter is asked anew each time.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ldap/account.h"
#include "ldap/directory.h"
#include "templates/template.h"

namespace mimica::ca {

struct RequesterFacts {
  ldap::Account account;
  Token token;
  std::string name;  // "CONTOSO\\jane"
};

class LookUps {
 public:
  // `enrollment_service`: DN of the CA's pKIEnrollmentService object; empty for a stand-alone CA.
  static Result<std::unique_ptr<LookUps>> make(ldap::Directory& directory, std::string enrollment_service);

  // The view of one request. All answers are shared and immutable; nullptr means that there is no such object.
  class View {
   public:
    // Any form of ldap::account_by_any_name.
    Result<std::shared_ptr<const RequesterFacts>> requester(std::string_view name);
    // A template by its cn or dotted OID. Fault when the object exists but cannot be read as a template.
    Result<std::shared_ptr<const templates::CertificateTemplate>> certificate_template(std::string_view name_or_oid);
    // Every template that can be read.
    Result<std::shared_ptr<const std::vector<templates::CertificateTemplate>>> all_templates();
    // certificateTemplates of the enrollment service object; empty when the object does not exist.
    Result<std::shared_ptr<const std::vector<std::string>>> published();
    // URL of the certification practice statement (msPKI-OID-CPS) of an issuance policy; empty: none.
    Result<std::string> practice_statement(const Oid& policy);
    // "CONTOSO\\Domain Users"; the SID itself when nothing is known about it.
    std::string name_of(const Sid& sid);

   private:
    friend class LookUps;
    explicit View(LookUps& owner) : owner_(owner) {}
    LookUps& owner_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const RequesterFacts>, std::less<>> requesters_;
    std::map<std::string, std::shared_ptr<const templates::CertificateTemplate>, std::less<>> templates_;
    std::shared_ptr<const std::vector<templates::CertificateTemplate>> all_templates_;
    std::shared_ptr<const std::vector<std::string>> published_;
    std::map<Sid, std::string> names_;
    std::map<std::string, std::string> practice_statements_;  // by dotted OID
  };
  Result<std::shared_ptr<View>> begin();

  const ldap::NamingContexts& contexts() const { return contexts_; }
  const std::string& netbios_name() const { return netbios_name_; }
  const std::string& dns_name() const { return dns_name_; }
  const std::string& enrollment_service() const { return enrollment_service_; }
  ldap::Directory& directory() { return directory_; }

 private:
  LookUps(ldap::Directory& directory, std::string enrollment_service)
      : directory_(directory), enrollment_service_(std::move(enrollment_service)) {}

  ldap::Directory& directory_;
  const std::string enrollment_service_;
  ldap::NamingContexts contexts_;
  std::string netbios_name_;
  std::string dns_name_;
  std::mutex mutex_;
  std::string state_;  // server and USN that `view_` belongs to; empty: none
  std::shared_ptr<View> view_;
};

}  // namespace mimica::ca
