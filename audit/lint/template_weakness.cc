#include "audit/lint/template_weakness.h"

#include <algorithm>

#include "audit/lint/template_linter.h"
#include "audit/lint/template_weakness_rules.h"
#include "core/base/text.h"

namespace mimica::audit {
namespace {

// Attributes of a template whose change opens one of the holes, with their schemaIDGUIDs (MS-ADA2, MS-ADA3).
struct Sensitive {
  std::string_view name;
  std::string_view guid;
};
constexpr Sensitive kSensitive[] = {
    {"msPKI-Certificate-Name-Flag", "ea1dddc4-60ff-416e-8cc0-17cee534bce7"},
    {"msPKI-Enrollment-Flag", "d15ef7d8-f226-46db-ae79-b34e560bd12c"},
    {"msPKI-RA-Signature", "fe17e04b-937d-4f7e-8e0e-9292c8d5683e"},
    {"pKIExtendedKeyUsage", "18976af6-3b9e-11d2-90cc-00c04fd91ab1"},
    {"msPKI-Certificate-Application-Policy", "dbd90548-aa37-4202-9966-8c537ba5ce32"},
    {"msPKI-RA-Application-Policies", "3c91fbbf-4773-4ccd-a87b-85d53e7bcf6a"},
    {"msPKI-Certificate-Policy", "38942346-cc5b-424b-a7d8-6ffd12029c5f"},
    {"msPKI-Template-Schema-Version", "0c15e9f5-491d-4594-918f-32813a091da9"},
};

bool names(const std::vector<Oid>& oids, const Oid& oid) {
  return std::find(oids.begin(), oids.end(), oid) != oids.end();
}

std::string purpose_of(const templates::CertificateTemplate& value) { return authentication_purpose(value); }

// What keeps a low-privileged account from a certificate of this template; empty when nothing does.
std::string barrier(const templates::CertificateTemplate& value, const Exposure& exposure) {
  if (!exposure.published) return "no CA publishes the template";
  if (!exposure.requests_open) return "no low-privileged group may request certificates from the CA";
  if (low_privileged_enrollers(value).empty())
    return "only " + templates::describe(holders(value, templates::Right::enroll), exposure.name_of) + " may enroll";
  if (value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests))
    return "a certificate manager approves requests";
  if (value.ra_signatures > 0)
    return "requests need " + std::to_string(value.ra_signatures) + " authorised signature(s)";
  return {};
}

// The judgements of one template; `open_` is decided once.
class Judge {
 public:
  Judge(const templates::CertificateTemplate& value, const Exposure& exposure)
      : value_(value), exposure_(exposure), barrier_(barrier(value, exposure)) {
    who_ = templates::describe(low_privileged_enrollers(value), exposure.name_of);
  }

  Trace all() {
    if (!value_.security) {
      for (const Rule* rule : {&rule::kWeaknessEsc1, &rule::kWeaknessEsc2, &rule::kWeaknessEsc3, &rule::kWeaknessEsc4,
                               &rule::kWeaknessEsc9, &rule::kWeaknessEsc13, &rule::kWeaknessEsc15})
        trace_.skip(*rule, "the security descriptor of the template is not known");
      return std::move(trace_);
    }
    supplied_subject();
    any_purpose();
    agent();
    writers();
    no_sid();
    linked_group();
    requested_policies();
    return std::move(trace_);
  }

 private:
  // With the condition met, the barrier decides.
  void settle(const Rule& rule, const std::string& condition, const std::string& consequence, std::vector<Fact> facts,
              std::string hint = {}) {
    facts.push_back({"Enroll is held by", who_});
    if (barrier_.empty()) {
      trace_.fail(rule, {}, who_ + " " + consequence, std::move(facts), std::move(hint));
    } else {
      trace_.pass(rule, condition + ", but " + barrier_, std::move(facts));
    }
  }
  Fact name_flags() const { return {"msPKI-Certificate-Name-Flag", to_string(value_.name_flags)}; }
  Fact purposes() const {
    std::string text;
    for (const Oid& oid : value_.effective_application_policies()) {
      const std::string_view name = display_name(oid);
      append_item(text, name.empty() ? oid.dotted() : std::string(name));
    }
    return {"purposes", text.empty() ? "none, so every purpose" : text};
  }

  void supplied_subject() {
    const std::string purpose = purpose_of(value_);
    if (!value_.supplies_subject()) {
      const bool ignored = value_.name_flags.has(templates::NameFlag::enrollee_supplies_subject_alt_name);
      trace_.pass(rule::kWeaknessEsc1,
                  ignored ? "the subject comes from the directory; CT_FLAG_ENROLLEE_SUPPLIES_SUBJECT_ALT_NAME alone is "
                            "ignored by a CA"
                          : "the subject comes from the directory",
                  {name_flags()});
    } else if (purpose.empty()) {
      trace_.pass(rule::kWeaknessEsc1, "the certificate does not authenticate anybody", {name_flags(), purposes()});
    } else {
      settle(rule::kWeaknessEsc1, "the subject is supplied in the request",
             "may enroll for a certificate in any name (" + purpose + ")", {name_flags(), purposes()},
             "remove " + who_ + " from the template's permissions");
    }
  }

  void any_purpose() {
    const std::vector<Oid>& policies = value_.effective_application_policies();
    if (!policies.empty() && !names(policies, oids::kAnyExtendedKeyUsage)) {
      trace_.pass(rule::kWeaknessEsc2, "the certificate is limited to its purposes", {purposes()});
      return;
    }
    settle(rule::kWeaknessEsc2, "the certificate serves every purpose",
           "may enroll for a certificate that serves every purpose, an enrollment agent's among them", {purposes()});
  }

  void agent() {
    if (!names(value_.effective_application_policies(), oids::kCertificateRequestAgent)) {
      trace_.pass(rule::kWeaknessEsc3, "it is no template for enrollment agents", {purposes()});
      return;
    }
    const std::string targets = join(exposure_.agent_targets, ", ");
    if (barrier_.empty() && exposure_.agent_targets.empty()) {
      trace_.pass(rule::kWeaknessEsc3, "no published template takes requests from an enrollment agent", {purposes()});
    } else if (barrier_.empty() && !exposure_.agents_open) {
      trace_.pass(rule::kWeaknessEsc3, "the CA restricts enrollment agents, and no low-privileged group is among them",
                  {purposes(), {"usable with", targets}});
    } else {
      settle(rule::kWeaknessEsc3, "it makes enrollment agents",
             "may become an enrollment agent and request certificates of " + targets + " in other people's names",
             {purposes(), {"usable with", targets}});
    }
  }

  void writers() {
    const std::vector<WriteAccess> writers = low_privileged_writers(*value_.security);
    if (writers.empty()) {
      trace_.pass(rule::kWeaknessEsc4, "no low-privileged group may change the template");
      return;
    }
    std::vector<Fact> facts;
    std::vector<Sid> accounts;
    for (const WriteAccess& one : writers) {
      accounts.push_back(one.who);
      facts.push_back({templates::describe(std::vector<Sid>{one.who}, exposure_.name_of), join(one.rights, ", ")});
    }
    const std::string who = templates::describe(accounts, exposure_.name_of);
    if (exposure_.published) {
      trace_.fail(rule::kWeaknessEsc4, {}, who + " may change the template into one that makes ESC1 possible",
                  std::move(facts), "take " + join(writers.front().rights, ", ") + " from " + who);
    } else {
      trace_.warn(rule::kWeaknessEsc4, who + " may change the template; no CA publishes it now", std::move(facts));
    }
  }

  void no_sid() {
    const Fact flags{"msPKI-Enrollment-Flag", to_string(value_.enrollment_flags)};
    if (!value_.enrollment_flags.has(templates::EnrollmentFlag::no_security_extension)) {
      trace_.pass(rule::kWeaknessEsc9, "the SID extension is not suppressed", {flags});
    } else if (purpose_of(value_).empty()) {
      trace_.pass(rule::kWeaknessEsc9, "the SID extension is suppressed, but the certificate authenticates nobody",
                  {flags, purposes()});
    } else {
      settle(rule::kWeaknessEsc9, "the SID extension is suppressed",
             "may enroll for certificates without SID: until Full Enforcement the KDC goes by a name that whoever may "
             "write an account's userPrincipalName or dNSHostName chooses",
             {flags, purposes()});
    }
  }

  void linked_group() {
    std::string linked, groups;
    for (const LinkedPolicy& link : exposure_.linked_policies) {
      if (!names(value_.issuance_policies, link.policy)) continue;
      append_item(linked, link.name.empty() ? link.policy.dotted() : link.name);
      append_item(groups, link.group, "; ");
    }
    if (linked.empty()) {
      trace_.pass(rule::kWeaknessEsc13, value_.issuance_policies.empty()
                                            ? "the template has no issuance policy"
                                            : "no issuance policy of the template is linked to a group");
    } else if (purpose_of(value_).empty()) {
      trace_.pass(rule::kWeaknessEsc13,
                  "the issuance policy is linked to a group, but the certificate authenticates "
                  "nobody",
                  {{"issuance policy", linked}, {"group", groups}, purposes()});
    } else {
      settle(rule::kWeaknessEsc13, "an issuance policy is linked to a group",
             "may enroll for a certificate whose issuance policy makes its holder a member of " + groups,
             {{"issuance policy", linked}, {"group", groups}});
    }
  }

  void requested_policies() {
    if (value_.schema_version > 1) {
      trace_.pass(rule::kWeaknessEsc15, "the schema version is " + std::to_string(value_.schema_version));
    } else if (!value_.supplies_subject()) {
      trace_.pass(rule::kWeaknessEsc15, "the subject comes from the directory", {name_flags()});
    } else if (exposure_.application_policy_update) {
      trace_.pass(rule::kWeaknessEsc15, "the CA has the update of November 2024: it drops requested policies");
    } else {
      settle(rule::kWeaknessEsc15, "the CA copies requested application policies",
             "may enroll for a certificate in any name and for any application policy", {name_flags(), purposes()});
    }
  }

  const templates::CertificateTemplate& value_;
  const Exposure& exposure_;
  std::string barrier_, who_;
  Trace trace_;
};

}  // namespace

std::vector<LinkedPolicy> linked_policies(const std::vector<ldap::Entry>& oid_objects) {
  std::vector<LinkedPolicy> out;
  for (const ldap::Entry& entry : oid_objects) {
    const std::string_view group = entry.first("msDS-OIDToGroupLink");
    const auto oid = Oid::parse(entry.first("msPKI-Cert-Template-OID"));
    if (group.empty() || !oid) continue;
    out.push_back({*oid, std::string(entry.first("displayName")), std::string(group)});
  }
  return out;
}

Trace lint_weaknesses(const templates::CertificateTemplate& value, const Exposure& exposure) {
  return Judge(value, exposure).all();
}

bool accepts_agent(const templates::CertificateTemplate& value) {
  if (purpose_of(value).empty() || value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests))
    return false;
  if (value.supplies_subject()) return false;  // the subject would be the agent's choice anyway: ESC1
  if (value.schema_version == 1) return value.ra_signatures <= 1;
  return value.ra_signatures == 1 && names(value.ra_application_policies, oids::kCertificateRequestAgent);
}

std::vector<Sid> low_privileged_enrollers(const templates::CertificateTemplate& value) {
  std::vector<Sid> out = holders(value, templates::Right::enroll);
  std::erase_if(out, [](const Sid& sid) { return !is_low_privileged(sid); });
  return out;
}

std::vector<WriteAccess> low_privileged_writers(const SecurityDescriptor& security) {
  std::vector<WriteAccess> out;
  const auto add = [&out](const Sid& who, std::string right) {
    auto at = std::find_if(out.begin(), out.end(), [&](const WriteAccess& access) { return access.who == who; });
    if (at == out.end()) at = out.insert(out.end(), {who, {}});
    if (std::find(at->rights.begin(), at->rights.end(), right) == at->rights.end())
      at->rights.push_back(std::move(right));
  };
  if (!security.dacl) {
    add(sids::kEveryone, "no access list: every right");
    return out;
  }
  if (security.owner && is_low_privileged(*security.owner)) add(*security.owner, "Owner");
  // As if the group were alone in its token; the owner's implicit right to the access list is told apart above.
  SecurityDescriptor ownerless = security;
  ownerless.owner.reset();
  for (const Ace& ace : security.dacl->aces) {
    if (!ace.allows() || !is_low_privileged(ace.trustee)) continue;
    const Token token{ace.trustee, {ace.trustee}};
    const auto holds_now = [&](std::uint32_t right, const std::optional<Guid>& type = {}) {
      return check_access(ownerless, token, right, type).granted;
    };
    if (holds_now(access::kFullControl)) {
      add(ace.trustee, "GenericAll");
      continue;
    }
    if (holds_now(access::kWriteDac)) add(ace.trustee, "WriteDacl");
    if (holds_now(access::kWriteOwner)) add(ace.trustee, "WriteOwner");
    if (holds_now(access::kWriteProperty)) {
      add(ace.trustee, "WriteProperty");
      continue;
    }
    for (const Sensitive& attribute : kSensitive)
      if (holds_now(access::kWriteProperty, *Guid::parse(attribute.guid)))
        add(ace.trustee, "Write " + std::string(attribute.name));
  }
  return out;
}

}  // namespace mimica::audit
