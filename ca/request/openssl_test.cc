// What the CA makes, read by the openssl program.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "ca/faces/publication/publication.h"
#include "ca/testing/test_lab.h"
#include "net/io/http_server.h"

namespace mimica::ca {
namespace {

class OpensslTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v openssl >/dev/null 2>&1") != 0) GTEST_SKIP() << "the openssl program is not installed";
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-ca-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  std::string file(const std::string& name, std::string_view content) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  // Standard output and error together.
  static std::string run(const std::string& command) {
    std::string out;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> buffer{};
    for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      out.append(buffer.data(), count);
    ::pclose(pipe);
    return out;
  }
  std::filesystem::path folder_;
};

TEST_F(OpensslTest, VerifiesChainAndRevocationList) {
  // The certificates are looked at now, so the lab runs at the machine's time.
  TestLab lab;
  const std::string now = run("date -u +%Y-%m-%dT%H:%M:%SZ");
  lab.clock.set(must(parse_iso(trim(now))));
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  const SubmitOutcome outcome =
      must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
  ASSERT_EQ(outcome.disposition, Disposition::issued);
  const Certificate certificate = must(Certificate::parse(outcome.certificate));
  const std::string leaf = file("leaf.pem", certificate.pem());
  const std::string issuing = file("issuing.pem", lab.ca->ca_certificate().pem());
  const std::string root = file("root.pem", lab.ca->identity().root.pem());
  const auto crl_file = [&](const Bytes& der, const Bytes& root_der) {
    return file("crls.pem", to_pem("X509 CRL", der) + to_pem("X509 CRL", root_der));
  };
  const Bytes root_crl = must(lab.ca->current_root_crl()).CRLRawCRL;
  const std::string verify = "openssl verify -crl_check -CAfile " + root + " -untrusted " + issuing + " -CRLfile ";
  std::string crls = crl_file(must(lab.ca->current_crl()).CRLRawCRL, root_crl);
  EXPECT_NE(run(verify + crls + " " + leaf).find(leaf + ": OK"), std::string::npos) << run(verify + crls + " " + leaf);
  const std::string whole_chain = run("openssl verify -crl_check_all -CAfile " + root + " -untrusted " + issuing +
                                      " -CRLfile " + crls + " " + leaf);
  EXPECT_NE(whole_chain.find(": OK"), std::string::npos) << whole_chain;

  EXPECT_TRUE(must(lab.ca->revoke(certificate.serial_hex(), 1, "")));
  crls = crl_file(must(lab.ca->publish_crl("")).granted->CRLRawCRL, root_crl);
  EXPECT_NE(run(verify + crls + " " + leaf).find("certificate revoked"), std::string::npos);
}

TEST_F(OpensslTest, PrintsEveryExtension) {
  TestLab lab;
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  const SubmitOutcome outcome =
      must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
  const std::string path = file("leaf.pem", must(Certificate::parse(outcome.certificate)).pem());
  const std::string text = run("openssl x509 -in " + path + " -noout -text");
  for (const char* part :
       {"Issuer: DC = com, DC = contoso, CN = CONTOSO-CA",
        "Subject: DC = com, DC = contoso, CN = Users, CN = jane, emailAddress = jane@contoso.com",
        "Not Before: Nov 20 07:50:00 2024 GMT", "Not After : Nov 20 07:50:00 2025 GMT", "1.3.6.1.4.1.311.20.2",
        "X509v3 Key Usage: critical", "Digital Signature, Key Encipherment", "TLS Web Client Authentication",
        "1.3.6.1.4.1.311.25.2", "email:jane@contoso.com", "othername: UPN", "S/MIME Capabilities",
        "URI:http://127.0.0.1:8080/CertEnroll/CONTOSO-CA.crl",
        "URI:http://127.0.0.1:8080/CertEnroll/ca01.contoso.com_CONTOSO-CA.crt",
        "URI:ldap:///"
        "CN=CONTOSO-CA,CN=CA01,CN=CDP,CN=Public%20Key%20Services,CN=Services,CN=Configuration,DC=contoso,DC=com?"
        "certificateRevocationList?base?objectClass=cRLDistributionPoint"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const std::string ca = run("openssl x509 -noout -text -in " + file("ca.pem", lab.ca->ca_certificate().pem()));
  EXPECT_NE(ca.find("CA:TRUE"), std::string::npos);
  EXPECT_NE(ca.find("Digital Signature, Certificate Sign, CRL Sign"), std::string::npos);
  const std::string crl =
      run("openssl crl -noout -text -in " + file("crl.pem", to_pem("X509 CRL", must(lab.ca->current_crl()).CRLRawCRL)));
  EXPECT_NE(crl.find("X509v3 CRL Number"), std::string::npos) << crl;
  EXPECT_NE(crl.find("1.3.6.1.4.1.311.21.4"), std::string::npos) << crl;
}

TEST_F(OpensslTest, FetchesTheListFromItsUrl) {
  TestLab lab;
  CertificationAuthority* ca = nullptr;
  const auto server =
      must(HttpServer::start({}, [&](const HttpRequest& request) { return serve_publication(request, *ca); }));
  set_http_base(lab.config, server->base_url());
  ca = &lab.start();
  const std::string url = server->base_url() + "/CertEnroll/CONTOSO-CA.crl";
  const auto points =
      must(ext::parse_distribution_points(ca->ca_certificate().extension(oids::kCrlDistributionPoints)->value));
  EXPECT_EQ(points.front().substr(0, server->base_url().size()), server->base_url());
  const std::string text = run("openssl crl -in " + url + " -noout -crlnumber");
  EXPECT_NE(text.find("crlNumber=0x01"), std::string::npos) << text;
}

}  // namespace
}  // namespace mimica::ca
