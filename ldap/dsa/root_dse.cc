// The rootDSE (MS-ADTS 3.1.1.3.2) and the subschema entry (MS-ADTS 3.1.1.3.1.1.1).
#include "ldap/dsa/root_dse.h"

#include <algorithm>

#include "core/base/bytes.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/dsa/protocol.h"

namespace mimica::ldap::dsa {
namespace {

// The order of a Windows Server 2016 domain controller; names only, the limits themselves are in protocol.h.
const std::vector<std::string> kPolicies = {"MaxPoolThreads",
                                            "MaxPercentDirSyncRequests",
                                            "MaxDatagramRecv",
                                            "MaxReceiveBuffer",
                                            "InitRecvTimeout",
                                            "MaxConnections",
                                            "MaxConnIdleTime",
                                            "MaxPageSize",
                                            "MaxBatchReturnMessages",
                                            "MaxQueryDuration",
                                            "MaxDirSyncDuration",
                                            "MaxTempTableSize",
                                            "MaxResultSetSize",
                                            "MinResultSets",
                                            "MaxResultSetsPerConn",
                                            "MaxNotificationPerConn",
                                            "MaxValRange",
                                            "MaxValRangeTransitive",
                                            "ThreadMemoryLimit",
                                            "SystemMemoryLimitPercent"};

// LDAP_CAP_ACTIVE_DIRECTORY_OID and its versions (MS-ADTS 3.1.1.3.4.3).
const std::vector<std::string> kCapabilities = {"1.2.840.113556.1.4.800",  "1.2.840.113556.1.4.1670",
                                                "1.2.840.113556.1.4.1791", "1.2.840.113556.1.4.1935",
                                                "1.2.840.113556.1.4.2080", "1.2.840.113556.1.4.2237"};

constexpr std::string_view kFunctionalLevel = "7";  // Windows Server 2016

}  // namespace

Entry root_dse(const State& state, const Caller& caller, const std::vector<std::string>& attributes) {
  Entry all("");
  std::vector<std::string_view> operational;
  const auto put = [&](std::string_view name, std::vector<std::string> values) { all.set(name, std::move(values)); };
  put("currentTime", {to_ldap_generalized(state.clock.now())});
  put("subschemaSubentry", {"CN=Aggregate," + state.contexts.schema});
  put("dsServiceName", {"CN=NTDS Settings," + state.server_dn});
  put("namingContexts", {state.contexts.domain, state.contexts.configuration, state.contexts.schema});
  put("defaultNamingContext", {state.contexts.domain});
  put("schemaNamingContext", {state.contexts.schema});
  put("configurationNamingContext", {state.contexts.configuration});
  put("rootDomainNamingContext", {state.contexts.root_domain});
  put("supportedControl", supported_controls());
  put("supportedLDAPVersion", {"3"});
  put("supportedLDAPPolicies", kPolicies);
  put("highestCommittedUSN", {std::to_string(state.usn)});
  put("supportedCapabilities", kCapabilities);
  put("dnsHostName", {to_lower(state.dc_host) + "." + state.dns_name});
  put("ldapServiceName", {state.dns_name + ":" + to_lower(state.dc_host) + "$@" + to_upper(state.dns_name)});
  put("serverName", {state.server_dn});
  put("isSynchronized", {"TRUE"});
  put("isGlobalCatalogReady", {"TRUE"});
  put("domainFunctionality", {std::string(kFunctionalLevel)});
  put("forestFunctionality", {std::string(kFunctionalLevel)});
  put("domainControllerFunctionality", {std::string(kFunctionalLevel)});

  put("supportedExtension", supported_extensions());
  operational.push_back("supportedExtension");
  put("msDS-PrincipalName", {caller.anonymous()       ? "NT AUTHORITY\\ANONYMOUS LOGON"
                             : caller.name.size() > 2 ? caller.name.substr(2)
                                                      : caller.name});
  operational.push_back("msDS-PrincipalName");
  std::vector<std::string> sids;
  for (const Sid& sid : caller.token.sids)
    if (sid != caller.token.user) sids.push_back(to_string(sid.to_binary()));
  put("tokenGroups", std::move(sids));
  operational.push_back("tokenGroups");

  const auto asked = [&](std::string_view name) {
    return std::any_of(attributes.begin(), attributes.end(),
                       [&](const std::string& text) { return equals_ignore_case(base_name(text), name); });
  };
  const bool every = attributes.empty() || asked("*");
  const bool every_operational = asked("+");
  Entry out("");
  for (const Attribute& attribute : all.attributes()) {
    const bool is_operational = std::find(operational.begin(), operational.end(), attribute.name) != operational.end();
    if (asked(attribute.name) || (is_operational ? every_operational : every))
      out.set(attribute.name, attribute.values);
  }
  return out;
}

bool is_subschema(const Record& record) { return record.object_class->name == "subSchema"; }

std::vector<std::string> subschema_values(const AttributeType& type) {
  const Schema& schema = Schema::active_directory();
  if (type.name == "attributeTypes") return schema.attribute_type_texts();
  if (type.name == "objectClasses") return schema.object_class_texts();
  if (type.name == "dITContentRules") return schema.content_rule_texts();
  if (type.name == "extendedClassInfo") return schema.extended_class_texts();
  if (type.name == "extendedAttributeInfo") return schema.extended_attribute_texts();
  return {};
}

}  // namespace mimica::ldap::dsa
