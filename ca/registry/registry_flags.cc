#include "ca/registry/registry_flags.h"

#include "core/base/bytes.h"

namespace mimica::ca {
namespace {

constexpr NamedBits bit(std::string_view name, std::uint32_t value) { return {name, value, value}; }

constexpr NamedBits kEditFlags[] = {
    bit("EDITF_ENABLEREQUESTEXTENSIONS", 0x1),
    bit("EDITF_REQUESTEXTENSIONLIST", 0x2),
    bit("EDITF_DISABLEEXTENSIONLIST", 0x4),
    bit("EDITF_ADDOLDKEYUSAGE", 0x8),
    bit("EDITF_ADDOLDCERTTYPE", 0x10),
    bit("EDITF_ATTRIBUTEENDDATE", 0x20),
    bit("EDITF_BASICCONSTRAINTSCRITICAL", 0x40),
    bit("EDITF_BASICCONSTRAINTSCA", 0x80),
    bit("EDITF_ENABLEAKIKEYID", 0x100),
    bit("EDITF_ATTRIBUTECA", 0x200),
    bit("EDITF_IGNOREREQUESTERGROUP", 0x400),
    bit("EDITF_ENABLEAKIISSUERNAME", 0x800),
    bit("EDITF_ENABLEAKIISSUERSERIAL", 0x1000),
    bit("EDITF_ENABLEAKICRITICAL", 0x2000),
    bit("EDITF_SERVERUPGRADED", 0x4000),
    bit("EDITF_ATTRIBUTEEKU", 0x8000),
    bit("EDITF_ENABLEDEFAULTSMIME", 0x10000),
    bit("EDITF_EMAILOPTIONAL", 0x20000),
    bit("EDITF_ATTRIBUTESUBJECTALTNAME2", 0x40000),
    bit("EDITF_ENABLELDAPREFERRALS", 0x80000),
    bit("EDITF_ENABLECHASECLIENTDC", 0x100000),
    bit("EDITF_AUDITCERTTEMPLATELOAD", 0x200000),
    bit("EDITF_DISABLEOLDOSCNUPN", 0x400000),
    bit("EDITF_DISABLELDAPPACKAGELIST", 0x800000),
    bit("EDITF_ENABLEUPNMAP", 0x1000000),
    bit("EDITF_ENABLEOCSPREVNOCHECK", 0x2000000),
    bit("EDITF_ENABLERENEWONBEHALFOF", 0x4000000),
};
constexpr NamedBits kCrlFlags[] = {
    bit("CRLF_DELTA_USE_OLDEST_UNEXPIRED_BASE", 0x1),
    bit("CRLF_DELETE_EXPIRED_CRLS", 0x2),
    bit("CRLF_CRLNUMBER_CRITICAL", 0x4),
    bit("CRLF_REVCHECK_IGNORE_OFFLINE", 0x8),
    bit("CRLF_IGNORE_INVALID_POLICIES", 0x10),
    bit("CRLF_REBUILD_MODIFIED_SUBJECT_ONLY", 0x20),
    bit("CRLF_SAVE_FAILED_CERTS", 0x40),
    bit("CRLF_IGNORE_UNKNOWN_CMC_ATTRIBUTES", 0x80),
    bit("CRLF_IGNORE_CROSS_CERT_TRUST_ERROR", 0x100),
    bit("CRLF_PUBLISH_EXPIRED_CERT_CRLS", 0x200),
    bit("CRLF_ENFORCE_ENROLLMENT_AGENT", 0x400),
    bit("CRLF_DISABLE_RDN_REORDER", 0x800),
    bit("CRLF_DISABLE_ROOT_CROSS_CERTS", 0x1000),
    bit("CRLF_LOG_FULL_RESPONSE", 0x2000),
    bit("CRLF_USE_XCHG_CERT_TEMPLATE", 0x4000),
    bit("CRLF_USE_CROSS_CERT_TEMPLATE", 0x8000),
    bit("CRLF_ALLOW_REQUEST_ATTRIBUTE_SUBJECT", 0x10000),
    bit("CRLF_REVCHECK_IGNORE_NOREVCHECK", 0x20000),
    bit("CRLF_PRESERVE_EXPIRED_CA_CERTS", 0x40000),
    bit("CRLF_PRESERVE_REVOKED_CA_CERTS", 0x80000),
    bit("CRLF_DISABLE_CHAIN_VERIFICATION", 0x100000),
    bit("CRLF_BUILD_ROOTCA_CRLENTRIES_BASEDONKEY", 0x200000),
};
constexpr NamedBits kInterfaceFlags[] = {
    bit("IF_LOCKICERTREQUEST", 0x1),           bit("IF_NOREMOTEICERTREQUEST", 0x2),
    bit("IF_NOLOCALICERTREQUEST", 0x4),        bit("IF_NORPCICERTREQUEST", 0x8),
    bit("IF_NOREMOTEICERTADMIN", 0x10),        bit("IF_NOLOCALICERTADMIN", 0x20),
    bit("IF_NOREMOTEICERTADMINBACKUP", 0x40),  bit("IF_NOLOCALICERTADMINBACKUP", 0x80),
    bit("IF_NOSNAPSHOTBACKUP", 0x100),         bit("IF_ENFORCEENCRYPTICERTREQUEST", 0x200),
    bit("IF_ENFORCEENCRYPTICERTADMIN", 0x400), bit("IF_ENABLEEXITKEYRETRIEVAL", 0x800),
    bit("IF_ENABLEADMINASAUDITOR", 0x1000),
};
constexpr NamedBits kKraFlags[] = {
    bit("KRAF_ENABLEFOREIGN", 0x1),
    bit("KRAF_SAVEBADREQUESTKEY", 0x2),
    bit("KRAF_ENABLEARCHIVEALL", 0x4),
    bit("KRAF_DISABLEUSEDEFAULTPROVIDER", 0x8),
};
constexpr NamedBits kRequestDisposition[] = {
    {"REQDISP_PENDING", 0, 0xFF},       {"REQDISP_ISSUE", 1, 0xFF},
    {"REQDISP_DENY", 2, 0xFF},          {"REQDISP_USEREQUESTATTRIBUTE", 3, 0xFF},
    bit("REQDISP_PENDINGFIRST", 0x100),
};
constexpr NamedBits kExitFlags[] = {
    bit("EXITPUB_FILE", 0x1),
    bit("EXITPUB_ACTIVEDIRECTORY", 0x2),
    bit("EXITPUB_REMOVEOLDCERTS", 0x10),
};
constexpr NamedBits kCaTypes[] = {
    {"ENUM_ENTERPRISE_ROOTCA", 0, ~0U},
    {"ENUM_ENTERPRISE_SUBCA", 1, ~0U},
    {"ENUM_STANDALONE_ROOTCA", 3, ~0U},
    {"ENUM_STANDALONE_SUBCA", 4, ~0U},
};
constexpr NamedBits kPublicationFlags[] = {
    bit("CSURL_SERVERPUBLISH", 0x1),       bit("CSURL_ADDTOCERTCDP", 0x2),  bit("CSURL_ADDTOFRESHESTCRL", 0x4),
    bit("CSURL_ADDTOCRLCDP", 0x8),         bit("CSURL_PUBLISHRETRY", 0x10), bit("CSURL_ADDTOCERTOCSP", 0x20),
    bit("CSURL_SERVERPUBLISHDELTA", 0x40), bit("CSURL_ADDTOIDP", 0x80),
};

}  // namespace

std::span<const NamedBits> edit_flag_names() { return kEditFlags; }
std::span<const NamedBits> crl_flag_names() { return kCrlFlags; }
std::span<const NamedBits> interface_flag_names() { return kInterfaceFlags; }
std::span<const NamedBits> kra_flag_names() { return kKraFlags; }
std::span<const NamedBits> request_disposition_names() { return kRequestDisposition; }
std::span<const NamedBits> exit_flag_names() { return kExitFlags; }
std::span<const NamedBits> ca_type_names() { return kCaTypes; }
std::span<const NamedBits> publication_flag_names() { return kPublicationFlags; }

std::optional<NamedBits> named_bits(std::span<const NamedBits> names, std::string_view name) {
  for (const NamedBits& one : names)
    if (equals_ignore_case(one.name, name)) return one;
  return std::nullopt;
}

}  // namespace mimica::ca
