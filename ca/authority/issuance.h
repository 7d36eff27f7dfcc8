// Requests: gather, decide, perform.
#pragma once

#include "ca/authority/rights.h"
#include "ca/authority/rows.h"
#include "ca/authority/state.h"
#include "ca/authority/template_audit.h"
#include "ca/policy/policy.h"
#include "ca/request/envelope.h"

namespace mimica::ca {

// Comments on the operations: ca/authority/authority.h.
class Issuance {
 public:
  Issuance(const AuthorityState& state, const Rights& rights, Rows& rows)
      : state_(state), rights_(rights), rows_(rows), audit_(state) {}

  Result<SubmitOutcome> submit(const SubmitInput& input);
  Result<SubmitOutcome> retrieve(std::int64_t request_id);
  Result<SubmitOutcome> resubmit(std::int64_t request_id, std::string_view caller);

 private:
  struct Gathered;
  // A row that is new (nothing was seen) or decided again.
  struct Case {
    RequestRecord record;
    const RequestRecord* seen = nullptr;
    Timestamp now;
  };
  // `subject`: on whose behalf the caller asks; empty: for itself.
  Result<Gathered> gather(const Settings& settings, const IncomingRequest& request, std::string_view caller,
                          std::string_view subject, LookUps::View& view, Timestamp now) const;
  Result<std::vector<SignerFacts>> signer_facts(const IncomingRequest& request, Timestamp now) const;
  PolicyInput policy_input(const Settings& settings, const IncomingRequest& request, const Gathered& gathered,
                           LookUps::View& view, Timestamp now) const;
  void audit_templates(const Settings& settings, const Gathered& gathered, Timestamp now);
  // nullopt: the row is no longer what was seen.
  Result<std::optional<SubmitOutcome>> refuse(Case open, Trace trace);
  Result<std::optional<SubmitOutcome>> perform(const Settings& settings, const Plan& plan, Case open, Trace trace,
                                               const ldap::Account& requester, std::string_view message);
  Result<bool> store(const Case& open);
  void publish_certificate(const RequestRecord& record, const ldap::Account& account);
  // One attempt; nullopt: somebody changed the row meanwhile. `told`: the event of resubmission is written.
  Result<std::optional<SubmitOutcome>> try_resubmit(std::int64_t request_id, std::string_view caller, Timestamp now,
                                                    bool& told);

  const AuthorityState& state_;
  const Rights& rights_;
  Rows& rows_;
  TemplateAudit audit_;
};

}  // namespace mimica::ca
