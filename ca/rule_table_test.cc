// Every rule of this folder: a case that gets past it, the smallest change that does not, and the code that is answered
// then. A rule without a row fails the test.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <set>

#include "ca/policy/restrictions.h"
#include "ca/rules.h"
#include "ca/testing/test_signed.h"
#include "core/pki/cms.h"
#include "templates/rules.h"

namespace mimica::ca {
namespace {

using templates::EnrollmentFlag;
using templates::NameFlag;
using templates::PrivateKeyFlag;

struct Row {
  const Rule* rule;
  Code code;        // of the changed case; empty where the rule warns, or explains, but never refuses
  Verdict changed;  // fail, or what it says instead
  std::function<Trace()> good, bad;
};

template <typename Case>
std::function<Trace()> trace_of(std::function<void(Case&)> change) {
  return [change] {
    Case request;
    change(request);
    Decision<IncomingRequest> incoming = request.read();
    Trace trace = std::move(incoming.trace);
    if (incoming) trace.append(request.decide().trace);
    return trace;
  };
}

// `both` prepares the good and the bad case, `change` breaks the latter.
template <typename Case = PolicyCase>
Row refuses(const Rule& rule, HResult code, std::function<void(Case&)> change, std::function<void(Case&)> both = {}) {
  const auto prepare = [both](Case& request) {
    if (both) both(request);
  };
  return {&rule, Code{code}, Verdict::fail, trace_of<Case>(prepare), trace_of<Case>([prepare, change](Case& request) {
            prepare(request);
            change(request);
          })};
}
template <typename Case = PolicyCase>
Row says(const Rule& rule, Verdict changed, std::function<void(Case&)> change, std::function<void(Case&)> both = {}) {
  Row row = refuses<Case>(rule, HResult::S_OK, std::move(change), std::move(both));
  row.code = Code{};
  row.changed = changed;
  return row;
}

struct AuthorityCase : TestLab {
  AuthorityCase() {
    start();
    add_user("jane", "jane@contoso.com");
    add_user("officer", "officer@contoso.com");
    if (!must(ca->set_rights("officer", ca_access::kIssueAndManage, true, ""))) throw std::runtime_error("officer");
  }
  SubmitInput request() const { return {"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}; }
  Trace submit(const std::function<void(SubmitInput&)>& change = {}) {
    SubmitInput input = request();
    if (change) change(input);
    return must(ca->submit(input)).trace;
  }
  std::string serial() { return must(Certificate::parse(must(ca->submit(request())).certificate)).serial_hex(); }
  std::int64_t pending() {
    ca->configure([](CaConfig& changed) { changed.RequestDisposition = 1 | reqdisp::kPendingFirst; });
    return *must(ca->submit(request())).request_id;
  }
};

// A backup, alone or in the middle of a restore.
Trace back_up_beside(bool restore) {
  TestLab lab;
  std::string folder = (std::filesystem::temp_directory_path() / "mimica-rules-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
  std::function<void()> at_point;
  lab.database = must(open_database("", [&at_point](std::string_view) {
    if (at_point) std::exchange(at_point, nullptr)();
  }));
  lab.start();
  Trace trace = must(lab.ca->back_up(folder + "/first.db", "")).trace;
  if (restore) {
    at_point = [&] { trace = must(lab.ca->back_up(folder + "/second.db", "")).trace; };
    EXPECT_TRUE(must(lab.ca->restore(folder + "/first.db", "")));
  }
  lab.ca.reset();
  lab.database.reset();
  std::filesystem::remove_all(folder);
  return trace;
}

Row operation(const Rule& rule, HResult code, std::function<Trace(AuthorityCase&)> good,
              std::function<Trace(AuthorityCase&)> bad) {
  const auto in_lab = [](std::function<Trace(AuthorityCase&)> act) {
    return [act = std::move(act)] {
      AuthorityCase lab;
      return act(lab);
    };
  };
  return {&rule, Code{code}, Verdict::fail, in_lab(std::move(good)), in_lab(std::move(bad))};
}

void supply(PolicyCase& request) {
  request.supply();
  request.subject = "CN=jane,O=Contoso";
}
void name_from(PolicyCase& request, NameFlag flag) {
  request.of("User").name_flags = templates::FlagSet<NameFlag>(static_cast<std::uint32_t>(flag));
}
void as_machine(PolicyCase& request) {
  request.attributes = "CertificateTemplate:Machine";
  request.publication.published = {"Machine"};
  request.be_computer("pc01.contoso.com");
}
Bytes archived_key(const PolicyCase& request) {
  CmsSignerFields signer;
  signer.key = request.key;
  signer.unsigned_attributes = {{Oid("1.3.6.1.4.1.311.21.13"), {der::null()}}};
  CmsFields fields;
  fields.content = request_der(request.key);
  fields.signers = {signer};
  return must(make_signed_data(fields));
}
Bytes spkac(const PolicyCase& request, const std::string& challenge) {
  const Bytes body = der::sequence({request.key.public_key().spki(), der::ia5_string(challenge)});
  return der::sequence({body, request.key.signature_algorithm(Digest::sha256),
                        der::bit_string(must(request.key.sign(Digest::sha256, body)))});
}
RequestSpec with_attribute(const Oid& type, std::vector<Bytes> values) {
  RequestSpec spec;
  spec.attributes = {{type, std::move(values)}};
  return spec;
}

std::vector<Row> table() {
  using P = PolicyCase;
  const auto agents_template = [](OnBehalf& request) {
    templates::CertificateTemplate& value = request.version2();
    value.ra_signatures = 1;
    value.ra_application_policies = {oids::kCertificateRequestAgent};
  };
  const auto renewable = [](Renewal& request) {
    request.value().enrollment_flags.set(EnrollmentFlag::previous_approval_validate_reenrollment);
  };
  std::vector<Row> rows = {
      operation(
          kAuthorityName, HResult::E_INVALIDARG,
          [](AuthorityCase& lab) { return lab.submit([](SubmitInput& in) { in.authority = "CONTOSO-CA"; }); },
          [](AuthorityCase& lab) { return lab.submit([](SubmitInput& in) { in.authority = "CONTOSO-CB"; }); }),
      refuses<P>(kAuthorityCertificate, HResult::CERT_E_EXPIRED,
                 [](P& c) { c.now = c.ca_certificate.not_after() + 1; }),
      operation(
          kRequesterKnown, HResult::ERROR_NONE_MAPPED, [](AuthorityCase& lab) { return lab.submit(); },
          [](AuthorityCase& lab) { return lab.submit([](SubmitInput& in) { in.caller = "nobody"; }); }),
      refuses<P>(
          kRequestSize, HResult::ERROR_INVALID_DATA, [](P& c) { c.request.resize(kMaxRequestSize + 1); },
          [](P& c) { c.request = request_der(c.key); }),
      refuses<P>(kRequestWellFormed, HResult::CRYPT_E_ASN1_BADTAG, [](P& c) { c.request = to_bytes("?"); }),
      refuses<P>(
          kRequestSingleValued, HResult::ERROR_INVALID_DATA,
          [](P& c) {
            c.request = must(make_request(
                with_attribute(oids::kOsVersion, {der::ia5_string("10.0.1.2"), der::ia5_string("10.0.1.3")}), c.key));
          },
          [](P& c) {
            c.request = must(make_request(with_attribute(oids::kOsVersion, {der::ia5_string("10.0.1.2")}), c.key));
          }),
      refuses<P>(kRequestAttributes, HResult::CRYPT_E_ASN1_CORRUPT,
                 [](P& c) {
                   c.extensions = {{oids::kTemplateInfo, false, der::null()}};
                 }),
      refuses<P>(
          kRequestSignature, HResult::NTE_BAD_SIGNATURE, [](P& c) { c.request.back() ^= 1U; },
          [](P& c) { c.request = request_der(c.key); }),
      refuses<P>(
          kRequestChallenge, HResult::ERROR_INVALID_DATA, [](P& c) { c.attributes += "x"; },
          [](P& c) {
            c.request = spkac(c, "hello");
            c.attributes += "\nCN:jane\nchallenge:hello";
          }),
      refuses<OnBehalf>(kRequestSigners, HResult::NTE_BAD_SIGNATURE,
                        [](OnBehalf& c) {
                          c.spec.signers.front().key = c.key;
                          c.sign();
                        }),
      refuses<Renewal>(kRenewalCertificateSigned, HResult::CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE,
                       [](Renewal& c) {
                         c.spec.renews = c.certify(c.old_key, {}, "CN=Other");
                         c.sign();
                       }),
      refuses<OnBehalf>(kAgentCertificate, HResult::CERTSRV_E_SIGNATURE_POLICY_REQUIRED,
                        [](OnBehalf& c) {
                          c.spec.signers.clear();
                          c.spec.format = RequestFormat::cmc;
                          c.sign();
                        }),
      refuses<OnBehalf>(
          kAgentRestriction, HResult::CERTSRV_E_RESTRICTEDOFFICER,
          [](OnBehalf& c) { c.behalf_token.sids.erase(kTestDomain.with_rid(rid::kDomainUsers)); },
          [](OnBehalf& c) {
            c.config.EnrollmentAgentRights = make_restrictions(
                std::vector<Restriction>{{c.account.sid, true, {kTestDomain.with_rid(rid::kDomainUsers)}, "User"}});
          }),
      refuses<OnBehalf>(
          kAgentTemplate, HResult::CERTSRV_E_BAD_RENEWAL_SUBJECT, [](OnBehalf& c) { c.of("User").ra_signatures = 0; },
          agents_template),
      refuses<P>(kPermissionRequest, HResult::CERTSRV_E_ENROLL_DENIED,
                 [](P& c) { remove_trustee(c.config.Security, sids::kAuthenticatedUsers); }),
      refuses<P>(
          kTemplateSupport, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE,
          [](P& c) { c.attributes = "CertificateTemplate:User"; },
          [](P& c) {
            c.config = default_config(CaType::standalone_root, kTestDomain);
            c.attributes.clear();
            c.subject = "CN=device";
          }),
      refuses<P>(kTemplateNamed, HResult::CERTSRV_E_NO_CERT_TYPE, [](P& c) { c.attributes.clear(); }),
      refuses<P>(kTemplateAgreement, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
                 [](P& c) {
                   c.extensions = {{oids::kTemplateName, false, ext::template_name("WebServer")}};
                 }),
      refuses<P>(
          kTemplateVersion, HResult::CERTSRV_E_BAD_TEMPLATE_VERSION,
          [](P& c) {
            c.extensions = {{oids::kTemplateInfo, false, ext::template_info({c.of("User").oid, 100, 5})}};
          },
          [](P& c) { c.version2(); }),
      refuses<P>(
          kSubjectSupplied, HResult::CERTSRV_E_BAD_REQUESTSUBJECT, [](P& c) { c.subject.clear(); }, supply),
      refuses<P>(kSubjectFromDirectory, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                 [](P& c) { c.of("User").name_flags = {}; }),
      refuses<P>(
          kSubjectDns, HResult::CERTSRV_E_SUBJECT_DNS_REQUIRED, [](P& c) { c.account.dns_host_name.clear(); },
          as_machine),
      refuses<P>(
          kSubjectEmail, HResult::CERTSRV_E_SUBJECT_EMAIL_REQUIRED, [](P& c) { c.account.mail.clear(); },
          [](P& c) { c.version2(); }),
      refuses<P>(kSubjectUpn, HResult::CERTSRV_E_SUBJECT_UPN_REQUIRED, [](P& c) { c.account.upn.clear(); }),
      refuses<P>(
          kSubjectGuid, HResult::CERTSRV_E_SUBJECT_DIRECTORY_GUID_REQUIRED, [](P& c) { c.account.guid = {}; },
          [](P& c) { name_from(c, NameFlag::subject_alt_require_directory_guid); }),
      refuses<P>(
          kSubjectAltName, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
          [](P& c) {
            c.extensions = {{oids::kSubjectAltName, false, der::null()}};
          },
          [](P& c) {
            supply(c);
            c.extensions = {san_extension({upn_name("jane@contoso.com")})};
          }),
      says<P>(
          kSubjectTemplate, Verdict::warn, [](P& c) { c.subject += ",SERIALNUMBER=7"; }, supply),
      refuses<P>(
          kSubjectLengths, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
          [](P& c) { c.subject = "CN=" + std::string(65, 'x'); }, supply),
      refuses<P>(kSignatureRequired, HResult::CERTSRV_E_SIGNATURE_POLICY_REQUIRED,
                 [](P& c) { c.of("User").ra_signatures = 1; }),
      refuses<OnBehalf>(kSignatureTrusted, HResult::CRYPT_E_REVOKED,
                        [](OnBehalf& c) {
                          c.signers = {{ChainStatus::revoked, "revoked"}};
                        }),
      refuses<OnBehalf>(
          kSignatureCount, HResult::CERTSRV_E_SIGNATURE_COUNT, [](OnBehalf& c) { c.of("User").ra_signatures = 2; },
          agents_template),
      refuses<OnBehalf>(
          kSignaturePolicies, HResult::CERTSRV_E_SIGNATURE_REJECTED,
          [](OnBehalf& c) { c.of("User").ra_issuance_policies = {kIssuancePolicy}; }, agents_template),
      refuses<Renewal>(kRenewalTemplate, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
                       [](Renewal& c) {
                         c.old = c.certify(c.old_key, {{oids::kTemplateName, false, ext::template_name("Machine")}});
                         c.spec.renews = c.old;
                         c.spec.signers = {{c.old_key, c.old}};
                         c.sign();
                       }),
      says<Renewal>(
          kRenewalApproval, Verdict::warn, [](Renewal& c) { c.account.upn = "other@contoso.com"; }, renewable),
      refuses<Renewal>(
          kRenewalKey, HResult::CERTSRV_E_RENEWAL_BAD_PUBLIC_KEY,
          [](Renewal& c) {
            c.spec.key = c.key;
            c.sign();
          },
          [](Renewal& c) {
            c.value().private_key_flags.set(PrivateKeyFlag::require_same_key_renewal);
            c.spec.key = c.old_key;
            c.sign();
          }),
      refuses<Renewal>(kRenewalOverlap, HResult::CERTSRV_E_CERT_TYPE_OVERLAP,
                       [](Renewal& c) { c.value().overlap = c.value().validity; }),
      refuses<P>(kKeyStrength, HResult::CERTSRV_E_WEAK_SIGNATURE_OR_KEY,
                 [](P& c) {
                   c.key = must(PrivateKey::generate({KeyKind::rsa, 512}));
                 }),
      refuses<P>(
          kKeyLength, HResult::CERTSRV_E_KEY_LENGTH, [](P& c) { c.of("User").minimal_key_size = 257; },
          [](P& c) { c.version2(); }),
      refuses<P>(kKeyArchival, HResult::CERTSRV_E_ARCHIVED_KEY_UNEXPECTED, [](P& c) { c.request = archived_key(c); }),
      refuses<P>(kKeyAttestation, HResult::CERTSRV_E_KEY_ATTESTATION,
                 [](P& c) { c.of("User").private_key_flags.set(PrivateKeyFlag::attest_required); }),
      says<P>(kExtensionSid, Verdict::warn,
              [](P& c) { c.of("User").enrollment_flags.set(EnrollmentFlag::no_security_extension); }),
      says<P>(
          kExtensionRequested, Verdict::warn, [](P& c) { c.config.ApplicationPolicyUpdate = false; },
          [](P& c) {
            c.of("User").name_flags = templates::FlagSet<NameFlag>(1U);
            c.subject = "CN=jane";
            c.extensions = {{oids::kApplicationPolicies, false, ext::policies({oids::kClientAuth})}};
          }),
      refuses<P>(
          kExtensionPolicies, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
          [](P& c) { c.of("User").issuance_policies.clear(); },
          [](P& c) {
            c.version2().issuance_policies = {kIssuancePolicy};
            c.of("User").enrollment_flags.set(EnrollmentFlag::issuance_policies_from_request);
            c.extensions = {{oids::kCertificatePolicies, false, ext::policies({kIssuancePolicy})}};
          }),
      refuses<P>(
          kValidityRequested, HResult::ERROR_INVALID_DATA, [](P& c) { c.attributes += "x"; },
          [](P& c) {
            c.config.EditFlags |= editf::kAttributeEndDate;
            c.attributes += "\nValidityPeriod:Days\nValidityPeriodUnits:30";
          }),
      says<P>(kValidityPeriod, Verdict::warn, [](P& c) { c.config.ValidityPeriod = kDay; }),
      refuses<P>(kDispositionDeny, HResult::CERTSRV_E_ADMIN_DENIED_REQUEST,
                 [](P& c) { c.config.RequestDisposition = reqdisp::kDeny; }),
      says<P>(kDispositionPending, Verdict::not_applicable, [](P& c) { c.new_request = false; }),
  };
  const auto of = [](auto decision) { return std::move(decision.trace); };
  std::vector<Row> operations = {
      operation(
          kAgentSubject, HResult::ERROR_NONE_MAPPED,
          [](AuthorityCase& lab) {
            OnBehalf request;
            request.spec.requester_name = "jane";
            request.sign();
            // The signer is not of this PKI; the account is found before that counts.
            Trace trace = lab.submit([&](SubmitInput& in) { in.request = request.request; });
            EXPECT_EQ(trace.find(kAgentSubject.id), nullptr);
            return lab.submit();
          },
          [](AuthorityCase& lab) {
            OnBehalf request;
            request.spec.requester_name = "CONTOSO\\nobody";
            request.sign();
            return lab.submit([&](SubmitInput& in) { in.request = request.request; });
          }),
      operation(
          kPermissionOfficer, HResult::E_ACCESSDENIED,
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 1, "officer"))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 1, "jane"))); }),
      operation(
          kPermissionManage, HResult::E_ACCESSDENIED,
          [&](AuthorityCase& lab) {
            return of(must(lab.ca->set_template_published("CodeSigning", true, "Administrator")));
          },
          [&](AuthorityCase& lab) { return of(must(lab.ca->set_template_published("CodeSigning", true, "officer"))); }),
      operation(
          kPermissionRead, HResult::E_ACCESSDENIED,
          [&](AuthorityCase& lab) { return of(must(lab.ca->may_read("officer"))); },
          [&](AuthorityCase& lab) {
            EXPECT_TRUE(must(lab.ca->remove_from_security("Authenticated Users", "")));
            return of(must(lab.ca->may_read("jane")));
          }),
      operation(
          kOfficerRestriction, HResult::CERTSRV_E_RESTRICTEDOFFICER,
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 1, "officer"))); },
          [&](AuthorityCase& lab) {
            lab.ca->configure([](CaConfig& config) { config.OfficerRights = make_restrictions({}); });
            return of(must(lab.ca->revoke(lab.serial(), 1, "officer")));
          }),
      operation(
          kSecurityKeepsAdministrator, HResult::CERTSRV_E_NO_CAADMIN_DEFINED,
          [&](AuthorityCase& lab) { return of(must(lab.ca->set_security(lab.ca->config().Security, ""))); },
          [&](AuthorityCase& lab) {
            SecurityDescriptor nobody = lab.ca->config().Security;
            nobody.dacl->aces.clear();
            return of(must(lab.ca->set_security(nobody, "")));
          }),
      operation(
          kTemplatePublishable, HResult::CERTSRV_E_UNKNOWN_CERT_TYPE,
          [&](AuthorityCase& lab) { return of(must(lab.ca->set_template_published("CodeSigning", true, ""))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->set_template_published("Code Signing", true, ""))); }),
      operation(
          kRowKnown, HResult::CERTSRV_E_PROPERTY_EMPTY,
          [&](AuthorityCase& lab) { return of(must(lab.ca->deny(lab.pending(), ""))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->deny(lab.pending() + 1, ""))); }),
      operation(
          kRowResolvable, HResult::CERTSRV_E_BAD_REQUESTSTATUS,
          [&](AuthorityCase& lab) { return of(must(lab.ca->deny(lab.pending(), ""))); },
          [&](AuthorityCase& lab) {
            lab.serial();
            return of(must(lab.ca->deny(1, "")));
          }),
      operation(
          kRowRevocable, HResult::ERROR_INVALID_DATA,
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 6, ""))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), -1, ""))); }),
      operation(
          kRevocationReason, HResult::E_INVALIDARG,
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 5, ""))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->revoke(lab.serial(), 7, ""))); }),
      operation(
          kRowDeletion, HResult::E_INVALIDARG,
          [&](AuthorityCase& lab) { return of(must(lab.ca->delete_rows({.row_id = 1}, ""))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->delete_rows({.row_id = 0}, ""))); }),
      operation(
          kServerRunning, HResult::CERTSRV_E_SERVER_SUSPENDED, [&](AuthorityCase&) { return back_up_beside(false); },
          [&](AuthorityCase&) { return back_up_beside(true); }),
      operation(
          kRenewalParent, HResult::CERT_E_EXPIRED,
          [&](AuthorityCase& lab) { return of(must(lab.ca->renew(false, lab.keys, ""))); },
          [&](AuthorityCase& lab) {
            lab.clock.set(lab.ca->identity().root.not_after() + 1);
            return of(must(lab.ca->renew(false, lab.keys, "")));
          }),
      operation(
          kCrlNextPublish, HResult::E_INVALIDARG,
          [&](AuthorityCase& lab) { return of(must(lab.ca->publish_crl("", {.next_publish = lab.clock.now()}))); },
          [&](AuthorityCase& lab) { return of(must(lab.ca->publish_crl("", {.next_publish = lab.clock.now() - 1}))); }),
      operation(
          kCrlDeltaEnabled, HResult::ERROR_NOT_SUPPORTED,
          [&](AuthorityCase& lab) {
            return of(must(lab.ca->publish_crl("", {.lists = CrlPublication::Lists::delta})));
          },
          [&](AuthorityCase& lab) {
            lab.ca->configure([](CaConfig& config) { config.CRLDeltaPeriod = 0; });
            return of(must(lab.ca->publish_crl("", {.lists = CrlPublication::Lists::delta})));
          }),
  };
  for (Row& row : operations) rows.push_back(std::move(row));
  return rows;
}

TEST(RuleTable, EveryRuleLetsTheGoodCasePassAndTellsTheSmallestChange) {
  for (const Row& row : table()) {
    const Trace good = row.good();
    EXPECT_EQ(good.deciding(), nullptr) << row.rule->id << "\n" << explain(good);
    EXPECT_FALSE(good.has(row.rule->id, Verdict::warn)) << row.rule->id << "\n" << explain(good);
    const Trace bad = row.bad();
    EXPECT_TRUE(bad.has(row.rule->id, row.changed)) << row.rule->id << "\n" << explain(bad);
    if (row.changed != Verdict::fail) {
      EXPECT_EQ(bad.deciding(), nullptr) << row.rule->id << "\n" << explain(bad);
      continue;
    }
    ASSERT_NE(bad.deciding(), nullptr) << row.rule->id;
    EXPECT_EQ(bad.deciding()->rule->id, row.rule->id) << explain(bad);
    EXPECT_EQ(bad.deciding()->code, row.code) << row.rule->id << " " << describe(bad.deciding()->code);
  }
}

TEST(RuleTable, HoldsEveryRuleOnce) {
  std::multiset<std::string_view> listed;
  for (const Row& row : table()) listed.insert(row.rule->id);
  for (const Rule* rule : rules()) {
    if (rule->id.starts_with("ca.lint.")) continue;  // audit/lint/authority_linter_test.cc has their table
    EXPECT_EQ(listed.count(rule->id), 1U) << rule->id;
  }
}

}  // namespace
}  // namespace mimica::ca
