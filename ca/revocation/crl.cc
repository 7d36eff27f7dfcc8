#include "ca/revocation/crl.h"

#include <algorithm>

namespace mimica::ca {
namespace {

constexpr int kRemoveFromCrl = 8;
const Oid kSelfLocations{"1.3.6.1.4.1.311.21.14"};
const Oid kFreshestCrl{"2.5.29.46"};
const Oid kDeltaCrlIndicator{"2.5.29.27"};
const Oid kIssuingDistributionPoint{"2.5.29.28"};

// IssuingDistributionPoint { distributionPoint [0] { fullName [0] GeneralNames } } (RFC 5280 5.2.5).
Bytes issuing_distribution_point(const std::vector<std::string>& urls) {
  Bytes names;
  for (const std::string& url : urls) {
    const Bytes name = der::tlv(tag::context(6), as_bytes(url));
    names.insert(names.end(), name.begin(), name.end());
  }
  const Bytes full_name = der::tlv(tag::context_constructed(0), names);
  return der::sequence({der::tlv(tag::context_constructed(0), full_name)});
}

}  // namespace

CrlTimes crl_times(CrlKind kind, const CrlPeriods& periods, Timestamp ca_not_before, Timestamp now,
                   std::optional<Timestamp> next_publish) {
  const bool base = kind == CrlKind::base;
  const Seconds configured = base ? periods.base_overlap : periods.delta_overlap;
  const Seconds share = base ? periods.base / 10 : periods.delta;
  const Seconds computed =
      std::min(std::max(std::min(share, 12 * kHour), periods.skew * 3 / 2), periods.base) + periods.skew;
  CrlTimes times;
  times.this_update = std::max(now - periods.skew, ca_not_before);
  times.next_publish = next_publish.value_or(now + (base ? periods.base : periods.delta));
  times.next_update = times.next_publish + (configured > 0 ? configured + periods.skew : computed);
  times.propagation_complete = now + (configured > 0 ? configured : computed);
  return times;
}

std::optional<RevokedEntry> crl_entry(const RevokedRow& row, CrlKind kind, Timestamp now) {
  if (row.RevokedEffectiveWhen > now || (row.released() && kind == CrlKind::base)) return std::nullopt;
  std::optional<Bytes> serial = from_hex(row.SerialNumber);
  if (!serial) return std::nullopt;
  return RevokedEntry{*std::move(serial), row.RevokedEffectiveWhen,
                      row.released() ? kRemoveFromCrl : row.RevokedReason};
}

CrlFields crl_fields(CrlInput input) {
  const Certificate& ca = *input.ca_certificate;
  CrlFields fields;
  fields.issuer_der = to_bytes(ca.subject_der());
  fields.this_update = input.times.this_update;
  fields.next_update = input.times.next_update;
  fields.revoked = std::move(input.revoked);
  const auto add = [&](const Oid& oid, bool critical, Bytes value) {
    fields.extensions.push_back({oid, critical, std::move(value)});
  };
  if (const auto key_id = ca.subject_key_identifier())
    add(oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(*key_id));
  add(oids::kCaVersion, false, der::integer(ca_version(ca)));
  add(oids::kCrlNumber, (input.flags & crlf::kCrlNumberCritical) != 0, der::integer(input.number));
  add(oids::kCrlNextPublish, false, der::time(input.times.next_publish));
  if (input.kind == CrlKind::delta) {
    add(kDeltaCrlIndicator, true, der::integer(input.minimum_base));
  } else if (!input.freshest.empty()) {
    add(kFreshestCrl, false, ext::distribution_points(input.freshest));
  }
  if (!input.self_locations.empty()) add(kSelfLocations, false, ext::distribution_points(input.self_locations));
  if (!input.issuing_points.empty())
    add(kIssuingDistributionPoint, true, issuing_distribution_point(input.issuing_points));
  return fields;
}

bool lists_after_expiry(const std::vector<Oid>& purposes) {
  static const Oid kCodeSigning{"1.3.6.1.5.5.7.3.3"};
  static const Oid kKernelCodeSigning{"1.3.6.1.4.1.311.61.1.1"};
  return std::any_of(purposes.begin(), purposes.end(),
                     [](const Oid& oid) { return oid == kCodeSigning || oid == kKernelCodeSigning; });
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
    case -2:
      return "Publish after Expiration";
    case -3:
      return "Do not publish after Expiration";
    default:
      return "Reason " + std::to_string(reason);
  }
}

}  // namespace mimica::ca
