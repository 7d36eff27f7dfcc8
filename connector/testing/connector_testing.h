// What the tests of this folder share: a small certification authority that really signs, and a tenant with one of
// everything. Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "connector/delivery/removal.h"
#include "connector/rules.h"

namespace mimica::connector::testing {

inline const Timestamp kNow = from_civil({2024, 11, 20, 8, 0, 0});
inline constexpr KeySpec kQuickKey{KeyKind::ec, 256};
inline const char* const kHost = "ca01.contoso.com";
inline const char* const kAuthority = "CONTOSO-CA";

inline Sid sid_of(std::uint32_t rid) { return Sid::parse("S-1-5-21-1180699209-877415012-3182824384")->with_rid(rid); }

// A two-tier PKI behind an EnrollmentPort. It checks little and signs for real.
class SigningAuthority final : public EnrollmentPort {
 public:
  struct Template {
    TemplateFacts facts;
    Bytes key_usage = {0xA0};
    Seconds validity = 365 * kDay;
  };
  SigningAuthority() {
    root_key = *PrivateKey::generate(kQuickKey);
    issuing_key = *PrivateKey::generate(kQuickKey);
    root = sign("Contoso Root CA", "Contoso Root CA", root_key, root_key, 1, true);
    issuing = sign("CONTOSO-CA", "Contoso Root CA", issuing_key, root_key, 2, true);
    templates["IntuneUser"] = {{"IntuneUser", kQuickKey, true, true}};
  }

  Result<std::optional<TemplateFacts>> template_facts(const std::string& host, const std::string& name,
                                                      const std::string& template_name) override {
    MIMICA_RETURN_IF_FAULT(find(host, name));
    const auto it = templates.find(template_name);
    if (it == templates.end()) return std::optional<TemplateFacts>{};
    return std::optional<TemplateFacts>(it->second.facts);
  }

  Result<SubmissionOutcome> submit(const Submission& submission) override {
    MIMICA_RETURN_IF_FAULT(find(submission.ca_host, submission.ca_name));
    SubmissionOutcome out;
    out.request_id = static_cast<std::int64_t>(submissions.size() + 1);
    submissions.push_back(submission);
    if (hold) {
      out.disposition = Disposition::pending;
      out.message = "Taken Under Submission";
      return out;
    }
    const auto it = templates.find(submission.template_name);
    if (deny != HResult::S_OK || it == templates.end()) {
      out.disposition = Disposition::denied;
      out.code = deny != HResult::S_OK ? deny : HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE;
      out.message = "Denied by Policy Module";
      return out;
    }
    MIMICA_TRY(const auto request, mimica::CertificateRequest::parse(submission.pkcs10));
    CertificateFields fields;
    fields.serial = {0x10, static_cast<std::uint8_t>(submissions.size())};
    fields.issuer_der = to_bytes(issuing.subject_der());
    fields.subject_der = to_bytes(request.subject_der());
    fields.not_before = now;
    fields.not_after = now + it->second.validity;
    fields.spki = request.public_key().spki();
    fields.extensions = request.extensions();
    fields.extensions.push_back({oids::kKeyUsage, true, ext::key_usage(it->second.key_usage)});
    MIMICA_TRY(out.certificate, sign_certificate(fields, issuing_key, Digest::sha256));
    out.disposition = Disposition::issued;
    out.code = HResult::S_OK;
    out.chain = {issuing.der(), root.der()};
    return out;
  }

  Result<RevocationOutcome> revoke(const std::string& host, const std::string& name, const std::string&,
                                   const std::string& serial, int reason) override {
    MIMICA_RETURN_IF_FAULT(find(host, name));
    RevocationOutcome out;
    if (!may_revoke) {
      out.code = HResult::E_ACCESSDENIED;
      return out;
    }
    revoked[serial] = reason;
    out.revoked = true;
    out.code = HResult::S_OK;
    return out;
  }

  bool reachable = true;
  bool hold = false;
  bool may_revoke = true;
  HResult deny = HResult::S_OK;
  Timestamp now = kNow;
  std::map<std::string, Template> templates;
  std::vector<Submission> submissions;
  std::map<std::string, int> revoked;
  PrivateKey root_key, issuing_key;
  Certificate root, issuing;

  static Name common_name(std::string_view text) {
    Name name;
    name.rdns.push_back({Ava{oids::kCommonName, std::string(text), 0, {}}});
    return name;
  }
  static Certificate sign(std::string_view subject, std::string_view issuer, const PrivateKey& key,
                          const PrivateKey& signer, std::uint8_t serial, bool ca) {
    CertificateFields fields;
    fields.serial = {serial};
    fields.issuer_der = common_name(issuer).to_der();
    fields.subject_der = common_name(subject).to_der();
    fields.not_before = kNow - 30 * kDay;
    fields.not_after = kNow + 3650 * kDay;
    fields.spki = key.public_key().spki();
    fields.extensions.push_back({oids::kBasicConstraints, true, ext::basic_constraints(ca, std::nullopt)});
    if (ca) fields.extensions.push_back({oids::kKeyUsage, true, ext::key_usage(Bytes{0x06})});
    return *Certificate::parse(*sign_certificate(fields, signer, Digest::sha256));
  }

 private:
  Result<void> find(const std::string& host, const std::string& name) const {
    if (!reachable || !equals_ignore_case(host, kHost))
      return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no certification authority answers at " + host);
    if (name != kAuthority) return fault(HResult::E_INVALIDARG, "there is no certification authority " + name);
    return {};
  }
};

inline User jane() {
  User user;
  user.id = "11111111-0000-4000-8000-000000000001";
  user.display_name = "Jane Doe";
  user.user_principal_name = "jane@contoso.com";
  user.mail = "jane.doe@contoso.com";
  user.given_name = "Jane";
  user.surname = "Doe";
  user.department = "Finance";
  user.on_premises = OnPremises{"CN=Jane Doe,OU=UserAccounts,DC=contoso,DC=com", "jane", sid_of(1106)};
  return user;
}

inline ManagedDevice laptop() {
  ManagedDevice device;
  device.id = "22222222-0000-4000-8000-000000000001";
  device.name = "LAPTOP-01";
  device.enrollment = Enrollment::windows;
  device.join = JoinType::hybrid;
  device.os_version = Version::of(10, 0, 22631);
  device.entra_device_id = "33333333-0000-4000-8000-000000000001";
  device.serial_number = "5CG1234XYZ";
  device.imei = "490154203237518";
  device.meid = "A0000009296CC7";
  device.wifi_mac = "00AABBCCDDEE";
  device.dns_name = "laptop-01.contoso.com";
  device.domain_joined = true;
  device.on_premises_sid = sid_of(1201);
  device.user_id = jane().id;
  return device;
}

inline Assignment everyone() { return {"", TargetKind::all_users, "", "", FilterMode::none}; }
inline Assignment every_device() { return {"", TargetKind::all_devices, "", "", FilterMode::none}; }

inline Profile windows_user_profile() {
  Profile profile = *make_profile("windows10PkcsCertificateProfile", "Windows user PKCS");
  profile.description = "test";
  PkcsSettings& s = *profile.pkcs();
  s.renewal_threshold = 20;
  s.subject_name_format = SubjectNameFormat::custom;
  s.subject_name_format_string = "CN={{UserName}}";
  s.validity_value = 1;
  s.validity_scale = ValidityScale::years;
  s.authority_host = kHost;
  s.authority_name = kAuthority;
  s.template_name = "IntuneUser";
  s.store = CertificateStore::user;
  s.sans = {{SanType::upn, "{{UserPrincipalName}}"}};
  s.key_usages = {{"Client Authentication", "1.3.6.1.5.5.7.3.2"}};
  s.key_storage = KeyStorageProvider::software;
  return profile;
}

inline Profile root_profile(std::string_view type, std::string_view name, const Certificate& certificate) {
  Profile profile = *make_profile(type, name);
  profile.description = "test";
  profile.trusted_root()->certificate = certificate.der();
  profile.trusted_root()->file_name = "ca_name.cer";
  return profile;
}

// A tenant, a connector, a Windows device of Jane, a root profile and a PKCS profile, all assigned.
struct Lab {
  SigningAuthority authority;
  Tenant tenant;
  FreshKeys keys;
  SeededEntropy entropy{"connector tests"};
  EventLog log;
  CertificateConnector connector{ConnectorSettings{}, {}, &log};
  Device device{laptop()};
  std::string root_id, profile_id;

  Lab() {
    tenant.put_user(jane());
    EXPECT_TRUE(connector.enrol(tenant, kNow));
    root_id =
        add(root_profile("windows81TrustedRootCertificate", "Windows trusted root", authority.root), every_device());
    profile_id = add(windows_user_profile(), everyone());
    enrol(device);
  }
  std::string add(Profile profile, const Assignment& assignment) {
    auto decision = tenant.add_profile(std::move(profile), kNow);
    EXPECT_TRUE(decision) << explain(decision.trace);
    if (!decision) return {};
    EXPECT_TRUE(tenant.assign(*decision.granted, {assignment}));
    return *decision.granted;
  }
  Flow flow() { return Flow{tenant, {&connector}, authority, keys, entropy}; }
  void enrol(Device& which) {
    Flow f = flow();
    const auto decision = enrol_device(f, which, kNow);
    EXPECT_TRUE(decision && *decision);
  }
  Delivery deliver_now(Timestamp at = kNow, const DeliveryOptions& options = {}) {
    return deliver_to(device, at, options);
  }
  Delivery deliver_to(Device& to, Timestamp at = kNow, const DeliveryOptions& options = {}) {
    Flow f = flow();
    authority.now = at;
    auto delivery = deliver(f, profile_id, to, at, options);
    EXPECT_TRUE(delivery) << (delivery ? std::string() : delivery.error().describe());
    return delivery ? *std::move(delivery) : Delivery{};
  }
  // Changes the stored profile as a PATCH does.
  template <typename Change>
  void edit(Change change) {
    Profile profile = *tenant.find_profile(profile_id);
    change(profile);
    const auto decision = tenant.update_profile(profile_id, std::move(profile), kNow);
    EXPECT_TRUE(decision) << explain(decision.trace);
  }
  std::vector<int> event_ids() const {
    std::vector<int> out;
    for (const Event& event : log.query()) out.push_back(event.id());
    return out;
  }
  void switch_sid_on() {
    connector.registry().set(kConnectorKey, kSidSwitch, std::uint32_t{1});
    connector.restart(Service::create);
    connector.restart(Service::create_legacy);
  }
};

}  // namespace mimica::connector::testing
