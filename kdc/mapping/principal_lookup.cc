#include "kdc/mapping/principal_lookup.h"

#include <algorithm>
#include <array>

#include "ldap/filter.h"

namespace mimica::kdc {
namespace {

// Tries the look-ups in order until one finds somebody, or several.
template <typename... Lookups>
Result<FoundAccount> first_of(const Lookups&... lookups) {
  FoundAccount found;
  std::optional<Fault> failed;
  const auto attempt = [&](const auto& lookup) {
    if (found.account || found.ambiguous || failed) return;
    auto outcome = unless_ambiguous(lookup());
    if (outcome)
      found = *std::move(outcome);
    else
      failed = std::move(outcome).error();
  };
  (attempt(lookups), ...);
  if (failed) return *std::move(failed);
  return found;
}

// The default sPNMappings of a forest: services that run under the computer's own account.
constexpr std::array<std::string_view, 53> kHostServices = {
    "alerter",     "appmgmt",      "browser",    "cifs",     "cisvc",       "clipsrv",
    "dcom",        "dhcp",         "dmserver",   "dns",      "dnscache",    "eventlog",
    "eventsystem", "fax",          "http",       "ias",      "iisadmin",    "mcsvc",
    "messenger",   "msdtc",        "msiserver",  "netdde",   "netddedsm",   "netlogon",
    "netman",      "nmagent",      "oakley",     "plugplay", "policyagent", "protectedstorage",
    "rasman",      "remoteaccess", "replicator", "rpc",      "rpclocator",  "rpcss",
    "rsvp",        "samss",        "scardsvr",   "scesrv",   "schedule",    "scm",
    "seclogon",    "snmp",         "spooler",    "tapisrv",  "time",        "trksvr",
    "trkwks",      "ups",          "w3svc",      "wins",     "www"};

}  // namespace

Result<FoundAccount> unless_ambiguous(Result<std::optional<ldap::Account>> looked_up) {
  if (looked_up) return FoundAccount{*std::move(looked_up), false};
  if (looked_up.error().code == Code{LdapCode::constraintViolation}) return FoundAccount{std::nullopt, true};
  return std::move(looked_up).error();
}

Result<FoundAccount> find_client(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                 std::string_view cname, std::string_view realm) {
  if (cname.empty()) return FoundAccount{};
  const std::string name(cname);
  const auto by_sam = [&](std::string sam) {
    return [&, sam = std::move(sam)] { return ldap::account_by_sam(directory, contexts, sam); };
  };
  const auto by_upn = [&](std::string upn) {
    return [&, upn = std::move(upn)] { return ldap::account_by_upn(directory, contexts, upn); };
  };
  const std::size_t at = name.rfind('@');
  if (at == std::string::npos) {
    const std::string in_realm = name + "@" + std::string(realm);
    return first_of(by_sam(name), by_sam(name + "$"), by_upn(in_realm), by_sam(in_realm));
  }
  const std::string user = name.substr(0, at);
  const auto own_computer = [&]() -> Result<std::optional<ldap::Account>> {
    if (!equals_ignore_case(name.substr(at + 1), realm)) return std::optional<ldap::Account>{};
    return ldap::account_by_sam(directory, contexts, user + "$");
  };
  return first_of(by_upn(name), by_sam(name), by_sam(user), own_computer);
}

Result<FoundAccount> find_service(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                  std::string_view service_principal_name) {
  const auto by_spn = [&](std::string spn) {
    return [&, spn = std::move(spn)] { return ldap::account_by_spn(directory, contexts, spn); };
  };
  const std::string name(service_principal_name);
  const std::size_t slash = name.find('/');
  const std::string service = to_lower(name.substr(0, slash));
  if (slash == std::string::npos || !std::binary_search(kHostServices.begin(), kHostServices.end(), service))
    return first_of(by_spn(name));
  return first_of(by_spn(name), by_spn("host" + name.substr(slash)));
}

Result<FoundAccount> find_principal(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                    std::string_view name, std::string_view realm) {
  if (name.find('/') == std::string_view::npos) return find_client(directory, contexts, name, realm);
  return find_service(directory, contexts, name);
}

}  // namespace mimica::kdc
