#include "ca/crl.h"

#include <algorithm>

namespace mimica::ca {
namespace {

const Oid kSelfLocations{"1.3.6.1.4.1.311.21.14"};

}  // namespace

CrlPlan plan_crl(const CrlInput& input) {
  CrlPlan plan;
  plan.number = input.number;
  plan.next_publish = input.now + input.period;
  const Seconds computed = std::max(std::min(input.period / 10, 12 * kHour), input.skew * 3 / 2);
  const Seconds overlap = std::min(input.overlap > 0 ? input.overlap : computed, input.period);

  const Certificate& ca = *input.ca_certificate;
  CrlFields& fields = plan.fields;
  fields.issuer_der = to_bytes(ca.subject_der());
  fields.this_update = std::max(input.now - input.skew, ca.not_before());
  fields.next_update = plan.next_publish + overlap + input.skew;
  fields.revoked = input.revoked;
  if (const auto key_id = ca.subject_key_identifier())
    fields.extensions.push_back({oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(*key_id)});
  fields.extensions.push_back({oids::kCaVersion, false, der::integer(std::int64_t{input.key_index} << 16)});
  fields.extensions.push_back({oids::kCrlNumber, false, der::integer(input.number)});
  fields.extensions.push_back({oids::kCrlNextPublish, false, der::time(plan.next_publish)});
  if (!input.self_locations.empty())
    fields.extensions.push_back({kSelfLocations, false, ext::distribution_points(input.self_locations)});
  return plan;
}

std::string revocation_reason_name(int reason) {
  switch (reason) {
    case 0:
      return "Unspecified";
    case 1:
      return "Key Compromise";
    case 2:
      return "CA Compromise";
    case 3:
      return "Change of Affiliation";
    case 4:
      return "Superseded";
    case 5:
      return "Cessation of Operation";
    case 6:
      return "Certificate Hold";
    case 8:
      return "Remove From CRL";
    case -1:
      return "Release from Hold";
    default:
      return "Reason " + std::to_string(reason);
  }
}

}  // namespace mimica::ca
