// What goes into a revocation list (MS-CSRA 3.1.4.1.6). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/certificate.h"
#include "core/time.h"

namespace mimica::ca {

struct CrlInput {
  const Certificate* ca_certificate = nullptr;
  std::int64_t number = 1;
  std::vector<RevokedEntry> revoked;
  Seconds period = 7 * kDay;    // CRLPeriod
  Seconds overlap = 0;          // CRLOverlap; 0: computed
  Seconds skew = 10 * kMinute;  // ClockSkewMinutes
  Timestamp now;
  int key_index = 0;                        // for the CA version extension
  std::vector<std::string> self_locations;  // szOID_CRL_SELF_CDP; empty: none
};
struct CrlPlan {
  CrlFields fields;
  std::int64_t number = 1;
  Timestamp next_publish;
};
// thisUpdate = now minus skew, but not before the CA certificate; next publication = now plus period; nextUpdate = next
// publication plus overlap plus skew. A computed overlap is max(min(period / 10, 12 h), 1.5 skew), at most the period.
CrlPlan plan_crl(const CrlInput& input);

// Reasons as certutil prints them: "Key Compromise"; "Reason 42" for an unknown one.
std::string revocation_reason_name(int reason);

}  // namespace mimica::ca
