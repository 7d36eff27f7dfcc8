// Security descriptors: binary self-relative form (MS-DTYP 2.4.6), SDDL (MS-DTYP 2.5.1) and the directory access check
// (MS-ADTS 5.1.3.3).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/decision.h"
#include "core/base/fault.h"
#include "core/windows/guid.h"
#include "core/windows/sid.h"

namespace mimica {

namespace access {  // directory rights, MS-ADTS 5.1.3.2
inline constexpr std::uint32_t kCreateChild = 0x1, kDeleteChild = 0x2, kListContents = 0x4, kSelf = 0x8,
                               kReadProperty = 0x10, kWriteProperty = 0x20, kDeleteTree = 0x40, kListObject = 0x80,
                               kControlAccess = 0x100, kDelete = 0x10000, kReadControl = 0x20000, kWriteDac = 0x40000,
                               kWriteOwner = 0x80000, kFullControl = 0xF01FF, kGenericRead = 0x20094,
                               kGenericWrite = 0x20028;
}  // namespace access

struct Ace {
  enum class Type : std::uint8_t {
    allow = 0x00,
    deny = 0x01,
    audit = 0x02,
    allow_object = 0x05,
    deny_object = 0x06,
    audit_object = 0x07,
    allow_callback = 0x09,
    deny_callback = 0x0A,
    allow_callback_object = 0x0B,
    deny_callback_object = 0x0C,
  };
  Type type = Type::allow;
  std::uint8_t flags = 0;  // OBJECT_INHERIT 1, CONTAINER_INHERIT 2, NO_PROPAGATE 4, INHERIT_ONLY 8, INHERITED 0x10
  std::uint32_t mask = 0;
  std::optional<Guid> object_type;
  std::optional<Guid> inherited_object_type;
  Sid trustee;
  Bytes application_data;  // callback ACEs and anything after the SID, kept as found
  bool operator==(const Ace&) const = default;

  bool allows() const { return type == Type::allow || type == Type::allow_object; }
  bool denies() const { return type == Type::deny || type == Type::deny_object; }
};

struct Acl {
  std::uint8_t revision = 4;
  std::vector<Ace> aces;
  bool operator==(const Acl&) const = default;
};

// SECURITY_DESCRIPTOR.Control (MS-DTYP 2.4.6).
namespace sd_control {
inline constexpr std::uint16_t kDaclPresent = 0x0004, kSaclPresent = 0x0010, kDaclAutoInheritReq = 0x0100,
                               kSaclAutoInheritReq = 0x0200, kDaclAutoInherited = 0x0400, kSaclAutoInherited = 0x0800,
                               kDaclProtected = 0x1000, kSaclProtected = 0x2000, kSelfRelative = 0x8000;
}  // namespace sd_control

struct SecurityDescriptor {
  std::uint16_t control = 0x8004;  // SE_SELF_RELATIVE | SE_DACL_PRESENT; kept as found
  std::optional<Sid> owner;
  std::optional<Sid> group;
  std::optional<Acl> dacl;  // absent with SE_DACL_PRESENT: NULL DACL, grants everything
  std::optional<Acl> sacl;
  bool operator==(const SecurityDescriptor&) const = default;

  static Result<SecurityDescriptor> from_binary(BytesView bytes);
  Bytes to_binary() const;
  // `domain` resolves the two-letter aliases that are relative to a domain (DA, DU, DC, CA, ...), `root` those of the
  // forest root (EA, SA); both are usually the same SID. Conditional and resource ACEs are refused. Faults carry the
  // position in the text.
  static Result<SecurityDescriptor> from_sddl(std::string_view sddl, const Sid& domain, const Sid& root);
  // Aliases where they exist. Callback and resource ACEs are shown with their data as #hexadecimal and cannot be read
  // back.
  std::string to_sddl(const Sid& domain, const Sid& root) const;
};

// The SIDs an access check sees: user, groups (nested, primary), and the well-known ones of a network logon.
struct Token {
  Sid user;
  std::set<Sid> sids;  // includes `user`
  bool contains(const Sid& sid) const { return sids.contains(sid); }
};

// What one access check found; ca, ldap and templates turn it into rules and codes of their own.
struct AccessResult {
  bool granted = false;
  std::uint32_t granted_mask = 0;       // of what was asked for
  std::optional<std::size_t> decisive;  // index of the ACE that denied, or that completed the grant
  std::uint32_t held_mask = 0;          // everything the token is allowed by plain ACEs, for explanations
};
// Walks the DACL in stored order. `object_type`: extended right or attribute the access is for. Generic bits in ACEs
// are mapped; INHERIT_ONLY ACEs are skipped; the owner implicitly holds READ_CONTROL and WRITE_DAC.
AccessResult check_access(const SecurityDescriptor& sd, const Token& token, std::uint32_t wanted,
                          const std::optional<Guid>& object_type = std::nullopt);

// Edits that consoles make, keeping the canonical ACE order (explicit deny, explicit allow, inherited). The mask joins
// an explicit ACE of the same kind if there is one, and leaves the opposite one of the same trustee and right, as
// ticking Allow clears Deny in the dialogue.
void grant(SecurityDescriptor& sd, const Sid& trustee, std::uint32_t mask, const std::optional<Guid>& right = {});
void deny(SecurityDescriptor& sd, const Sid& trustee, std::uint32_t mask, const std::optional<Guid>& right = {});
// Removes every explicit ACE of the trustee; returns how many.
std::size_t remove_trustee(SecurityDescriptor& sd, const Sid& trustee);

// The order in which a domain controller stores a DACL it is given (observed, Windows Server 2016): explicit ACEs
// sorted, larger first, equal sizes by the octets of mask, object flags, GUIDs and SID; inherited ones follow
// unchanged. Denies come before allows (inferred: the observed lists held none).
void sort_as_directory(Acl& acl);

}  // namespace mimica
