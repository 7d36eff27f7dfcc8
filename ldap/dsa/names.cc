// How a request names entries: DN or alternative form, and what lies below a base.
#include "ldap/dsa/names.h"

#include <algorithm>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/rules.h"
#include "ldap/store/match.h"

namespace mimica::ldap::dsa {

Fault missing(const State& state, std::string_view dn) {
  const std::string key = normalise_dn(dn);
  if (key.empty())
    return refused_by(
        rule::kNameSyntax,
        name_error(LdapCode::invalidDNSyntax, win32::kBadNameSyntax, "2006 (BAD_NAME), data 8350, best match of:\n\t'",
                   std::string(dn) + "'\n", "the name is not a distinguished name (RFC 4514)"));
  for (std::string above = key; !above.empty(); above = std::string(parent_dn(above))) {
    const Record* best = state.store.get(state.store.find_key(above));
    if (best != nullptr) return refused_by(rule::kNameExists, no_such_object(dn, best->dn));
  }
  return refused_by(
      rule::kNameContext,
      fault(LdapCode::referral,
            "0000202B: RefErr: DSID-0310082F, data 0, 1 access points\n\tref 1: '" + state.dns_name + "'\n", {},
            std::string(dn) + " lies outside the naming contexts of this server"));
}

Result<RecordId> resolve_base(const State& state, std::string_view base) {
  const std::string_view text = trim(base);
  if (!text.empty() && text.front() == '<') {
    // <GUID=...>, <SID=...>, <WKGUID=...,dn> (MS-ADTS 3.1.1.3.1.2.4)
    const auto close = text.find('>');
    const auto equals = text.find('=');
    if (close == text.size() - 1 && equals != std::string_view::npos) {
      const std::string kind = to_lower(text.substr(1, equals - 1));
      const std::string_view value = text.substr(equals + 1, close - equals - 1);
      const auto octets = from_hex(value);
      if (kind == "guid") {
        const auto guid = octets && octets->size() == 16 && value.find('-') == std::string_view::npos
                              ? Guid::from_binary(*octets)
                              : Guid::parse(value);
        const RecordId id = guid ? state.store.find_guid(*guid) : kNoRecord;
        if (id != kNoRecord) return id;
      } else if (kind == "sid") {
        const auto sid = octets ? Sid::from_binary(*octets) : Sid::parse(value);
        if (sid) {
          const auto* found = state.store.indexed(known().object_sid, to_string(sid->to_binary()));
          if (!found->empty()) return found->front();
        }
      } else if (kind == "wkguid" && value.find(',') == 32) {
        const Record* holder = state.store.find(value.substr(33));
        const AttributeType* type = Schema::active_directory().attribute("wellKnownObjects");
        const std::string wanted = "B:32:" + to_upper(value.substr(0, 32)) + ":";
        if (holder != nullptr && holder->find(*type) != nullptr)
          for (const std::string& entry : *holder->find(*type))
            if (starts_with_ignore_case(entry, wanted))
              if (const Record* found = state.store.find(entry.substr(wanted.size()))) return found->id;
      }
      return refused_by(rule::kNameExists, no_such_object(base, ""));
    }
  }
  const RecordId id = state.store.find_key(normalise_dn(base));
  if (id == kNoRecord) return missing(state, base);
  return id;
}

std::vector<RecordId> scope_members(const State& state, RecordId base, Scope scope) {
  if (scope == Scope::base) return {base};
  if (scope == Scope::one_level) return state.store.children(base);
  std::vector<RecordId> out{base};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto& below = state.store.children(out[i]);
    out.insert(out.end(), below.begin(), below.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool in_scope(const State& state, const Record& record, RecordId base, Scope scope) {
  if (scope == Scope::base) return record.id == base;
  if (scope == Scope::one_level) return record.parent == base;
  for (const Record* at = &record; at != nullptr; at = state.store.get(at->parent))
    if (at->id == base) return true;
  return false;
}

}  // namespace mimica::ldap::dsa
