// Who may write what, and the security descriptors of new and changed objects (MS-ADTS 5.1.3, 6.1.3; MS-DTYP 2.5.3.4).
#include "ldap/dsa/access.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/rules.h"

namespace mimica::ldap::dsa {
namespace {

// A domain controller marks both lists as automatically inherited, also where there is no SACL.
using namespace sd_control;

constexpr std::uint16_t kAutoInherited = kDaclAutoInherited | kSaclAutoInherited;
constexpr std::uint8_t kObjectInherit = 0x1, kContainerInherit = 0x2, kNoPropagate = 0x4, kInheritOnly = 0x8,
                       kInherited = 0x10;

std::uint32_t mapped_generic(std::uint32_t mask) {
  constexpr std::uint32_t kAll = 0x10000000, kExecute = 0x20000000, kWrite = 0x40000000, kRead = 0x80000000;
  constexpr std::uint32_t kExecuteRights = 0x20004;
  std::uint32_t out = mask & ~(kAll | kExecute | kWrite | kRead);
  if ((mask & kAll) != 0) out |= access::kFullControl;
  if ((mask & kExecute) != 0) out |= kExecuteRights;
  if ((mask & kWrite) != 0) out |= access::kGenericWrite;
  if ((mask & kRead) != 0) out |= access::kGenericRead;
  return out;
}

bool is_object_ace(const Ace& ace) {
  return ace.type == Ace::Type::allow_object || ace.type == Ace::Type::deny_object ||
         ace.type == Ace::Type::audit_object || ace.type == Ace::Type::allow_callback_object ||
         ace.type == Ace::Type::deny_callback_object;
}

// Mask, object flags, GUIDs and SID as they stand in the binary form.
Bytes ace_body(const Ace& ace) {
  Bytes out;
  const auto put32 = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  };
  put32(ace.mask);
  if (is_object_ace(ace)) {
    put32((ace.object_type ? 1U : 0U) | (ace.inherited_object_type ? 2U : 0U));
    for (const auto& guid : {ace.object_type, ace.inherited_object_type}) {
      if (!guid) continue;
      const Bytes octets = guid->to_binary();
      out.insert(out.end(), octets.begin(), octets.end());
    }
  }
  const Bytes sid = ace.trustee.to_binary();
  out.insert(out.end(), sid.begin(), sid.end());
  return out;
}

// The order in which a domain controller stores explicit ACEs, observed on Windows Server 2016: denials first, then the
// larger ACE first, equal sizes in the order of their octets.
void sort_explicit(std::vector<Ace>& aces) {
  std::stable_sort(aces.begin(), aces.end(), [](const Ace& a, const Ace& b) {
    if (a.denies() != b.denies()) return a.denies();
    const Bytes left = ace_body(a);
    const Bytes right = ace_body(b);
    if (left.size() != right.size()) return left.size() > right.size();
    return left < right;
  });
}

std::vector<Ace> inherited_aces(const SecurityDescriptor& parent, const Guid& child_class) {
  std::vector<Ace> out;
  if (!parent.dacl) return out;
  for (const Ace& from : parent.dacl->aces) {
    if ((from.flags & kContainerInherit) == 0) continue;
    Ace ace = from;
    const bool applies = !from.inherited_object_type || *from.inherited_object_type == child_class;
    if (!applies && (from.flags & kNoPropagate) != 0) continue;
    ace.flags = static_cast<std::uint8_t>((from.flags & ~kInheritOnly) | kInherited);
    if (!applies) ace.flags |= kInheritOnly;
    if ((from.flags & kNoPropagate) != 0)
      ace.flags = static_cast<std::uint8_t>(ace.flags & ~(kContainerInherit | kObjectInherit | kNoPropagate));
    out.push_back(std::move(ace));
  }
  return out;
}

// The DACL as stored: explicit ACEs of `requested` in the server's order, then what the parent hands down.
Acl stored_dacl(const Acl& requested, const SecurityDescriptor* parent, const Guid& object_class, bool is_protected) {
  Acl out;
  for (Ace ace : requested.aces) {
    if ((ace.flags & kInherited) != 0) continue;
    ace.mask = mapped_generic(ace.mask);
    out.aces.push_back(std::move(ace));
  }
  sort_explicit(out.aces);
  if (!is_protected && parent != nullptr) {
    auto more = inherited_aces(*parent, object_class);
    out.aces.insert(out.aces.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return out;
}

Guid class_guid(const ObjectClass& object_class) { return Guid::parse(object_class.guid).value_or(Guid{}); }

Sid default_owner(const State& state, const Caller& caller, bool in_domain) {
  if (is_administrator(caller, state.domain_sid))
    return state.domain_sid.with_rid(in_domain ? rid::kDomainAdmins : rid::kEnterpriseAdmins);
  return caller.token.user;
}

}  // namespace

bool is_administrator(const Caller& caller, const Sid& domain) {
  return caller.is_system || caller.token.contains(sids::kBuiltinAdministrators) ||
         caller.token.contains(sids::kSystem) || caller.token.contains(domain.with_rid(rid::kDomainAdmins)) ||
         caller.token.contains(domain.with_rid(rid::kEnterpriseAdmins));
}

bool holds_right(const State& state, const Caller& caller, const Record& record, std::uint32_t right,
                 std::string_view object_type) {
  if (is_administrator(caller, state.domain_sid)) return true;
  if (caller.anonymous()) return false;
  const auto sd = SecurityDescriptor::from_binary(as_bytes(record.first(known().descriptor)));
  if (!sd) return false;
  Token token = caller.token;
  // SELF stands for the object's own account.
  if (const auto own = Sid::from_binary(as_bytes(record.first(known().object_sid))); own && *own == caller.token.user)
    token.sids.insert(sids::kSelf);
  if (object_type.empty()) return check_access(*sd, token, right).granted;
  const auto guid = Guid::parse(object_type);
  return guid && check_access(*sd, token, right, *guid).granted;
}

Result<void> may_write(const State& state, const Caller& caller, const Record& record, const AttributeType& type) {
  if (is_administrator(caller, state.domain_sid)) return {};
  if (&type == &known().descriptor) {
    if (holds_right(state, caller, record, access::kWriteDac)) return {};
    return refused_by(rule::kWriteAccess, security_error("changing permissions of " + record.dn + " needs WRITE_DAC"));
  }
  if (holds_right(state, caller, record, access::kWriteProperty, type.guid)) return {};
  if (type.property_set != PropertySet::none &&
      holds_right(state, caller, record, access::kWriteProperty, property_set_guid(type.property_set).to_string()))
    return {};
  return refused_by(
      rule::kWriteAccess,
      security_error("writing " + std::string(type.name) + " of " + record.dn + " needs WRITE_PROPERTY; " +
                     (caller.name.empty() ? std::string("the caller") : caller.name) + " does not hold it"));
}

std::string new_descriptor(State& state, const Caller& caller, const Record* parent, const ObjectClass& object_class,
                           std::string_view requested, bool in_domain) {
  SecurityDescriptor out;
  const Sid owner = default_owner(state, caller, in_domain);
  const Guid guid = class_guid(object_class);
  std::optional<SecurityDescriptor> above;
  if (parent != nullptr)
    if (auto sd = SecurityDescriptor::from_binary(as_bytes(parent->first(known().descriptor)))) above = *std::move(sd);
  std::optional<SecurityDescriptor> wanted;
  if (!requested.empty())
    if (auto sd = SecurityDescriptor::from_binary(as_bytes(requested))) wanted = *std::move(sd);
  if (!wanted || (wanted->control & kDaclPresent) == 0) {
    auto& cached = state.class_descriptors[object_class.index];
    if (!cached) {
      auto parsed = SecurityDescriptor::from_sddl(object_class.default_sddl, state.domain_sid, state.domain_sid);
      cached = parsed ? *std::move(parsed) : SecurityDescriptor{};
    }
    const auto owners = wanted;
    wanted = *cached;
    if (owners) wanted->owner = owners->owner, wanted->group = owners->group;
  }
  out.owner = wanted->owner.value_or(owner);
  out.group = wanted->group.value_or(owner);
  const bool is_protected = (wanted->control & kDaclProtected) != 0;
  out.control =
      static_cast<std::uint16_t>(kSelfRelative | kDaclPresent | kAutoInherited | (is_protected ? kDaclProtected : 0));
  if (wanted->dacl) out.dacl = stored_dacl(*wanted->dacl, above ? &*above : nullptr, guid, is_protected);
  return to_string(out.to_binary());
}

std::string changed_descriptor(const State& state, const Caller& caller, const Record& record,
                               std::string_view requested, std::uint32_t parts) {
  constexpr std::uint32_t kOwner = 1, kGroup = 2, kDacl = 4;
  auto out = SecurityDescriptor::from_binary(as_bytes(record.first(known().descriptor)));
  const auto wanted = SecurityDescriptor::from_binary(as_bytes(requested));
  SecurityDescriptor now = out ? *out : SecurityDescriptor{};
  if (!wanted) return std::string(requested);
  if ((parts & kOwner) != 0 && wanted->owner) now.owner = wanted->owner;
  if ((parts & kGroup) != 0 && wanted->group) now.group = wanted->group;
  if (!now.owner) now.owner = default_owner(state, caller, true);
  if (!now.group) now.group = now.owner;
  if ((parts & kDacl) != 0 && (wanted->control & kDaclPresent) != 0) {
    std::optional<SecurityDescriptor> above;
    if (const Record* parent = state.store.get(record.parent))
      if (auto sd = SecurityDescriptor::from_binary(as_bytes(parent->first(known().descriptor))))
        above = *std::move(sd);
    const bool is_protected = (wanted->control & kDaclProtected) != 0;
    now.control = static_cast<std::uint16_t>((now.control & ~(kDaclProtected)) | kSelfRelative | kDaclPresent |
                                             kAutoInherited | (is_protected ? kDaclProtected : 0));
    now.dacl.reset();
    if (wanted->dacl)
      now.dacl = stored_dacl(*wanted->dacl, above ? &*above : nullptr, class_guid(*record.object_class), is_protected);
  }
  return to_string(now.to_binary());
}

void propagate_descriptor(State& state, RecordId from) {
  const std::vector<RecordId> below = state.store.children(from);
  for (const RecordId id : below) {
    const Record& child = *state.store.get(id);
    const auto sd = SecurityDescriptor::from_binary(as_bytes(child.first(known().descriptor)));
    if (!sd || (sd->control & kDaclProtected) != 0 || !sd->dacl) continue;
    const auto parent = SecurityDescriptor::from_binary(as_bytes(state.store.get(from)->first(known().descriptor)));
    SecurityDescriptor now = *sd;
    std::erase_if(now.dacl->aces, [](const Ace& ace) { return (ace.flags & kInherited) != 0; });
    if (parent) {
      auto more = inherited_aces(*parent, class_guid(*child.object_class));
      now.dacl->aces.insert(now.dacl->aces.end(), std::make_move_iterator(more.begin()),
                            std::make_move_iterator(more.end()));
    }
    if (now == *sd) continue;
    Record record = child;
    record.set(known().descriptor, {to_string(now.to_binary())});
    state.store.replace(std::move(record));
    propagate_descriptor(state, id);
  }
}

}  // namespace mimica::ldap::dsa
