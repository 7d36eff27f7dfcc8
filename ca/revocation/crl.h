// What goes into base and delta revocation lists (MS-CSRA 3.1.4.1.6). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ca/issue/identity.h"
#include "ca/store/database.h"
#include "core/base/time.h"
#include "core/pki/certificate.h"

namespace mimica::ca {

namespace crlf {  // CRLFlags, CertSrv.h; the bits that are acted on
inline constexpr std::uint32_t kDeltaUseOldestUnexpiredBase = 0x1, kDeleteExpiredCrls = 0x2, kCrlNumberCritical = 0x4,
                               kPublishExpiredCertCrls = 0x200, kDisableRootCrossCerts = 0x1000;
}  // namespace crlf
namespace cpf {  // CRLPublishFlags of the database, CertSrv.h
inline constexpr std::uint32_t kBase = 0x1, kDelta = 0x2, kComplete = 0x4, kShadow = 0x8, kBadUrl = 0x20,
                               kManual = 0x40, kLdapError = 0x100, kFileError = 0x200, kFtpError = 0x400,
                               kHttpError = 0x800, kPostponedBaseLdap = 0x1000;
}  // namespace cpf

// As configured; an overlap of 0 is computed.
struct CrlPeriods {
  Seconds base = 7 * kDay;  // CRLPeriod
  Seconds delta = kDay;     // CRLDeltaPeriod; 0: no delta CRLs
  Seconds base_overlap = 0;
  Seconds delta_overlap = 0;
  Seconds skew = 10 * kMinute;  // ClockSkewMinutes
};
struct CrlTimes {
  Timestamp this_update;  // now minus skew, not before the CA certificate
  Timestamp next_publish;
  Timestamp next_update;           // next publication plus overlap plus skew
  Timestamp propagation_complete;  // now plus overlap
};
// A computed overlap is max(min(period / 10, 12 h), 1.5 skew) of a base CRL and max(min(period, 12 h), 1.5 skew) of a
// delta CRL, at most the period of base CRLs, plus the skew. `next_publish`: as an administrator asks for it instead of
// now plus period.
CrlTimes crl_times(CrlKind kind, const CrlPeriods& periods, Timestamp ca_not_before, Timestamp now,
                   std::optional<Timestamp> next_publish = std::nullopt);

// What a CRL of that kind says of a certificate now; nullopt: nothing, because the revocation lies in the future or the
// certificate was released from hold and only delta CRLs say that.
std::optional<RevokedEntry> crl_entry(const RevokedRow& row, CrlKind kind, Timestamp now);

struct CrlInput {
  CrlKind kind = CrlKind::base;
  const Certificate* ca_certificate = nullptr;  // the newest of the key that signs
  std::int64_t number = 1;
  std::int64_t minimum_base = 0;  // number of the delta CRL's base
  CrlTimes times;
  std::vector<RevokedEntry> revoked;
  std::uint32_t flags = 0;                  // CRLFlags
  std::vector<std::string> freshest;        // where delta CRLs are; base CRLs only
  std::vector<std::string> self_locations;  // szOID_CRL_SELF_CDP
  std::vector<std::string> issuing_points;  // issuing distribution point; critical
};
// Complete but for the signature, in the order that Windows Server 2016 writes. Lists without URLs give no extension.
CrlFields crl_fields(CrlInput input);

// Whether certificates with these purposes stay on CRLs after their end unless an administrator says otherwise
// (PublishExpiredCertInCRL): those that sign code, whose signatures outlive them.
bool lists_after_expiry(const std::vector<Oid>& purposes);

// Reasons as certutil prints them: "Key Compromise"; "Reason 42" for an unknown one.
std::string revocation_reason_name(int reason);

}  // namespace mimica::ca
