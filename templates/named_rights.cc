#include "templates/named_rights.h"

namespace mimica::templates {
namespace {

struct WellKnown {
  std::string_view name;
  const Sid* sid;
};
const WellKnown kWellKnown[] = {
    {"everyone", &sids::kEveryone},
    {"anonymous logon", &sids::kAnonymous},
    {"authenticated users", &sids::kAuthenticatedUsers},
    {"local system", &sids::kSystem},
    {"system", &sids::kSystem},
    {"enterprise domain controllers", &sids::kEnterpriseDcs},
    {"administrators", &sids::kBuiltinAdministrators},
    {"users", &sids::kBuiltinUsers},
    {"pre-windows 2000 compatible access", &sids::kPreWindows2000},
};
struct OfDomain {
  std::string_view name;
  std::uint32_t rid;
};
constexpr OfDomain kOfDomain[] = {
    {"administrator", rid::kAdministrator},
    {"domain admins", rid::kDomainAdmins},
    {"domain users", rid::kDomainUsers},
    {"domain guests", rid::kDomainGuests},
    {"domain computers", rid::kDomainComputers},
    {"domain controllers", rid::kDomainControllers},
    {"cert publishers", rid::kCertPublishers},
    {"schema admins", rid::kSchemaAdmins},
    {"enterprise admins", rid::kEnterpriseAdmins},
    {"enterprise read-only domain controllers", rid::kEnterpriseReadOnlyDcs},
    {"ras and ias servers", rid::kRasAndIas},
};

}  // namespace

Sid NamedAccounts::sid_of(const std::string& name) {
  if (const auto at = sids_.find(name); at != sids_.end()) return at->second;
  const std::size_t backslash = name.find('\\');
  const std::string domain = backslash == std::string::npos ? std::string() : to_lower(name.substr(0, backslash));
  const std::string account = to_lower(backslash == std::string::npos ? name : name.substr(backslash + 1));
  Sid sid;
  if (const auto parsed = Sid::parse(account)) sid = *parsed;
  for (const WellKnown& known : kWellKnown)
    if (known.name == account) sid = *known.sid;
  if (sid.empty()) {
    const auto number = domains_.try_emplace(domain, static_cast<std::uint32_t>(domains_.size() + 1)).first->second;
    std::uint32_t rid = 0;
    for (const OfDomain& known : kOfDomain)
      if (known.name == account) rid = known.rid;
    sid = Sid::parse("S-1-5-21-0-0-" + std::to_string(number)).value().with_rid(rid == 0 ? next_rid_++ : rid);
  }
  sids_.emplace(name, sid);
  names_.emplace(sid, name);
  return sid;
}

NameOf NamedAccounts::name_of() const {
  return [names = names_](const Sid& sid) {
    const auto at = names.find(sid);
    return at == names.end() ? std::string() : at->second;
  };
}

}  // namespace mimica::templates
