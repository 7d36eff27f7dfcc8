#include "core/windows/security_descriptor.h"

#include <algorithm>

#include "core/base/assertion.h"

namespace mimica {
namespace {

using namespace sd_control;
constexpr std::size_t kHeader = 20, kAclHeader = 8;
constexpr std::size_t kMaxAcl = 0xFFFF;
constexpr std::uint32_t kObjectTypePresent = 1, kInheritedObjectTypePresent = 2;

bool is_object(Ace::Type type) {
  switch (static_cast<std::uint8_t>(type)) {
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x0B:
    case 0x0C:
    case 0x0F:
    case 0x10:
      return true;
    default:
      return false;
  }
}

// Types whose layout is not mask and SID: the compound ACE and everything after the process trust label.
bool is_known(std::uint8_t type) { return type != 0x04 && type <= 0x14; }

std::uint32_t u16(BytesView b, std::size_t at) { return b[at] | static_cast<std::uint32_t>(b[at + 1]) << 8; }
std::uint32_t u32(BytesView b, std::size_t at) { return u16(b, at) | u16(b, at + 2) << 16; }
void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8));
}
void put32(Bytes& out, std::size_t value) {
  put16(out, value);
  put16(out, value >> 16);
}
void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

Fault bad(std::string what, std::size_t offset) {
  return fault(HResult::E_INVALIDARG, std::move(what), {"security descriptor", 0, 0, offset});
}

Result<Sid> sid_at(BytesView bytes, std::size_t offset, std::size_t& used) {
  auto sid = Sid::from_binary_prefix(bytes.subspan(offset), used);
  if (!sid) sid.error().where = {"security descriptor", 0, 0, offset};
  return sid;
}

// `body` is one ACE with its header, `offset` its place in the descriptor.
Result<Ace> parse_ace(BytesView body, std::size_t offset) {
  if (!is_known(body[0])) return bad("ACE type " + std::to_string(body[0]) + " is not supported", offset);
  Ace ace;
  ace.type = static_cast<Ace::Type>(body[0]);
  ace.flags = body[1];
  if (body.size() < 8) return bad("the ACE is too short for an access mask", offset);
  ace.mask = u32(body, 4);
  std::size_t at = 8;
  if (is_object(ace.type)) {
    if (body.size() < 12) return bad("the object ACE is too short for its flags", offset);
    const std::uint32_t present = u32(body, 8);
    at = 12;
    for (const std::uint32_t bit : {kObjectTypePresent, kInheritedObjectTypePresent}) {
      if ((present & bit) == 0) continue;
      if (body.size() - at < 16) return bad("the object ACE is too short for its GUIDs", offset);
      MIMICA_TRY(const Guid guid, Guid::from_binary(body.subspan(at, 16)));
      (bit == kObjectTypePresent ? ace.object_type : ace.inherited_object_type) = guid;
      at += 16;
    }
  }
  std::size_t used = 0;
  auto sid = Sid::from_binary_prefix(body.subspan(at), used);
  if (!sid) return bad("the ACE's trustee: " + sid.error().what, offset + at);
  ace.trustee = *std::move(sid);
  ace.application_data = to_bytes(body.subspan(at + used));
  return ace;
}

Result<Acl> parse_acl(BytesView bytes, std::size_t offset) {
  if (bytes.size() - offset < kAclHeader) return bad("the ACL header is cut short", offset);
  const std::size_t size = u16(bytes, offset + 2), count = u16(bytes, offset + 4);
  if (size < kAclHeader || size > bytes.size() - offset) return bad("the ACL size is out of range", offset + 2);
  Acl acl;
  acl.revision = bytes[offset];
  std::size_t at = offset + kAclHeader;
  const std::size_t end = offset + size;
  for (std::size_t i = 0; i < count; ++i) {
    if (end - at < 4) return bad("the ACL holds fewer ACEs than it says", at);
    const std::size_t ace_size = u16(bytes, at + 2);
    if (ace_size < 4 || ace_size > end - at) return bad("the ACE size is out of range", at + 2);
    MIMICA_TRY(Ace ace, parse_ace(bytes.subspan(at, ace_size), at));
    acl.aces.push_back(std::move(ace));
    at += ace_size;
  }
  return acl;
}

Bytes encode_ace(const Ace& ace) {
  Bytes out{static_cast<std::uint8_t>(ace.type), ace.flags, 0, 0};
  put32(out, ace.mask);
  if (is_object(ace.type)) {
    put32(out,
          (ace.object_type ? kObjectTypePresent : 0) | (ace.inherited_object_type ? kInheritedObjectTypePresent : 0));
    if (ace.object_type) append(out, ace.object_type->to_binary());
    if (ace.inherited_object_type) append(out, ace.inherited_object_type->to_binary());
  }
  append(out, ace.trustee.to_binary());
  append(out, ace.application_data);
  out[2] = static_cast<std::uint8_t>(out.size());
  out[3] = static_cast<std::uint8_t>(out.size() >> 8);
  return out;
}

Bytes encode_acl(const Acl& acl) {
  Bytes out{acl.revision, 0};
  std::size_t size = kAclHeader;
  std::vector<Bytes> aces;
  for (const Ace& ace : acl.aces) {
    aces.push_back(encode_ace(ace));
    size += aces.back().size();
  }
  MIMICA_ASSERT(size <= kMaxAcl);
  put16(out, size);
  put16(out, aces.size());
  put16(out, 0);
  for (const Bytes& ace : aces) append(out, ace);
  return out;
}

bool is_inherited(const Ace& ace) { return (ace.flags & 0x10) != 0; }

// Where a new explicit ACE goes: after the last explicit one of its class (denies before allows before inherited ones).
std::size_t insertion_point(const std::vector<Ace>& aces, bool is_deny) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < aces.size(); ++i) {
    if (is_inherited(aces[i])) continue;
    if (!is_deny || aces[i].denies()) at = i + 1;
  }
  return at;
}

void edit(SecurityDescriptor& sd, bool is_deny, const Sid& trustee, std::uint32_t mask,
          const std::optional<Guid>& right) {
  sd.control |= kDaclPresent;
  if (!sd.dacl) sd.dacl.emplace();
  std::vector<Ace>& aces = sd.dacl->aces;
  const auto same_place = [&](const Ace& ace) {
    return ace.flags == 0 && ace.trustee == trustee && ace.object_type == right && !ace.inherited_object_type &&
           ace.application_data.empty();
  };
  for (Ace& ace : aces) {
    if (same_place(ace) && (is_deny ? ace.allows() : ace.denies())) ace.mask &= ~mask;
  }
  std::erase_if(aces,
                [&](const Ace& ace) { return same_place(ace) && (ace.allows() || ace.denies()) && ace.mask == 0; });
  for (Ace& ace : aces) {
    if (same_place(ace) && (is_deny ? ace.denies() : ace.allows())) {
      ace.mask |= mask;
      return;
    }
  }
  Ace ace;
  if (right) {
    ace.type = is_deny ? Ace::Type::deny_object : Ace::Type::allow_object;
  } else {
    ace.type = is_deny ? Ace::Type::deny : Ace::Type::allow;
  }
  ace.mask = mask;
  ace.object_type = right;
  ace.trustee = trustee;
  const auto at = static_cast<std::ptrdiff_t>(insertion_point(aces, is_deny));
  aces.insert(aces.begin() + at, std::move(ace));
}

}  // namespace

Result<SecurityDescriptor> SecurityDescriptor::from_binary(BytesView bytes) {
  if (bytes.size() < kHeader) return bad("a security descriptor has at least 20 octets", bytes.size());
  if (bytes[0] != 1) return bad("unknown revision " + std::to_string(bytes[0]), 0);
  SecurityDescriptor sd;
  sd.control = static_cast<std::uint16_t>(u16(bytes, 2));
  if ((sd.control & kSelfRelative) == 0) return bad("the descriptor is not in self-relative form", 2);
  const std::size_t owner = u32(bytes, 4), group = u32(bytes, 8), sacl = u32(bytes, 12), dacl = u32(bytes, 16);
  const std::size_t fields[] = {owner, group, sacl, dacl};
  for (std::size_t i = 0; i < 4; ++i) {
    if (fields[i] != 0 && (fields[i] < kHeader || fields[i] >= bytes.size())) {
      return bad("an offset points outside the descriptor", 4 + 4 * i);
    }
  }
  std::size_t used = 0;
  if (owner != 0) {
    MIMICA_TRY(sd.owner, sid_at(bytes, owner, used));
  }
  if (group != 0) {
    MIMICA_TRY(sd.group, sid_at(bytes, group, used));
  }
  if ((sd.control & kSaclPresent) != 0 && sacl != 0) {
    MIMICA_TRY(sd.sacl, parse_acl(bytes, sacl));
  }
  if ((sd.control & kDaclPresent) != 0 && dacl != 0) {
    MIMICA_TRY(sd.dacl, parse_acl(bytes, dacl));
  }
  return sd;
}

// The parts follow the header in the order a domain controller stores: SACL, DACL, owner, group.
Bytes SecurityDescriptor::to_binary() const {
  const Bytes sacl_bytes = sacl ? encode_acl(*sacl) : Bytes{};
  const Bytes dacl_bytes = dacl ? encode_acl(*dacl) : Bytes{};
  const Bytes owner_bytes = owner ? owner->to_binary() : Bytes{};
  const Bytes group_bytes = group ? group->to_binary() : Bytes{};
  std::size_t next = kHeader;
  const auto place = [&next](const Bytes& part) -> std::size_t {
    if (part.empty()) return 0;
    const std::size_t at = next;
    next += part.size();
    return at;
  };
  const std::size_t sacl_at = place(sacl_bytes), dacl_at = place(dacl_bytes);
  const std::size_t owner_at = place(owner_bytes), group_at = place(group_bytes);

  std::uint32_t control_word = control | kSelfRelative;
  if (dacl) control_word |= kDaclPresent;
  if (sacl) control_word |= kSaclPresent;
  Bytes out{1, 0};
  out.reserve(next);
  put16(out, control_word);
  put32(out, owner_at);
  put32(out, group_at);
  put32(out, sacl_at);
  put32(out, dacl_at);
  append(out, sacl_bytes);
  append(out, dacl_bytes);
  append(out, owner_bytes);
  append(out, group_bytes);
  return out;
}

void sort_as_directory(Acl& acl) {
  struct Keyed {
    int rank;
    Bytes octets;
    Ace ace;
  };
  std::vector<Keyed> keyed;
  for (Ace& ace : acl.aces) {
    const int rank = is_inherited(ace) ? 2 : ace.denies() ? 0 : 1;
    Bytes octets = encode_ace(ace);
    keyed.push_back({rank, std::move(octets), std::move(ace)});
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.rank == 2) return false;
    if (a.octets.size() != b.octets.size()) return a.octets.size() > b.octets.size();
    // Mask, object flags, GUIDs, SID: everything after the header.
    return std::lexicographical_compare(a.octets.begin() + 4, a.octets.end(), b.octets.begin() + 4, b.octets.end());
  });
  acl.aces.clear();
  for (Keyed& item : keyed) acl.aces.push_back(std::move(item.ace));
}

void grant(SecurityDescriptor& sd, const Sid& trustee, std::uint32_t mask, const std::optional<Guid>& right) {
  edit(sd, false, trustee, mask, right);
}

void deny(SecurityDescriptor& sd, const Sid& trustee, std::uint32_t mask, const std::optional<Guid>& right) {
  edit(sd, true, trustee, mask, right);
}

std::size_t remove_trustee(SecurityDescriptor& sd, const Sid& trustee) {
  if (!sd.dacl) return 0;
  return std::erase_if(sd.dacl->aces, [&](const Ace& ace) { return !is_inherited(ace) && ace.trustee == trustee; });
}

}  // namespace mimica
