// One policy decision from values, for tests: start from a request that is issued, change one thing, look at the
// answer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ca/issue/issue.h"
#include "ca/policy/policy.h"
#include "ca/rules.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {

inline const Sid kTestDomain = *Sid::parse("S-1-5-21-1004336348-1177238915-682003330");

struct PolicyCase {
  CaConfig config = default_config(CaType::enterprise_sub, kTestDomain);
  PrivateKey ca_key = fixed_key("p-256", 1);
  Certificate ca_certificate;
  Bytes key_id;
  Bytes revocation = ext::distribution_points({"http://pki/CA.crl"});
  Bytes authority_access = ext::authority_info_access({{Oid("1.3.6.1.5.5.7.48.2"), "http://pki/CA.crt"}});
  Timestamp now = *parse_iso("2024-11-20T08:00:00Z");
  ldap::Account account;
  Token token;
  std::vector<templates::CertificateTemplate> catalogue =
      templates::built_in_templates({Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kTestDomain});
  templates::Publication publication;
  std::optional<Token> ca_token;
  bool new_request = true;
  // The request.
  PrivateKey key = fixed_key("p-256");
  std::string subject;
  std::vector<Extension> extensions;
  std::string attributes;
  Bytes request;  // when set, instead of the three above
  // Of a signed request: the account on whose behalf it is, and what became of the signers' chains (default: ok).
  std::optional<ldap::Account> behalf;
  Token behalf_token;
  std::vector<SignerFacts> signers;

  // jane asks for `cn`, which is published.
  explicit PolicyCase(const std::string& cn = "User") : attributes(cn.empty() ? "" : "CertificateTemplate:" + cn) {
    CertificateFields fields;
    fields.serial = {0x10};
    fields.subject_der = must(Name::parse_rfc4514("CN=CONTOSO-CA,DC=contoso,DC=com")).to_der();
    fields.issuer_der = fields.subject_der;
    fields.not_before = *parse_iso("2024-01-01T00:00:00Z");
    fields.not_after = *parse_iso("2034-01-01T00:00:00Z");
    fields.spki = ca_key.public_key().spki();
    key_id = ca_key.public_key().key_identifier();
    fields.extensions = {{oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key_id)}};
    ca_certificate = must(Certificate::parse(must(sign_certificate(fields, ca_key, Digest::sha256))));
    publication.ca_name = "CONTOSO-CA";
    if (!cn.empty()) publication.published.push_back(cn);
    account.dn = "CN=Jane Doe,CN=Users,DC=contoso,DC=com";
    account.cn = "Jane Doe";
    account.sam_account_name = "jane";
    account.upn = "jane@contoso.com";
    account.mail = "jane@contoso.com";
    account.sid = kTestDomain.with_rid(1104);
    account.guid = *Guid::parse("11111111-2222-3333-4444-555555555555");
    token.user = account.sid;
    token.sids = {account.sid, kTestDomain.with_rid(rid::kDomainUsers), sids::kAuthenticatedUsers, sids::kEveryone};
  }

  void be_computer(const std::string& dns_host_name) {
    account.dn = "CN=PC01,CN=Computers,DC=contoso,DC=com";
    account.cn = "PC01";
    account.sam_account_name = "PC01$";
    account.upn.clear();
    account.mail.clear();
    account.dns_host_name = dns_host_name;
    account.user_account_control = ldap::uac::kWorkstationTrust;
    token.sids.insert(kTestDomain.with_rid(rid::kDomainComputers));
    token.sids.insert(kTestDomain.with_rid(rid::kDomainControllers));
  }

  templates::CertificateTemplate& of(const std::string& cn) {
    for (templates::CertificateTemplate& value : catalogue)
      if (value.cn == cn) return value;
    throw std::runtime_error("no template " + cn);
  }
  // The template becomes a version 2 one with a subject from the request.
  templates::CertificateTemplate& supply(const std::string& cn = "User") {
    templates::CertificateTemplate& value = of(cn);
    value.name_flags = templates::FlagSet<templates::NameFlag>(1U);
    return version2(cn);
  }
  templates::CertificateTemplate& version2(const std::string& cn = "User") {
    templates::CertificateTemplate& value = of(cn);
    value.schema_version = 2;
    value.major_revision = 100;
    value.minor_revision = 4;
    value.minimal_key_size = 256;  // so that the fast test keys suffice
    value.oid = Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7.8");
    value.application_policies = value.extended_key_usage;
    return value;
  }

  Decision<IncomingRequest> read() const {
    return read_request(request.empty() ? request_der(key, subject, extensions) : request, attributes);
  }
  Decision<Plan> decide() const {
    Decision<IncomingRequest> incoming = read();
    if (!incoming) return Decision<Plan>::refuse(std::move(incoming.trace));
    PolicyInput input;
    input.config = &config;
    input.ca_certificate = &ca_certificate;
    input.authority_key_id = &key_id;
    input.revocation = &revocation;
    input.authority_access = &authority_access;
    input.request = &*incoming.granted;
    input.requester = behalf ? &*behalf : &account;
    input.token = &token;
    if (behalf) {
      input.subject_token = &behalf_token;
      input.subject_name = "CONTOSO\\" + behalf->sam_account_name;
    }
    input.signers = signers;
    input.signers.resize(incoming.granted->signers.size());
    input.requester_name = "CONTOSO\\" + account.sam_account_name;
    input.domain = {"contoso.com", "CONTOSO"};
    input.templates = catalogue;
    input.publication = &publication;
    if (ca_token) input.ca_token = &*ca_token;
    input.ca_account = "CONTOSO\\CA01$";
    input.now = now;
    input.new_request = new_request;
    return ca::decide(input);
  }
  // A certificate of this CA, for example of an agent.
  Certificate certify(const PrivateKey& subject_key, std::vector<Extension> with, const std::string& name = "CN=agent",
                      Timestamp end = *parse_iso("2025-11-20T08:00:00Z")) const {
    CertificateFields fields;
    fields.serial = {0x61, 0x77};
    fields.subject_der = must(Name::parse_rfc4514(name)).to_der();
    fields.issuer_der = to_bytes(ca_certificate.subject_der());
    fields.not_before = *parse_iso("2024-06-01T00:00:00Z");
    fields.not_after = end;
    fields.spki = subject_key.public_key().spki();
    fields.extensions = std::move(with);
    return must(Certificate::parse(must(sign_certificate(fields, ca_key, Digest::sha256))));
  }
  // The issued certificate; throws the trace when it was refused.
  Certificate issued() const {
    const Decision<Plan> decision = decide();
    if (!decision) throw std::runtime_error(explain(decision.trace));
    const Bytes serial = {0x61, 0x01};
    return must(Certificate::parse(must(issue(*decision.granted, serial, ca_key))));
  }
};

#define EXPECT_REFUSED(policy_case, rule_constant, hresult)                      \
  do {                                                                           \
    const auto refused_ = (policy_case).decide();                                \
    EXPECT_FALSE(refused_) << explain(refused_.trace);                           \
    EXPECT_EQ(refused_.rule(), (rule_constant).id) << explain(refused_.trace);   \
    EXPECT_EQ(refused_.code, Code{HResult::hresult}) << describe(refused_.code); \
  } while (false)
#define EXPECT_STEP(policy_case, rule_constant, wanted)                                              \
  do {                                                                                               \
    const auto decided_ = (policy_case).decide();                                                    \
    EXPECT_TRUE(decided_) << explain(decided_.trace);                                                \
    EXPECT_TRUE(decided_.trace.has((rule_constant).id, Verdict::wanted)) << explain(decided_.trace); \
  } while (false)

}  // namespace mimica::ca
