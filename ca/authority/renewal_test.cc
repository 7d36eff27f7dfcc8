#include <gtest/gtest.h>

#include <functional>

#include "ca/issue/ca_certificates.h"
#include "ca/publication/directory_objects.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "ca/testing/test_lab.h"
#include "core/pki/chain.h"

namespace mimica::ca {
namespace {

class RenewalTest : public testing::TestWithParam<CaType> {
 protected:
  RenewalTest() : lab(GetParam()) {}
  void SetUp() override {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
  }
  Certificate renew(bool new_key) {
    lab.clock.advance(kDay);
    const auto renewed = must(lab.ca->renew(new_key, lab.keys, ""));
    EXPECT_TRUE(renewed.trace.has(kRenewalParent.id, Verdict::pass));
    return *renewed.granted;
  }
  Certificate issue() {
    const SubmitOutcome outcome =
        must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
    return must(Certificate::parse(outcome.certificate));
  }
  std::vector<std::string> values(const std::string& dn, const std::string& attribute) {
    const auto entry = must(ldap::read_entry(*lab.directory, dn, {attribute}));
    return entry ? entry->values(attribute) : std::vector<std::string>{};
  }
  static std::string text(const Certificate& certificate) { return mimica::to_string(BytesView(certificate.der())); }
  bool is_root() const { return GetParam() == CaType::enterprise_root; }
  std::vector<std::string> published() {
    std::vector<std::string> names;
    for (const PublishedFile& file : must(lab.ca->published_files())) names.push_back(file.name);
    return names;
  }
  ChainStatus chain_status(const Certificate& leaf, int key_index) {
    ChainInput input;
    input.leaf = leaf;
    for (const SigningCertificate& one : lab.ca->signing_certificates()) input.intermediates.push_back(one.certificate);
    input.anchors = {lab.ca->identity().root};
    if (is_root())
      for (const SigningCertificate& one : lab.ca->signing_certificates()) input.anchors.push_back(one.certificate);
    input.crls = {must(lab.ca->crl(key_index, CrlKind::base))->CRLRawCRL};
    input.at = lab.clock.now();
    return build_chain(input).status;
  }
  TestLab lab;
};
INSTANTIATE_TEST_SUITE_P(RootAndSubordinate, RenewalTest,
                         testing::Values(CaType::enterprise_root, CaType::enterprise_sub), [](const auto& test) {
                           return test.param == CaType::enterprise_root ? "Root" : "Subordinate";
                         });

// The table of "Certification Authority Renewal", Microsoft Learn.
TEST_P(RenewalTest, IndexesFollowTheDocumentedTable) {
  const std::vector<std::pair<bool, int>> table = {{true, 1},  {false, 1}, {false, 1}, {true, 4},
                                                   {false, 4}, {true, 6},  {false, 6}};
  int index = 0;
  EXPECT_EQ(ca_version(lab.ca->ca_certificate()), 0);
  for (const auto& [new_key, key_index] : table) {
    const Certificate before = lab.ca->ca_certificate();
    const Certificate renewed = renew(new_key);
    ++index;
    EXPECT_EQ(certificate_index_of(renewed), index);
    EXPECT_EQ(key_index_of(renewed), key_index);
    EXPECT_EQ(renewed.public_key().spki() == before.public_key().spki(), !new_key);
    EXPECT_EQ(renewed.extension(oids::kPreviousCaHash)->value, der::octet_string(before.thumbprint()));
    EXPECT_EQ(lab.ca->ca_certificate().der(), renewed.der());
    EXPECT_EQ(lab.ca->tokens().certificate_index, index);
    EXPECT_EQ(lab.ca->tokens().key_index, key_index);
    EXPECT_EQ(renewed.not_before(), lab.clock.now() - 10 * kMinute);
  }
  EXPECT_EQ(lab.ca->signing_certificates().size(), 8U);
  EXPECT_TRUE(lab.ca->signing_certificates()[3].key.empty());
  EXPECT_EQ(to_hex(lab.ca->ca_certificate().extension(oids::kCaVersion)->value), "0203060007");
}

TEST_P(RenewalTest, NewCertificatesComeFromTheNewKey) {
  const Certificate before = issue();
  const Certificate renewed = renew(true);
  const Certificate after = issue();
  EXPECT_TRUE(must(after.signed_by(renewed.public_key())));
  EXPECT_FALSE(must(before.signed_by(renewed.public_key())));
  EXPECT_EQ(must(ext::parse_authority_key_identifier(after.extension(oids::kAuthorityKeyIdentifier)->value)),
            *renewed.subject_key_identifier());
  // 61 | request | random | index of the CA certificate | request
  EXPECT_EQ(after.serial_hex().substr(26, 4), "0001");
  EXPECT_EQ(before.serial_hex().substr(26, 4), "0000");
  const auto points = must(ext::parse_distribution_points(after.extension(oids::kCrlDistributionPoints)->value));
  EXPECT_EQ(points[0].find("ldap:///CN=CONTOSO-CA(1),CN=CA01,CN=CDP,"), 0U) << points[0];
  EXPECT_EQ(points[1], "http://127.0.0.1:8080/CertEnroll/CONTOSO-CA(1).crl");
  const auto access = must(ext::parse_authority_info_access(after.extension(oids::kAuthorityInfoAccess)->value));
  EXPECT_EQ(access[0].url.find("ldap:///CN=CONTOSO-CA,CN=AIA,"), 0U);
  EXPECT_EQ(access[1].url, "http://127.0.0.1:8080/CertEnroll/ca01.contoso.com_CONTOSO-CA(1).crt");
  EXPECT_EQ(must(lab.database->by_serial(after.serial_hex()))->certificate->IssuerNameID, 0x10001);
  EXPECT_EQ(chain_status(after, 1), ChainStatus::ok);
  EXPECT_EQ(chain_status(before, 0), ChainStatus::ok);
}

TEST_P(RenewalTest, EachKeyHasItsLists) {
  const Certificate before = issue();
  const Certificate old_ca = lab.ca->ca_certificate();
  const Certificate renewed = renew(true);
  const Certificate after = issue();
  EXPECT_TRUE(must(lab.ca->revoke(before.serial_hex(), 1, "")));
  EXPECT_TRUE(must(lab.ca->revoke(after.serial_hex(), 4, "")));
  EXPECT_EQ(must(lab.ca->publish_crl("")).granted->CRLNameId, 1);
  for (const auto& [index, ca, leaf] : {std::tuple{0, &old_ca, &before}, std::tuple{1, &renewed, &after}}) {
    const CrlRow row = *must(lab.ca->crl(index, CrlKind::base));
    const Crl list = must(Crl::parse(row.CRLRawCRL));
    EXPECT_TRUE(must(list.signed_by(ca->public_key())));
    ASSERT_EQ(list.revoked().size(), 1U);
    EXPECT_EQ(list.revoked()[0].serial, leaf->serial());
    EXPECT_EQ(row.CRLNumber, 3);  // the same for all keys
    EXPECT_EQ(find(list.extensions(), oids::kCaVersion)->value, ca->extension(oids::kCaVersion)->value);
    const Crl delta = must(Crl::parse(must(lab.ca->crl(index, CrlKind::delta))->CRLRawCRL));
    EXPECT_TRUE(must(delta.signed_by(ca->public_key())));
    const std::string dn = crl_object_dn(lab.contexts, "CONTOSO-CA", "ca01.contoso.com", index);
    EXPECT_EQ(values(dn, "certificateRevocationList"), std::vector{mimica::to_string(BytesView(list.der()))});
    EXPECT_EQ(values(dn, "deltaRevocationList"), std::vector{mimica::to_string(BytesView(delta.der()))});
    EXPECT_EQ(chain_status(*leaf, index), ChainStatus::revoked);
  }
}

TEST_P(RenewalTest, TheSameKeyKeepsItsList) {
  const Certificate before = issue();
  renew(false);
  EXPECT_EQ(must(lab.ca->current_crl()).CRLNameId, 0);
  EXPECT_TRUE(must(lab.ca->revoke(before.serial_hex(), 1, "")));
  EXPECT_EQ(must(lab.ca->publish_crl("")).granted->CRLCount, 1);
  const std::vector<std::string> names = published();
  EXPECT_EQ(std::count(names.begin(), names.end(), "CONTOSO-CA.crl"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "ca01.contoso.com_CONTOSO-CA(1).crt"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "CONTOSO-CA(1).crl"), 0);
}

TEST_P(RenewalTest, TheDirectoryLearnsOfIt) {
  const Certificate before = lab.ca->ca_certificate();
  lab.new_events();
  const Certificate renewed = renew(true);
  const auto holds = [&](const std::vector<std::string>& list, const Certificate& certificate) {
    return std::find(list.begin(), list.end(), text(certificate)) != list.end();
  };
  const std::string aia = "CN=CONTOSO-CA," + lab.contexts.aia();
  for (const std::string& dn : {aia, lab.contexts.nt_auth()}) {
    EXPECT_TRUE(holds(values(dn, "cACertificate"), before)) << dn;
    EXPECT_TRUE(holds(values(dn, "cACertificate"), renewed)) << dn;
  }
  EXPECT_EQ(values(enrollment_service_dn(lab.contexts, "CONTOSO-CA"), "cACertificate"), std::vector{text(renewed)});
  EXPECT_FALSE(values(enrollment_service_dn(lab.contexts, "CONTOSO-CA"), "certificateTemplates").empty());
  const auto roots = values("CN=CONTOSO-CA," + lab.contexts.certification_authorities(), "cACertificate");
  EXPECT_EQ(holds(roots, renewed), is_root());
  EXPECT_EQ(values(aia, "crossCertificatePair").size(), is_root() ? 1U : 0U);
  const std::vector<Event> events = lab.new_events();
  const auto published =
      std::find_if(events.begin(), events.end(), [](const Event& event) { return event.id() == 4895; });
  ASSERT_NE(published, events.end());
  EXPECT_EQ((*published)["CertificateHash"], to_hex(renewed.thumbprint()));
}

TEST_P(RenewalTest, AnOlderKeySignsOnRequest) {
  const Certificate old_ca = lab.ca->ca_certificate();
  renew(true);
  SubmitInput input{"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"};
  input.ca_certificate_index = 0;
  const Certificate certificate = must(Certificate::parse(must(lab.ca->submit(input)).certificate));
  EXPECT_TRUE(must(certificate.signed_by(old_ca.public_key())));
  EXPECT_EQ(must(lab.database->by_serial(certificate.serial_hex()))->certificate->IssuerNameID, 0);
  input.ca_certificate_index = 2;
  EXPECT_FALSE(lab.ca->submit(input));
}

// Passes everything on; calls `before_write` first.
class WatchedDirectory final : public ldap::Directory {
 public:
  explicit WatchedDirectory(ldap::Directory& behind) : behind_(behind) {}
  std::function<void()> before_write = [] {};
  Result<std::vector<ldap::Entry>> search(const ldap::SearchRequest& request) override {
    return behind_.search(request);
  }
  Result<void> add(const ldap::Entry& entry) override {
    before_write();
    return behind_.add(entry);
  }
  Result<void> modify(std::string_view dn, const std::vector<ldap::Modification>& modifications) override {
    before_write();
    return behind_.modify(dn, modifications);
  }
  Result<void> remove(std::string_view dn) override { return behind_.remove(dn); }

 private:
  ldap::Directory& behind_;
};

TEST_P(RenewalTest, NothingIsPublishedBeforeTheNewIdentityIsInPlace) {
  WatchedDirectory watched(*lab.directory);
  CaEnvironment environment = lab.environment();
  environment.directory = &watched;
  lab.ca = must(CertificationAuthority::open(lab.config, lab.options, lab.ca->identity(), environment));
  const Bytes old = lab.ca->ca_certificate().der();
  int writes = 0;
  watched.before_write = [&] {
    ++writes;
    EXPECT_NE(lab.ca->ca_certificate().der(), old);
  };
  EXPECT_TRUE(must(lab.ca->renew(true, lab.keys, "")));
  EXPECT_GT(writes, 0);
}

TEST_P(RenewalTest, NeedsTheRightToManage) {
  EXPECT_EQ(must(lab.ca->renew(true, lab.keys, "jane")).rule(), kPermissionManage.id);
}

TEST_P(RenewalTest, OpensAgainWithItsHistory) {
  const Certificate renewed = renew(true);
  const CaIdentity identity = lab.ca->identity();
  lab.ca = must(CertificationAuthority::open(lab.config, lab.options, identity, lab.environment()));
  EXPECT_EQ(lab.ca->tokens().key_index, 1);
  EXPECT_EQ(lab.ca->signing_certificates().size(), 2U);
  EXPECT_TRUE(must(issue().signed_by(renewed.public_key())));
  EXPECT_TRUE(must(lab.ca->crl(0, CrlKind::base)));
}

TEST(Renewal, ASubordinateNeedsItsParent) {
  TestLab lab;
  lab.start();
  CaIdentity identity = lab.ca->identity();
  identity.root_key = {};
  lab.ca = must(CertificationAuthority::open(lab.config, lab.options, identity, lab.environment()));
  const auto refused = must(lab.ca->renew(true, lab.keys, ""));
  EXPECT_EQ(refused.rule(), kRenewalParent.id);
  EXPECT_EQ(refused.code, Code{HResult::ERROR_FILE_NOT_FOUND});
}

TEST(Renewal, NotAfterTheParentsEnd) {
  TestLab lab;
  lab.start();
  lab.clock.advance(11 * 365 * kDay);
  const auto refused = must(lab.ca->renew(true, lab.keys, ""));
  EXPECT_EQ(refused.rule(), kRenewalParent.id);
  EXPECT_EQ(refused.code, Code{HResult::CERT_E_EXPIRED});
}

TEST(Renewal, CrossCertificatesLeadFromEachRootToTheOther) {
  TestLab lab(CaType::enterprise_root);
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  const auto issue = [&] {
    return must(Certificate::parse(
        must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"})).certificate));
  };
  const Certificate old_root = lab.ca->ca_certificate();
  const Certificate old_leaf = issue();
  lab.clock.advance(kDay);
  const Certificate new_root = *must(lab.ca->renew(true, lab.keys, "")).granted;
  const Certificate new_leaf = issue();
  const std::vector<SigningCertificate> all = lab.ca->signing_certificates();
  ASSERT_TRUE(all[0].forward_cross);
  ASSERT_TRUE(all[1].backward_cross);
  EXPECT_FALSE(all[0].backward_cross);
  EXPECT_FALSE(all[1].forward_cross);
  const Certificate& forward = *all[0].forward_cross;
  EXPECT_EQ(forward.template_name(), "CrossCA");
  EXPECT_EQ(forward.subject_der().size(), new_root.subject_der().size());
  EXPECT_EQ(forward.not_before(), new_root.not_before());
  EXPECT_EQ(forward.not_after(), old_root.not_after());

  ChainInput input;  // who trusts the old root accepts what the new one issues, and the other way round
  input.check_revocation = false;
  input.at = lab.clock.now();
  input.leaf = new_leaf;
  input.anchors = {old_root};
  input.intermediates = {forward};
  EXPECT_EQ(build_chain(input).status, ChainStatus::ok) << build_chain(input).detail;
  input.intermediates.clear();
  EXPECT_NE(build_chain(input).status, ChainStatus::ok);
  input.leaf = old_leaf;
  input.anchors = {new_root};
  input.intermediates = {*all[1].backward_cross};
  EXPECT_EQ(build_chain(input).status, ChainStatus::ok) << build_chain(input).detail;

  const auto entry =
      must(ldap::read_entry(*lab.directory, "CN=CONTOSO-CA," + lab.contexts.aia(), {"crossCertificatePair"}));
  const std::string pair(entry->first("crossCertificatePair"));
  DerReader reader(as_bytes(pair));
  DerReader parts = must(reader.enter(tag::kSequence));
  EXPECT_EQ(to_bytes(must(parts.expect(tag::context_constructed(0))).content), forward.der());
  EXPECT_EQ(to_bytes(must(parts.expect(tag::context_constructed(1))).content), all[1].backward_cross->der());
  // A cross certificate is revoked like others, on the list of the key that signed it.
  EXPECT_TRUE(must(lab.ca->revoke(forward.serial_hex(), 5, "")));
  EXPECT_TRUE(must(lab.ca->publish_crl("")));
  EXPECT_EQ(must(lab.ca->crl(0, CrlKind::base))->CRLCount, 1);
  EXPECT_EQ(must(lab.ca->crl(1, CrlKind::base))->CRLCount, 0);
  std::vector<std::string> names;
  for (const PublishedFile& file : must(lab.ca->published_files())) names.push_back(file.name);
  for (const char* name : {"ca01.contoso.com_CONTOSO-CA(0-1).crt", "ca01.contoso.com_CONTOSO-CA(1-0).crt",
                           "ca01.contoso.com_CONTOSO-CA(1).crt", "CONTOSO-CA(1)+.crl", "CONTOSO-CA.crl"})
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
}

TEST(Renewal, CrossCertificatesCanBeSwitchedOff) {
  TestLab lab(CaType::enterprise_root);
  lab.config.CRLFlags |= crlf::kDisableRootCrossCerts;
  lab.start();
  EXPECT_TRUE(must(lab.ca->renew(true, lab.keys, "")));
  EXPECT_FALSE(lab.ca->signing_certificates()[0].forward_cross);
}

TEST(Renewal, ListsOfAKeyEndWithItsCertificate) {
  TestLab lab(CaType::enterprise_root);
  lab.options.root_validity = 100 * kDay;
  lab.start();
  lab.clock.advance(90 * kDay);
  EXPECT_TRUE(must(lab.ca->renew(true, lab.keys, "")));
  const std::int64_t last = must(lab.ca->crl(0, CrlKind::base))->CRLNumber;
  lab.clock.advance(20 * kDay);
  EXPECT_TRUE(must(lab.ca->publish_crl("")));
  EXPECT_EQ(must(lab.ca->crl(0, CrlKind::base))->CRLNumber, last);
  lab.ca->configure([](CaConfig& config) { config.CRLFlags |= crlf::kPublishExpiredCertCrls; });
  EXPECT_TRUE(must(lab.ca->publish_crl("")));
  EXPECT_GT(must(lab.ca->crl(0, CrlKind::base))->CRLNumber, last);
}

TEST(Renewal, EveryKindOfCaKey) {
  for (const char* name : {"RSA-2048", "RSA-4096", "P-256", "P-384", "P-521"}) {
    for (const CaType type : {CaType::enterprise_root, CaType::enterprise_sub}) {
      TestLab lab(type);
      lab.options.key = must(parse_key_spec(name));
      lab.start();
      EXPECT_EQ(to_string(lab.ca->ca_certificate().public_key().spec()), name);
      const Crl list = must(Crl::parse(must(lab.ca->current_delta_crl())->CRLRawCRL));
      EXPECT_TRUE(must(list.signed_by(lab.ca->ca_certificate().public_key()))) << name;
    }
  }
}

}  // namespace
}  // namespace mimica::ca
