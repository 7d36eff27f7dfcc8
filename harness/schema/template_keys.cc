#include "harness/schema/template_keys.h"

#include <algorithm>

#include "core/base/text.h"

namespace mimica::harness {
namespace {

using schema::Kind;
using Lists = TemplateKey::Lists;

constexpr TemplateKey kKeys[] = {
    {"validity", "validity", Kind::duration, Lists::none, "", "General tab: validity period."},
    {"renewal", "renewal", Kind::duration, Lists::none, "", "General tab: renewal period."},
    {"publish_in_ad", "publish_in_ad", Kind::boolean, Lists::none, "",
     "General tab: Publish certificate in Active Directory."},
    {"compatibility", "compatibility", Kind::text, Lists::none, "",
     "Compatibility tab: `2008R2`, or CA and recipient as `2008R2/7`."},
    {"private_key", "private_key", Kind::choice, Lists::none, "exportable|not_exportable",
     "Request Handling tab: Allow private key to be exported."},
    {"symmetric_algorithms", "symmetric_algorithms", Kind::boolean, Lists::none, "",
     "Request Handling tab: Include symmetric algorithms allowed by the subject."},
    {"minimum_key_size", "minimum_key_size", Kind::integer, Lists::none, "",
     "Cryptography tab: minimum key size in bits."},
    {"provider", "provider", Kind::text, Lists::none, "",
     "Cryptography tab: `legacy` or `ksp`, then optionally a colon and provider names separated by semicolons."},
    {"key_algorithm", "key_algorithm", Kind::text, Lists::none, "",
     "Cryptography tab: RSA, ECDSA_P256, ECDH_P256, ..."},
    {"hash_algorithm", "hash_algorithm", Kind::text, Lists::none, "", "Cryptography tab: SHA256, ..."},
    {"subject", "subject", Kind::text, Lists::join, "",
     "Subject Name tab: `supplied_in_request`, or what is built from the directory: common_name, full_dn, "
     "dns_as_common_name, "
     "include_email, alt_email, alt_dns, alt_upn, alt_spn, none."},
    {"application_policies", "application_policies", Kind::text, Lists::join, "",
     "Extensions tab: application policies by name or OID; the extended key usage follows."},
    {"issuance_policies", "issuance_policies", Kind::text, Lists::join, "",
     "Extensions tab: issuance policies as OIDs."},
    {"proof_of_origin", "proof_of_origin", Kind::boolean, Lists::none, "",
     "Extensions tab, Key Usage: Signature is proof of origin (non-repudiation)."},
    {"manager_approval", "manager_approval", Kind::boolean, Lists::none, "",
     "Issuance Requirements tab: CA certificate manager approval."},
    {"signatures", "ra_signatures", Kind::integer, Lists::none, "",
     "Issuance Requirements tab: number of authorised signatures."},
    {"signature_application_policies", "ra_application_policies", Kind::text, Lists::join, "",
     "Issuance Requirements tab: application policies that signers need."},
    {"signature_issuance_policies", "ra_issuance_policies", Kind::text, Lists::join, "",
     "Issuance Requirements tab: issuance policies that signers need."},
    {"supersede", "supersede", Kind::text, Lists::join, "", "Superseded Templates tab: template names."},
    {"enroll", "allow_enroll", Kind::text, Lists::each, "",
     "Security tab: accounts allowed Enroll (and Read, if they are new there)."},
    {"autoenroll", "allow_autoenroll", Kind::text, Lists::each, "", "Security tab: accounts allowed Autoenroll."},
    {"read", "allow_read", Kind::text, Lists::each, "", "Security tab: accounts allowed Read."},
    {"write", "allow_write", Kind::text, Lists::each, "", "Security tab: accounts allowed Write."},
    {"full_control", "allow_full_control", Kind::text, Lists::each, "", "Security tab: accounts allowed Full Control."},
    {"deny_enroll", "deny_enroll", Kind::text, Lists::each, "", "Security tab: accounts denied Enroll."},
    {"deny_autoenroll", "deny_autoenroll", Kind::text, Lists::each, "", "Security tab: accounts denied Autoenroll."},
    {"deny_read", "deny_read", Kind::text, Lists::each, "", "Security tab: accounts denied Read."},
    {"deny_write", "deny_write", Kind::text, Lists::each, "", "Security tab: accounts denied Write."},
    {"deny_full_control", "deny_full_control", Kind::text, Lists::each, "",
     "Security tab: accounts denied Full Control."},
    {"clear_enroll", "clear_enroll", Kind::text, Lists::each, "",
     "Security tab: accounts neither allowed nor denied Enroll."},
    {"clear_autoenroll", "clear_autoenroll", Kind::text, Lists::each, "",
     "Security tab: accounts neither allowed nor denied Autoenroll."},
    {"clear_read", "clear_read", Kind::text, Lists::each, "",
     "Security tab: accounts neither allowed nor denied Read."},
    {"clear_write", "clear_write", Kind::text, Lists::each, "",
     "Security tab: accounts neither allowed nor denied Write."},
    {"clear_full_control", "clear_full_control", Kind::text, Lists::each, "",
     "Security tab: accounts neither allowed nor denied Full Control."},
    {"remove", "remove", Kind::text, Lists::each, "", "Security tab: accounts whose entries are removed."},
    {"no_security_extension", "no_security_extension", Kind::boolean, Lists::none, "",
     "CT_FLAG_NO_SECURITY_EXTENSION: certificates get no SID extension."},
};

}  // namespace

std::span<const TemplateKey> template_keys() { return kKeys; }

std::vector<std::pair<std::string, std::string>> template_edits(const YamlNode& mapping) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& member : mapping.members) {
    const auto* key =
        std::find_if(std::begin(kKeys), std::end(kKeys), [&](const TemplateKey& k) { return k.key == member.key; });
    if (key == std::end(kKeys)) continue;
    if (!member.value.is_sequence()) {
      out.emplace_back(key->edit, member.value.text);
    } else if (key->lists == Lists::each) {
      for (const YamlNode& item : member.value.items) out.emplace_back(key->edit, item.text);
    } else {
      const std::string all = join(member.value.items, ", ", &YamlNode::text);
      out.emplace_back(key->edit, std::move(all));
    }
  }
  return out;
}

}  // namespace mimica::harness
