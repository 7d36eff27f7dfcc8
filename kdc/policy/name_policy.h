// The policy "Allow name-based strong mappings for certificates" (KDC.admx; MS-PKCA 3.1.5.2.1.5, Issuer-OID-MappingType
// triplets): names that count as strong for users when the right CA issued the certificate under the right policy.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica::kdc {

// One rule: <thumbprint>; <oid>, <oid>; IssuerSubject, UpnSuffix=contoso.com
struct NameRule {
  Bytes issuer_thumbprint;                // SHA-1 of the issuing CA's certificate
  std::vector<Oid> policies;              // any of them in the certificate's certificatePolicies
  bool issuer_subject = false;            // X509:<I>…<S>… counts
  std::vector<std::string> upn_suffixes;  // UPNs ending in "@" + one of them count
  bool operator==(const NameRule&) const = default;
};

struct NamePolicy {
  std::vector<NameRule> rules;
  // A line that cannot be read, or a thumbprint that occurs twice, switches the whole policy off (event 313). The
  // fault's line counts from 1 over all tuples.
  std::optional<Fault> fault;
  std::string faulty_line;
  bool empty() const { return rules.empty() && !fault; }

  // The rule for certificates of that CA; nullptr when there is none or the policy is off.
  const NameRule* find(BytesView issuer_thumbprint, const std::vector<Oid>& certificate_policies) const;
};

inline constexpr std::size_t kMaxNameRules = 1024;

// Each element holds one or more lines of the policy's rule list; empty lines are skipped. Never fails as a whole: a
// bad line ends up in `fault`.
NamePolicy parse_name_policy(std::span<const std::string> tuples);
Result<NameRule> parse_name_rule(std::string_view line);
std::string to_string(const NameRule& rule);

}  // namespace mimica::kdc
