#include "kdc/policy/name_policy.h"
#include "core/base/text.h"

#include <algorithm>

namespace mimica::kdc {

namespace {
constexpr std::size_t kThumbprintSize = 20;
constexpr std::string_view kUpnSuffix = "UpnSuffix=";
constexpr std::string_view kIssuerSubject = "IssuerSubject";
}  // namespace

const NameRule* NamePolicy::find(BytesView issuer_thumbprint, const std::vector<Oid>& certificate_policies) const {
  if (fault) return nullptr;
  for (const NameRule& rule : rules) {
    if (!std::equal(rule.issuer_thumbprint.begin(), rule.issuer_thumbprint.end(), issuer_thumbprint.begin(),
                    issuer_thumbprint.end()))
      continue;
    const bool listed = std::any_of(rule.policies.begin(), rule.policies.end(), [&](const Oid& oid) {
      return std::find(certificate_policies.begin(), certificate_policies.end(), oid) != certificate_policies.end();
    });
    return listed ? &rule : nullptr;
  }
  return nullptr;
}

Result<NameRule> parse_name_rule(std::string_view line) {
  const auto sections = split(line, ';');
  if (sections.size() != 3) return fault("a rule has three sections separated by ';': thumbprint; policies; methods");
  NameRule rule;
  auto thumbprint = from_hex(trim(sections[0]));
  if (!thumbprint || thumbprint->size() != kThumbprintSize)
    return fault("the issuer's thumbprint must be 40 hexadecimal digits (SHA-1)");
  rule.issuer_thumbprint = std::move(*thumbprint);
  for (const std::string_view part : split(sections[1], ',')) {
    MIMICA_TRY(Oid oid, Oid::parse(trim(part)));
    rule.policies.push_back(std::move(oid));
  }
  for (const std::string_view part : split(sections[2], ',')) {
    const std::string_view method = trim(part);
    if (equals_ignore_case(method, kIssuerSubject)) {
      rule.issuer_subject = true;
    } else if (starts_with_ignore_case(method, kUpnSuffix) && method.size() > kUpnSuffix.size()) {
      rule.upn_suffixes.emplace_back(trim(method.substr(kUpnSuffix.size())));
    } else {
      return fault("a method is 'IssuerSubject' or 'UpnSuffix=<domain>', not '" + std::string(method.substr(0, 64)) +
                   "'");
    }
  }
  return rule;
}

std::string to_string(const NameRule& rule) {
  std::vector<std::string> policies;
  for (const Oid& oid : rule.policies) policies.push_back(oid.dotted());
  std::vector<std::string> methods;
  for (const std::string& suffix : rule.upn_suffixes) methods.push_back(std::string(kUpnSuffix) + suffix);
  if (rule.issuer_subject) methods.emplace_back(kIssuerSubject);
  return to_hex(rule.issuer_thumbprint) + "; " + join(policies, ", ") + "; " + join(methods, ", ");
}

NamePolicy parse_name_policy(std::span<const std::string> tuples) {
  NamePolicy policy;
  int number = 0;
  const auto reject = [&](Fault error, std::string_view line) {
    error.where = {"StrongNameMatches", number, 0, {}};
    policy.fault = std::move(error);
    policy.faulty_line = std::string(line);
  };
  for (const std::string& tuple : tuples) {
    for (const std::string_view raw : split(tuple, '\n')) {
      ++number;
      const std::string_view line = trim(raw);
      if (line.empty()) continue;
      if (policy.rules.size() == kMaxNameRules) return reject(fault("there are too many rules"), line), policy;
      auto rule = parse_name_rule(line);
      if (!rule) return reject(std::move(rule).error(), line), policy;
      const bool duplicate = std::any_of(policy.rules.begin(), policy.rules.end(), [&](const NameRule& other) {
        return other.issuer_thumbprint == rule->issuer_thumbprint;
      });
      if (duplicate)
        return reject(
                   fault("the thumbprint occurs in more than one rule", {}, "merge the rules of one CA into one line"),
                   line),
               policy;
      policy.rules.push_back(*std::move(rule));
    }
  }
  return policy;
}

}  // namespace mimica::kdc
