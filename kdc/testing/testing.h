// Certificates and accounts for the tests and benchmarks of this folder: a two-tier PKI that signs for real.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/pki/certificate.h"
#include "core/pki/chain.h"
#include "core/pki/ocsp.h"
#include "kdc/pkinit/logon.h"
#include "ldap/account.h"

namespace mimica::kdc::testing {

// Unwraps what a test takes for granted.
template <typename T>
T must(Result<T> result) {
  if (!result) std::abort();
  return *std::move(result);
}

inline Timestamp at(std::string_view iso) { return must(parse_iso(iso)); }
inline Sid sid(std::string_view text) { return must(Sid::parse(text)); }

inline const PrivateKey& key(std::size_t index) {
  static const std::vector<PrivateKey> keys = [] {
    std::vector<PrivateKey> out;
    for (int i = 0; i < 6; ++i) out.push_back(must(PrivateKey::generate({KeyKind::ec, 256})));
    return out;
  }();
  return keys.at(index);
}
inline const PrivateKey& rsa_key() {
  static const PrivateKey value = must(PrivateKey::generate({KeyKind::rsa, 2048}));
  return value;
}

struct LeafSpec {
  std::string subject = "CN=jane,CN=Users,DC=contoso,DC=com";  // RFC 4514
  std::vector<GeneralName> names = {};
  std::optional<Sid> sid = {};
  std::optional<Bytes> sid_value = {};  // raw extnValue instead
  std::optional<std::vector<Oid>> purposes = std::vector<Oid>{oids::kClientAuth};
  std::optional<Bytes> key_usage = Bytes{0x80};
  std::vector<Oid> policies = {};
  std::vector<Oid> application_policies = {};
  std::vector<std::string> crl_urls = {"http://pki.contoso.com/CONTOSO-CA.crl"};
  std::vector<std::string> ocsp_urls = {};
  Bytes serial = *from_hex("2B0000000011AC0000000012");
  Timestamp not_before{1727740800};  // 2024-10-01
  Timestamp not_after{1790812800};   // 2026-10-01
  PrivateKey key = testing::key(5);
};

inline GeneralName upn(std::string text) { return {GeneralName::Kind::upn, std::move(text), {}, {}, {}}; }
inline GeneralName dns(std::string text) { return {GeneralName::Kind::dns, std::move(text), {}, {}, {}}; }
inline GeneralName email(std::string text) { return {GeneralName::Kind::email, std::move(text), {}, {}, {}}; }
inline GeneralName uri(std::string text) { return {GeneralName::Kind::uri, std::move(text), {}, {}, {}}; }

class TestCa {
 public:
  // Self-signed when `parent` is null.
  TestCa(std::string_view name, PrivateKey key, const TestCa* parent = nullptr) : key_(std::move(key)) {
    CertificateFields fields;
    const Name subject = must(Name::parse_rfc4514(name));
    fields.serial = {0x11, static_cast<std::uint8_t>(parent == nullptr ? 1 : 2)};
    fields.subject_der = subject.to_der();
    fields.issuer_der = parent == nullptr ? fields.subject_der : to_bytes(parent->certificate.subject_der());
    fields.not_before = Timestamp{1577836800};  // 2020-01-01
    fields.not_after = Timestamp{1893456000};   // 2030-01-01
    fields.spki = key_.public_key().spki();
    fields.extensions = {
        {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)},
        {oids::kKeyUsage, true, ext::key_usage(Bytes{0x86})},
        {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key_.public_key().key_identifier())}};
    const PrivateKey& signer = parent == nullptr ? key_ : parent->key_;
    certificate = must(Certificate::parse(must(sign_certificate(fields, signer, Digest::sha256))));
  }

  Certificate issue(const LeafSpec& spec) const {
    CertificateFields fields;
    fields.serial = spec.serial;
    fields.issuer_der = to_bytes(certificate.subject_der());
    fields.subject_der = must(Name::parse_rfc4514(spec.subject)).to_der();
    fields.not_before = spec.not_before;
    fields.not_after = spec.not_after;
    fields.spki = spec.key.public_key().spki();
    auto& extensions = fields.extensions;
    extensions.push_back(
        {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(spec.key.public_key().key_identifier())});
    extensions.push_back(
        {oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(key_.public_key().key_identifier())});
    if (!spec.crl_urls.empty())
      extensions.push_back({oids::kCrlDistributionPoints, false, ext::distribution_points(spec.crl_urls)});
    if (!spec.ocsp_urls.empty()) {
      std::vector<ext::AccessDescription> access;
      for (const std::string& url : spec.ocsp_urls) access.push_back({kOcspAccessMethod, url});
      extensions.push_back({oids::kAuthorityInfoAccess, false, ext::authority_info_access(access)});
    }
    if (spec.key_usage) extensions.push_back({oids::kKeyUsage, true, ext::key_usage(*spec.key_usage)});
    if (spec.purposes) extensions.push_back({oids::kExtendedKeyUsage, false, ext::oid_list(*spec.purposes)});
    if (!spec.policies.empty()) extensions.push_back({oids::kCertificatePolicies, false, ext::policies(spec.policies)});
    if (!spec.application_policies.empty())
      extensions.push_back({oids::kApplicationPolicies, false, ext::policies(spec.application_policies)});
    if (!spec.names.empty()) extensions.push_back({oids::kSubjectAltName, false, encode_general_names(spec.names)});
    if (spec.sid_value)
      extensions.push_back({oids::kSidExtension, false, *spec.sid_value});
    else if (spec.sid)
      extensions.push_back({oids::kSidExtension, false, ext::sid(*spec.sid)});
    return must(Certificate::parse(must(sign_certificate(fields, key_, Digest::sha256))));
  }

  Bytes crl(const std::vector<Bytes>& revoked, Timestamp this_update, Timestamp next_update) const {
    CrlFields fields;
    fields.issuer_der = to_bytes(certificate.subject_der());
    fields.this_update = this_update;
    fields.next_update = next_update;
    for (const Bytes& serial : revoked) fields.revoked.push_back({serial, this_update, 1});
    fields.extensions = {
        {oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(key_.public_key().key_identifier())},
        {oids::kCrlNumber, false, der::integer(1)}};
    return must(sign_crl(fields, key_, Digest::sha256));
  }

  // The CA's own OCSP answer about one of its certificates, valid for a day.
  Bytes ocsp(const Certificate& leaf, OcspStatus status, Timestamp this_update) const {
    OcspEntry entry;
    entry.id = ocsp_cert_id(leaf, certificate);
    entry.status = status;
    entry.this_update = entry.revoked_at = this_update;
    entry.next_update = this_update + kDay;
    OcspResponseFields fields;
    fields.signer = certificate;
    fields.produced_at = this_update;
    fields.entries = {entry};
    return must(make_ocsp_response(fields, key_, Digest::sha256));
  }

  Certificate certificate;

 private:
  PrivateKey key_;
};

struct Pki {
  TestCa root{"CN=CONTOSO-ROOT,DC=contoso,DC=com", key(0)};
  TestCa ca{"CN=CONTOSO-CA,DC=contoso,DC=com", key(1), &root};
};
inline const Pki& test_pki() {
  static const Pki value;
  return value;
}

inline const Sid kJaneSid = sid("S-1-5-21-1004336348-1177238915-682003330-1105");
inline const Sid kOtherSid = sid("S-1-5-21-1004336348-1177238915-682003330-500");

inline ldap::Account jane() {
  ldap::Account account;
  account.dn = "CN=jane,CN=Users,DC=contoso,DC=com";
  account.cn = account.sam_account_name = "jane";
  account.upn = "jane@contoso.com";
  account.sid = kJaneSid;
  account.user_account_control = ldap::uac::kNormalAccount;
  account.when_created = Timestamp{1704067200};  // 2024-01-01
  return account;
}
inline ldap::Account laptop() {
  ldap::Account account = jane();
  account.dn = "CN=LAPTOP-01,CN=Computers,DC=contoso,DC=com";
  account.cn = "LAPTOP-01";
  account.sam_account_name = "LAPTOP-01$";
  account.upn.clear();
  account.user_account_control = ldap::uac::kWorkstationTrust;
  return account;
}

// The facts of a logon whose chain is in order and whose UPN is the account's own.
inline LogonFacts facts_for(const Certificate& certificate, const ldap::Account& account,
                            const TestCa& ca = test_pki().ca, UpnOwner owner = UpnOwner::this_account,
                            bool in_nt_auth = true) {
  LogonFacts facts;
  facts.cname = account.sam_account_name;
  facts.realm = "contoso.com";
  facts.domain = "CONTOSO";
  facts.certificate = cert_facts(certificate, &ca.certificate, in_nt_auth);
  facts.account = account_facts(account, facts.realm, owner, owner == UpnOwner::another_account ? "bob" : "");
  facts.chain = {ChainStatus::ok, {}, {certificate, ca.certificate, test_pki().root.certificate}};
  return facts;
}

inline KdcConfig mode(int value) {
  KdcConfig config;
  config.StrongCertificateBindingEnforcement = value;
  return config;
}

}  // namespace mimica::kdc::testing
