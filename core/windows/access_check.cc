#include "core/windows/security_descriptor.h"

namespace mimica {
namespace {

constexpr std::uint8_t kInheritOnly = 0x08;

// MS-ADTS 5.1.3.2: generic rights of directory objects.
std::uint32_t map_generic(std::uint32_t mask) {
  std::uint32_t out = mask & 0x0FFF'FFFF;
  if (mask & 0x1000'0000) out |= access::kFullControl;
  if (mask & 0x2000'0000) out |= access::kReadControl | access::kListContents;
  if (mask & 0x4000'0000) out |= access::kGenericWrite;
  if (mask & 0x8000'0000) out |= access::kGenericRead;
  return out;
}

const Sid& owner_rights() {
  static const Sid sid = *Sid::parse("S-1-3-4");
  return sid;
}

bool is_for_whole_object(const Ace& ace) { return !ace.object_type || *ace.object_type == Guid{}; }

}  // namespace

AccessResult check_access(const SecurityDescriptor& sd, const Token& token, std::uint32_t wanted,
                          const std::optional<Guid>& object_type) {
  AccessResult result;
  wanted = map_generic(wanted);
  if (!sd.dacl) {
    result.granted = true;
    result.granted_mask = wanted;
    result.held_mask = access::kFullControl;
    return result;
  }
  const std::vector<Ace>& aces = sd.dacl->aces;
  const bool is_owner = sd.owner && token.contains(*sd.owner);

  std::uint32_t allowed = 0, held = 0, held_denied = 0;
  std::uint32_t denied = 0;
  if (is_owner) {
    // MS-DTYP 2.5.3.2: an ACE for OWNER RIGHTS replaces what the owner has implicitly.
    bool replaced = false;
    for (const Ace& ace : aces) replaced |= (ace.flags & kInheritOnly) == 0 && ace.trustee == owner_rights();
    if (!replaced) held = allowed = access::kReadControl | access::kWriteDac;
  }
  bool decided = (allowed & wanted) == wanted;
  for (std::size_t i = 0; i < aces.size(); ++i) {
    const Ace& ace = aces[i];
    if ((ace.flags & kInheritOnly) != 0 || !(ace.allows() || ace.denies())) continue;
    if (!token.contains(ace.trustee) && !(is_owner && ace.trustee == owner_rights())) continue;
    const std::uint32_t mask = map_generic(ace.mask);
    if (is_for_whole_object(ace)) {
      if (ace.allows()) {
        held |= mask & ~held_denied;
      } else {
        held_denied |= mask & ~held;
      }
    } else if (!object_type || *ace.object_type != *object_type) {
      continue;
    }
    if (ace.allows()) {
      allowed |= mask & ~denied;
    } else {
      denied |= mask & ~allowed;
    }
    if (!decided && ((denied & wanted) != 0 || (allowed & wanted) == wanted)) {
      result.decisive = i;
      decided = true;
    }
  }
  result.granted_mask = allowed & wanted;
  result.granted = result.granted_mask == wanted;
  result.held_mask = held;
  return result;
}

}  // namespace mimica
