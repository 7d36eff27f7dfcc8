#include "audit/lint/authority_linter.h"

#include <algorithm>
#include <boost/json.hpp>

#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_linter.h"
#include "core/base/number.h"
#include "core/base/text.h"

namespace mimica::audit {
namespace {

using templates::CertificateTemplate;

constexpr std::uint32_t kInterfaceDefault = 0x641;  // of an installed CA

bool publishes(const AuthorityFacts& authority, const CertificateTemplate& value) {
  return std::any_of(authority.published.begin(), authority.published.end(),
                     [&](const std::string& name) { return equals_ignore_case(name, value.cn); });
}

bool lists(const std::optional<std::vector<Oid>>& oids, const Oid& oid) {
  return oids && std::find(oids->begin(), oids->end(), oid) != oids->end();
}

// Low-privileged groups that hold the right, as if each were alone in its token.
std::vector<Sid> low_privileged_holders(const SecurityDescriptor& security, std::uint32_t right) {
  std::vector<Sid> out;
  if (!security.dacl) return {sids::kEveryone};
  SecurityDescriptor ownerless = security;
  ownerless.owner.reset();
  for (const Ace& ace : security.dacl->aces)
    if (ace.allows() && is_low_privileged(ace.trustee) && std::find(out.begin(), out.end(), ace.trustee) == out.end() &&
        check_access(ownerless, Token{ace.trustee, {ace.trustee}}, right).granted)
      out.push_back(ace.trustee);
  return out;
}

bool requests_open(const AuthorityFacts& authority) {
  return !authority.security ||
         !low_privileged_holders(*authority.security, ca::ca_access::kRequestCertificates).empty();
}

// The descriptor holds one callback entry for each agent (MS-CSRA 2.2.1.11).
bool agents_open(const AuthorityFacts& authority) {
  const auto& rights = authority.enrollment_agent_rights;
  if (!rights || !rights->dacl) return true;
  return std::any_of(rights->dacl->aces.begin(), rights->dacl->aces.end(), [](const Ace& ace) {
    return ace.type == Ace::Type::allow_callback && is_low_privileged(ace.trustee);
  });
}

// Templates that this CA publishes, that log on, and for which a low-privileged account gets a certificate.
std::vector<const CertificateTemplate*> logon_templates(const AuthorityFacts& authority, const ForestFacts& forest) {
  std::vector<const CertificateTemplate*> out;
  if (!requests_open(authority)) return out;
  for (const CertificateTemplate& value : forest.templates)
    if (publishes(authority, value) && !authentication_purpose(value).empty() && value.ra_signatures == 0 &&
        !value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests) &&
        !low_privileged_enrollers(value).empty())
      out.push_back(&value);
  return out;
}

std::string names(const std::vector<const CertificateTemplate*>& values) {
  std::vector<std::string> all;
  for (const CertificateTemplate* value : values) all.push_back(value->cn);
  return join(all, ", ");
}

bool has_sid_extension(const AuthorityFacts& authority) {
  return authority.sid_extension_update && !lists(authority.disabled_extensions, oids::kSidExtension);
}

void supplied_names(const AuthorityFacts& authority, const ForestFacts& forest, Trace& trace) {
  if (!authority.edit_flags) {
    trace.skip(rule::kWeaknessEsc6, "EditFlags of the CA are not known");
    return;
  }
  const std::vector<Fact> flags{{"EditFlags", ca::describe_edit_flags(*authority.edit_flags)}};
  if ((*authority.edit_flags & ca::editf::kAttributeSubjectAltName2) == 0) {
    trace.pass(rule::kWeaknessEsc6, "alternative names in request attributes are ignored", flags);
    return;
  }
  auto open = logon_templates(authority, forest);
  if (open.empty()) {
    trace.warn(rule::kWeaknessEsc6,
               "alternative names are taken from request attributes; no published template that authenticates is open "
               "to a low-privileged group",
               flags);
    return;
  }
  std::string why = "the CA puts no SID into certificates";
  if (has_sid_extension(authority)) {
    std::erase_if(open, [](const CertificateTemplate* value) {
      return !value->enrollment_flags.has(templates::EnrollmentFlag::no_security_extension);
    });
    why = "these templates suppress the SID extension";
  }
  std::vector<Fact> facts = flags;
  if (open.empty()) {
    trace.warn(rule::kWeaknessEsc6,
               "alternative names are taken from request attributes, beside the requester's SID: the KDC refuses such "
               "certificates, other servers may go by the name",
               facts);
    return;
  }
  facts.push_back({"templates", names(open)});
  trace.fail(rule::kWeaknessEsc6, {},
             "low-privileged groups get certificates in any name from " + names(open) + ": " + why, std::move(facts));
}

void managers(const AuthorityFacts& authority, const ForestFacts& forest, Trace& trace) {
  if (!authority.security) {
    trace.skip(rule::kWeaknessEsc7, "the security of the CA is not known");
    return;
  }
  std::vector<Fact> facts;
  std::vector<Sid> all;
  for (const auto& [right, name] : {std::pair{ca::ca_access::kManageCa, "Manage CA"},
                                    std::pair{ca::ca_access::kIssueAndManage, "Issue and Manage Certificates"}}) {
    const std::vector<Sid> who = low_privileged_holders(*authority.security, right);
    if (who.empty()) continue;
    facts.push_back({name, templates::describe(who, forest.name_of)});
    for (const Sid& sid : who)
      if (std::find(all.begin(), all.end(), sid) == all.end()) all.push_back(sid);
  }
  if (authority.security->owner && is_low_privileged(*authority.security->owner)) {
    facts.push_back({"Owner", templates::describe(std::vector<Sid>{*authority.security->owner}, forest.name_of)});
    all.push_back(*authority.security->owner);
  }
  if (all.empty()) {
    trace.pass(rule::kWeaknessEsc7, "no low-privileged group may manage the CA or its certificates");
    return;
  }
  const std::string rights = join(facts, ", ", &Fact::name);
  trace.fail(rule::kWeaknessEsc7, {},
             templates::describe(all, forest.name_of) + " may administer the CA (" + rights + ")", std::move(facts));
}

void relays(const AuthorityFacts& authority, Trace& trace) {
  if (!authority.web_enrollment) {
    trace.skip(rule::kWeaknessEsc8, "not judged here: it depends on the web server's HTTPS and Extended Protection");
  } else if (*authority.web_enrollment) {
    trace.warn(rule::kWeaknessEsc8,
               "web enrollment answers over HTTP; whether credentials can be relayed was not tried");
  } else {
    trace.pass(rule::kWeaknessEsc8, "web enrollment does not answer over HTTP");
  }
  if (!authority.interface_flags) {
    trace.skip(rule::kWeaknessEsc11, "InterfaceFlags of the CA are not known");
  } else if ((*authority.interface_flags & ca::kEnforceEncryptedRequests) == 0) {
    trace.fail(rule::kWeaknessEsc11, {}, "requests over RPC need no encryption: credentials can be relayed to the CA",
               {{"InterfaceFlags", to_0x(*authority.interface_flags)}});
  } else {
    trace.pass(rule::kWeaknessEsc11, "requests over RPC must be encrypted",
               {{"InterfaceFlags", to_0x(*authority.interface_flags)}});
  }
}

void no_sid(const AuthorityFacts& authority, const ForestFacts& forest, Trace& trace) {
  if (has_sid_extension(authority)) {
    if (authority.disabled_extensions)
      trace.pass(rule::kWeaknessEsc16, "the SID extension is not disabled");
    else
      trace.skip(rule::kWeaknessEsc16, "DisableExtensionList of the CA is not known");
    return;
  }
  const std::string why = authority.sid_extension_update ? "DisableExtensionList holds 1.3.6.1.4.1.311.25.2"
                                                         : "the CA lacks the update of May 2022";
  const auto open = logon_templates(authority, forest);
  std::vector<Fact> facts{{"templates", names(open)}};
  if (open.empty())
    trace.warn(rule::kWeaknessEsc16,
               why + "; no published template that authenticates is open to a low-privileged group", std::move(facts));
  else
    trace.fail(rule::kWeaknessEsc16, {},
               why + ": no certificate carries a SID, so until Full Enforcement the KDC goes by names",
               std::move(facts));
}

}  // namespace

AuthorityFacts facts_of(const ca::CaConfig& config, std::vector<std::string> published) {
  AuthorityFacts out;
  out.name = config.CommonName;
  out.published = std::move(published);
  out.edit_flags = config.EditFlags;
  out.security = config.Security;
  out.disabled_extensions = config.DisableExtensionList;
  out.sid_extension_update = config.SidExtensionUpdate;
  out.application_policy_update = config.ApplicationPolicyUpdate;
  out.enrollment_agent_rights = config.EnrollmentAgentRights;
  out.interface_flags = kInterfaceDefault;
  for (const auto& [key, value] : config.OtherValues)
    if (equals_ignore_case(key, "CA\\InterfaceFlags")) out.interface_flags = value.number;
  return out;
}

Trace lint_configuration(const AuthorityFacts& authority, const ForestFacts& forest) {
  Trace trace;
  supplied_names(authority, forest, trace);
  managers(authority, forest, trace);
  relays(authority, trace);
  no_sid(authority, forest, trace);
  return trace;
}

std::vector<Finding> lint_authority(const std::vector<AuthorityFacts>& authorities, const ForestFacts& forest) {
  std::vector<Finding> out;
  for (const AuthorityFacts& authority : authorities)
    out.push_back({Finding::Kind::authority, authority.name, lint_configuration(authority, forest)});

  std::vector<std::string> targets;
  const auto published = [&](const CertificateTemplate& value) {
    return authorities.empty() || std::any_of(authorities.begin(), authorities.end(),
                                              [&](const AuthorityFacts& a) { return publishes(a, value); });
  };
  for (const CertificateTemplate& value : forest.templates)
    if (published(value) && accepts_agent(value) && (!value.security || !low_privileged_enrollers(value).empty()))
      targets.push_back(value.cn);

  for (const CertificateTemplate& value : forest.templates) {
    Exposure exposure;
    exposure.linked_policies = forest.linked_policies;
    exposure.name_of = forest.name_of;
    exposure.agent_targets = targets;
    exposure.published = published(value);
    if (!authorities.empty()) {
      exposure.requests_open = exposure.agents_open = false;
      for (const AuthorityFacts& authority : authorities) {
        exposure.agents_open = exposure.agents_open || agents_open(authority);
        if (!publishes(authority, value)) continue;
        exposure.requests_open = exposure.requests_open || requests_open(authority);
        exposure.application_policy_update = exposure.application_policy_update && authority.application_policy_update;
      }
    }
    out.push_back({Finding::Kind::certificate_template, value.cn, lint_weaknesses(value, exposure)});
  }
  return out;
}

Trace summary(const std::vector<Finding>& findings) {
  const auto rank = [](Verdict verdict) {
    switch (verdict) {
      case Verdict::fail:
        return 3;
      case Verdict::warn:
        return 2;
      case Verdict::pass:
        return 1;
      case Verdict::not_applicable:
        return 0;
    }
    return 0;
  };
  std::vector<Step> worst;
  for (const Finding& finding : findings)
    for (const Step& step : finding.trace.steps()) {
      auto at = std::find_if(worst.begin(), worst.end(), [&](const Step& s) { return s.rule == step.rule; });
      if (at == worst.end()) {
        worst.push_back(step);
        worst.back().found = finding.subject + ": " + step.found;
      } else if (rank(step.verdict) > rank(at->verdict)) {
        *at = step;
        at->found = finding.subject + ": " + step.found;
      } else if (step.verdict == at->verdict && rank(step.verdict) >= 2) {
        at->found += "; " + finding.subject + ": " + step.found;
      }
    }
  Trace out;
  for (Step& step : worst) out.add(std::move(step));
  return out;
}

std::string to_json(const std::vector<Finding>& findings) {
  namespace json = boost::json;
  json::array all;
  bool sound = true;
  for (const Finding& finding : findings) {
    sound = sound && finding.sound();
    json::object one{{"kind", to_string(finding.kind)},
                     {"subject", finding.subject},
                     {"sound", finding.sound()},
                     {"trace", json::parse(trace_to_json(finding.trace))}};
    for (const Fault& fault : finding.faults) {
      if (!one.contains("faults")) one["faults"] = json::array();
      one["faults"].as_array().push_back(json::string(fault.describe()));
    }
    all.push_back(std::move(one));
  }
  return json::serialize(json::object{{"findings", std::move(all)}, {"sound", sound}}) + "\n";
}

std::string to_text(const std::vector<Finding>& findings, Colour colour) {
  std::string out;
  std::size_t failed = 0, looked = 0;
  for (const Finding& finding : findings) {
    const Trace steps = notable(finding);
    if (!finding.sound()) ++failed;
    if (steps.empty() && finding.faults.empty()) continue;
    ++looked;
    out += finding.kind == Finding::Kind::authority ? "CA" : std::string(to_string(finding.kind));
    out += " " + finding.subject + "\n";
    if (!steps.empty()) out += explain(steps, {}, {}, colour);
    for (const Fault& fault : finding.faults) out += "  " + fault.describe() + "\n";
  }
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };
  return out + count(findings.size(), "object") + " judged, " + std::to_string(failed) + " with a known weakness, " +
         std::to_string(looked - failed) + " worth a look\n";
}

}  // namespace mimica::audit
