// Security identifiers (MS-DTYP 2.4.2).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

class Sid {
 public:
  Sid() = default;  // empty: equal to no parsed SID
  // "S-1-5-21-…"; authority decimal or 0x hexadecimal, up to 15 sub-authorities, case-insensitive 'S'.
  static Result<Sid> parse(std::string_view text);
  // The binary form of objectSid; the length must match exactly.
  static Result<Sid> from_binary(BytesView bytes);
  // The SID at the start of `bytes`; `used` receives its length.
  static Result<Sid> from_binary_prefix(BytesView bytes, std::size_t& used);

  bool empty() const { return revision_ == 0; }
  std::string to_string() const;
  Bytes to_binary() const;
  const std::vector<std::uint32_t>& sub_authorities() const { return sub_; }
  std::uint64_t authority() const { return authority_; }
  // Last sub-authority; 0 when there is none.
  std::uint32_t rid() const { return sub_.empty() ? 0 : sub_.back(); }
  // This SID with one more sub-authority (domain SID and RID).
  Sid with_rid(std::uint32_t rid) const;
  // Without the last sub-authority.
  Sid domain() const;
  auto operator<=>(const Sid&) const = default;

 private:
  std::uint8_t revision_ = 0;
  std::uint64_t authority_ = 0;
  std::vector<std::uint32_t> sub_;
};

namespace sids {
extern const Sid kEveryone;               // S-1-1-0
extern const Sid kAnonymous;              // S-1-5-7
extern const Sid kAuthenticatedUsers;     // S-1-5-11
extern const Sid kNetwork;                // S-1-5-2
extern const Sid kThisOrganization;       // S-1-5-15
extern const Sid kSelf;                   // S-1-5-10
extern const Sid kSystem;                 // S-1-5-18
extern const Sid kEnterpriseDcs;          // S-1-5-9
extern const Sid kBuiltinAdministrators;  // S-1-5-32-544
extern const Sid kBuiltinUsers;           // S-1-5-32-545
extern const Sid kPreWindows2000;         // S-1-5-32-554
}  // namespace sids
namespace rid {
inline constexpr std::uint32_t kAdministrator = 500, kGuest = 501, kKrbtgt = 502, kDomainAdmins = 512,
                               kDomainUsers = 513, kDomainGuests = 514, kDomainComputers = 515,
                               kDomainControllers = 516, kCertPublishers = 517, kSchemaAdmins = 518,
                               kEnterpriseAdmins = 519, kGroupPolicyCreators = 520, kReadOnlyDcs = 521,
                               kEnterpriseReadOnlyDcs = 498, kRasAndIas = 553;
}  // namespace rid

}  // namespace mimica
