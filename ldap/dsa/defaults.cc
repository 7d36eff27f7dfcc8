#include "ldap/dsa/defaults.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "core/base/number.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/known_attributes.h"

namespace mimica::ldap::dsa {
namespace {

bool is_account_class(const ObjectClass& object_class) {
  const auto& must = Schema::active_directory().required(object_class);
  return std::find(must.begin(), must.end(), &known().sam_account_name) != must.end();
}

bool in_chain(const ObjectClass& object_class, std::string_view name) {
  const auto chain = Schema::active_directory().chain(object_class);
  return std::any_of(chain.begin(), chain.end(), [&](const ObjectClass* entry) { return entry->name == name; });
}

std::uint32_t flags_of(std::string_view text) {
  return static_cast<std::uint32_t>(parse_decimal<std::int64_t>(text).value_or(0));
}

void add_account_defaults(State& state, Record& record) {
  const auto default_to = [&](const AttributeType& type, std::string value) {
    if (record.find(type) == nullptr) record.set(type, {std::move(value)});
  };
  if (record.find(known().object_sid) == nullptr) {
    Sid sid;
    do {
      sid = state.domain_sid.with_rid(state.next_rid++);
    } while (!state.store.indexed(known().object_sid, to_string(sid.to_binary()))->empty());
    record.set(known().object_sid, {to_string(sid.to_binary())});
  }
  if (record.find(known().sam_account_name) == nullptr)
    record.set(known().sam_account_name,
               {"$" + to_hex_upper(state.entropy.bytes(3)) + "-" + to_hex_upper(state.entropy.bytes(6))});
  const bool computer = in_chain(*record.object_class, "computer");
  if (in_chain(*record.object_class, "user")) {
    constexpr std::uint32_t kPasswordNotRequired = 0x20;
    default_to(known().user_account_control, std::to_string((computer ? uac::kWorkstationTrust : uac::kNormalAccount) |
                                                            uac::kDisabled | kPasswordNotRequired));
    const std::uint32_t control = flags_of(record.first(known().user_account_control));
    default_to(known().primary_group_id,
               std::to_string((control & uac::kServerTrust) != 0        ? rid::kDomainControllers
                              : (control & uac::kWorkstationTrust) != 0 ? rid::kDomainComputers
                                                                        : rid::kDomainUsers));
    constexpr std::string_view kZeros[] = {"badPwdCount", "codePage",  "countryCode", "badPasswordTime",
                                           "lastLogoff",  "lastLogon", "pwdLastSet",  "logonCount"};
    for (const std::string_view name : kZeros) default_to(*Schema::active_directory().attribute(name), "0");
    default_to(known().account_expires, "9223372036854775807");
  } else if (in_chain(*record.object_class, "group")) {
    default_to(known().group_type, "-2147483646");  // global security group
  }
  update_account_type(record);
}

}  // namespace

void touch(State& state, Record& record) {
  record.set(known().when_changed, {to_ldap_generalized(state.clock.now())});
  record.set(known().usn_changed, {std::to_string(++state.usn)});
}

// sAMAccountType follows userAccountControl and groupType (MS-ADTS 3.1.1.8.1); the primary group of new accounts too.
void update_account_type(Record& record) {
  constexpr std::uint32_t kUser = 805306368, kComputer = 805306369, kTrust = 805306370, kGroup = 268435456,
                          kDistributionGroup = 268435457, kLocalGroup = 536870912, kLocalDistribution = 536870913;
  constexpr std::uint32_t kInterdomainTrust = 0x800, kDomainLocal = 0x4, kSecurityEnabled = 0x80000000;
  std::uint32_t type = 0;
  if (record.find(known().group_type) != nullptr) {
    const std::uint32_t group = flags_of(record.first(known().group_type));
    const bool local = (group & kDomainLocal) != 0;
    type = (group & kSecurityEnabled) != 0 ? (local ? kLocalGroup : kGroup)
                                           : (local ? kLocalDistribution : kDistributionGroup);
  } else if (record.find(known().user_account_control) != nullptr) {
    const std::uint32_t control = flags_of(record.first(known().user_account_control));
    type = (control & (uac::kWorkstationTrust | uac::kServerTrust)) != 0 ? kComputer
           : (control & kInterdomainTrust) != 0                          ? kTrust
                                                                         : kUser;
  } else {
    return;
  }
  record.set(known().sam_account_type, {std::to_string(type)});
}

void add_defaults(State& state, const Caller& caller, Record& record) {
  const auto default_to = [&](const AttributeType& type, std::string value) {
    if (record.find(type) == nullptr) record.set(type, {std::move(value)});
  };
  const std::string now = to_ldap_generalized(state.clock.now());
  ++state.usn;
  default_to(known().instance_type, "4");
  default_to(known().when_created, now);
  default_to(known().when_changed, now);
  default_to(known().usn_created, std::to_string(state.usn));
  default_to(known().usn_changed, std::to_string(state.usn));
  if (record.object_class->hidden) default_to(known().hidden, "TRUE");
  default_to(known().object_category,
             "CN=" + std::string(record.object_class->default_category) + "," + state.contexts.schema);
  if (record.object_class->name == "foreignSecurityPrincipal" && record.find(known().object_sid) == nullptr)
    if (const auto sid = Sid::parse(record.first(known().name)))
      record.set(known().object_sid, {to_string(sid->to_binary())});
  if (is_account_class(*record.object_class)) add_account_defaults(state, record);
  const std::string_view requested = record.first(known().descriptor);
  if (requested.empty() || !caller.is_system) {
    const Record* parent = state.store.get(record.parent);
    const Record* head = state.store.get(record.naming_context);
    const bool in_domain = head == nullptr || head->dn == state.contexts.domain;
    record.set(known().descriptor,
               {new_descriptor(state, caller, parent, *record.object_class, std::string(requested), in_domain)});
  }
}

}  // namespace mimica::ldap::dsa
