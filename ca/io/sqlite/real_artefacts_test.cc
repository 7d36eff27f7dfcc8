// What a Windows Server 2016 CA issued about itself, against what a CA of ours with the same names and times issues.
// The artefacts lie outside the project: MIMICA_SHARED_DATA names their folder.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "ca/revocation/crl.h"
#include "ca/testing/test_lab.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"

namespace mimica::ca {
namespace {

class RealArtefacts : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MIMICA_SHARED_DATA");
    if (folder == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
    const std::string path = std::string(folder) + "/windows-exports/ws2016-ca-artefacts.pem";
    std::ifstream in(path);
    if (!in) GTEST_SKIP() << path << " is not there";
    text_.assign(std::istreambuf_iterator<char>(in), {});

    ldap::ForestOptions forest;
    forest.dns_name = "dom.local";
    forest.netbios_name = "DOM";
    lab.clock.set(must(parse_iso("2023-06-10T11:10:21Z")));
    lab.dsa = must(ldap::create_forest(forest, lab.clock, lab.entropy));
    lab.directory = ldap::in_process(*lab.dsa, ldap::Caller::system());
    lab.contexts = must(ldap::read_naming_contexts(*lab.directory));
    lab.config = default_config(CaType::enterprise_root, lab.dsa->domain_sid());
    lab.config.CommonName = "dom-ADCS-CA";
    lab.config.CAServerName = "ADCS.dom.local";
    lab.config.SignatureDigest = Digest::sha512;
    lab.config.CRLPublicationURLs.pop_back();  // a fresh Windows CA puts no http URL into what it signs
    lab.options.key = {KeyKind::rsa, 4096};
    lab.options.two_tier = false;
    lab.start();
  }

  // The n-th block with that label.
  Bytes block(const std::string& label, int n) const {
    const std::string begin = "-----BEGIN " + label;
    std::size_t at = text_.find(begin);
    for (int i = 0; i < n; ++i) at = text_.find(begin, at + 1);
    return from_pem(label, std::string_view(text_).substr(at)).value_or(Bytes{});
  }

  // Same extensions in the same order and criticality; those in `own` differ by the key alone. Answers how many values
  // are equal octet by octet.
  static int compare(const std::vector<Extension>& real, const std::vector<Extension>& ours,
                     const std::vector<Oid>& own) {
    EXPECT_EQ(real.size(), ours.size());
    int equal = 0;
    for (std::size_t i = 0; i < std::min(real.size(), ours.size()); ++i) {
      EXPECT_EQ(real[i].oid, ours[i].oid) << i;
      EXPECT_EQ(real[i].critical, ours[i].critical) << real[i].oid.dotted();
      if (std::find(own.begin(), own.end(), real[i].oid) != own.end()) {
        EXPECT_EQ(real[i].value.size(), ours[i].value.size()) << real[i].oid.dotted();
        continue;
      }
      EXPECT_EQ(to_hex(real[i].value), to_hex(ours[i].value)) << real[i].oid.dotted();
      ++equal;
    }
    return equal;
  }

  void compare_lists(const Bytes& real_der, const Bytes& our_der) {
    const Crl real = must(Crl::parse(real_der));
    const Crl ours = must(Crl::parse(our_der));
    EXPECT_EQ(to_hex(real.issuer_der()), to_hex(ours.issuer_der()));
    EXPECT_EQ(real.this_update(), ours.this_update());
    EXPECT_EQ(real.next_update(), ours.next_update());
    EXPECT_EQ(real.revoked().size(), ours.revoked().size());
    EXPECT_EQ(compare(real.extensions(), ours.extensions(), {oids::kAuthorityKeyIdentifier}), 5);
    EXPECT_EQ(real_der.size(), our_der.size());
  }

  std::string text_;
  TestLab lab{CaType::enterprise_root};
};

TEST_F(RealArtefacts, BaseCrl) { compare_lists(block("X509 CRL", 0), must(lab.ca->current_crl()).CRLRawCRL); }
TEST_F(RealArtefacts, DeltaCrl) { compare_lists(block("X509 CRL", 1), must(lab.ca->current_delta_crl())->CRLRawCRL); }

TEST_F(RealArtefacts, RootCertificate) {
  const Certificate real = must(Certificate::parse(block("CERTIFICATE", 0)));
  const Certificate& ours = lab.ca->ca_certificate();
  EXPECT_EQ(to_hex(real.subject_der()), to_hex(ours.subject_der()));
  EXPECT_EQ(to_hex(real.issuer_der()), to_hex(ours.issuer_der()));
  EXPECT_EQ(real.serial().size(), ours.serial().size());
  EXPECT_EQ(to_hex(real.signature_algorithm()), to_hex(ours.signature_algorithm()));
  EXPECT_EQ(compare(real.extensions(), ours.extensions(), {oids::kSubjectKeyIdentifier}), 3);
  EXPECT_EQ(ca_version(real), ca_version(ours));
}

}  // namespace
}  // namespace mimica::ca
