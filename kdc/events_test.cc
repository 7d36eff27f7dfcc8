#include "kdc/events.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "kdc/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

const Timestamp kNow = at("2025-03-01T08:00:00Z");

CertificateText text() { return certificate_text(pki().ca.issue({})); }
std::vector<std::string> names(const Event& event) {
  std::vector<std::string> out;
  for (const Fact& fact : event.data) out.push_back(fact.name);
  return out;
}
using Names = std::vector<std::string>;

TEST(Events, PrintCertificatesAsWindowsDoes) {
  const Certificate certificate = pki().ca.issue({});
  const CertificateText got = certificate_text(certificate);
  EXPECT_EQ(got.subject, "@@@CN=jane, CN=Users, DC=contoso, DC=com");
  EXPECT_EQ(got.issuer, "CONTOSO-CA");
  EXPECT_EQ(got.serial, "2B0000000011AC0000000012");
  EXPECT_EQ(got.thumbprint, to_hex_upper(digest(Digest::sha1, certificate.der())));
  LeafSpec nameless;
  nameless.subject = "";
  EXPECT_EQ(certificate_text(pki().ca.issue(nameless)).subject, "");
}

TEST(Events, HaveTheDataOfTheirWindowsTwins) {
  const Names five = {"AccountName", "Subject", "Issuer", "SerialNumber", "Thumbprint"};
  const Event weak = events::no_strong_mapping("jane", text(), true, kNow);
  EXPECT_EQ(weak.id, 39);
  EXPECT_EQ(weak.level, Event::Level::warning);
  EXPECT_EQ(names(weak), five);
  EXPECT_EQ(events::no_strong_mapping("jane", text(), false, kNow).level, Event::Level::error);

  Names forty = five;
  forty.insert(forty.end(), {"CertificateIssuanceTime", "AccountCreationTime"});
  const Event old = events::certificate_predates_account("jane", text(), at("2020-01-01"), at("2024-01-01"), kNow);
  EXPECT_EQ(old.id, 40);
  EXPECT_EQ(names(old), forty);
  EXPECT_EQ(old["AccountCreationTime"], "2024-01-01T00:00:00Z");

  const Event sids = events::sid_mismatch("LAPTOP-01$", kJaneSid, text(), kOtherSid.to_string(), kNow);
  EXPECT_EQ(sids.id, 41);
  EXPECT_EQ(sids.level, Event::Level::error);
  EXPECT_EQ(names(sids),
            (Names{"AccountName", "AccountSid", "Subject", "Issuer", "SerialNumber", "Thumbprint", "CertificateSid"}));
  EXPECT_EQ(sids["AccountSid"], kJaneSid.to_string());
  EXPECT_EQ(sids["CertificateSid"], kOtherSid.to_string());

  const Event audit = events::not_in_nt_auth("jane", text(), kNow);
  EXPECT_EQ(audit.id, 45);
  EXPECT_EQ(audit.level, Event::Level::warning);
  EXPECT_EQ(names(audit), five);

  const Event bad = events::client_certificate_invalid("CONTOSO", "jane", HResult::CERT_E_UNTRUSTEDCA, 1, kNow);
  EXPECT_EQ(bad.id, 21);
  EXPECT_EQ(bad.level, Event::Level::warning);
  EXPECT_EQ(names(bad), (Names{"Domain", "Username", "Status"}));
  EXPECT_EQ(to_hex_upper(bad.binary), "1800000012010B800000000001000000");
  EXPECT_EQ(events::no_kdc_certificate(kNow).id, 19);
}

TEST(Events, TicketRequestsTellSuccessFromFailure) {
  const Event failed =
      events::ticket_request("jane", "contoso.com", {}, KrbError::KDC_ERR_CERTIFICATE_MISMATCH, text(), kNow);
  EXPECT_EQ(failed["Status"], "0x42");
  EXPECT_EQ(failed["TargetSid"], "S-1-0-0");
  EXPECT_EQ(failed["ServiceName"], "krbtgt/CONTOSO.COM");
  EXPECT_EQ(failed["TicketEncryptionType"], "0xffffffff");
  EXPECT_EQ(failed["CertSerialNumber"], "2B0000000011AC0000000012");
  EXPECT_EQ(provider(failed), "Microsoft-Windows-Security-Auditing");
  const Event ok = events::ticket_request("jane", "contoso.com", kJaneSid, KrbError::KDC_ERR_NONE, text(), kNow);
  EXPECT_EQ(ok["Status"], "0x0");
  EXPECT_EQ(ok["TargetSid"], kJaneSid.to_string());
  EXPECT_EQ(ok[""], "");
}

TEST(Events, RenderAsTextAndJson) {
  const Event event = events::no_strong_mapping("jane", text(), true, kNow);
  EXPECT_NE(message(event).find("\n  User: jane\n  Certificate Subject: @@@CN=jane"), std::string::npos);
  const auto json = boost::json::parse(to_json(event)).as_object();
  EXPECT_EQ(json.at("id").as_int64(), 39);
  EXPECT_EQ(json.at("level").as_string(), "Warning");
  EXPECT_EQ(json.at("log").as_string(), "System");
  EXPECT_EQ(json.at("time").as_string(), "2025-03-01T08:00:00Z");
  EXPECT_EQ(json.at("data").as_object().at("Issuer").as_string(), "CONTOSO-CA");
}

TEST(EventLog, AppendsAndAnswersById) {
  EventLog log;
  log.append(events::no_kdc_certificate(kNow));
  log.append({events::no_strong_mapping("jane", text(), true, kNow + 60),
              events::no_strong_mapping("bob", text(), false, kNow + 120)});
  EXPECT_EQ(log.with_id(39).size(), 2U);
  EXPECT_EQ(log.since(kNow + 60).size(), 2U);
  ASSERT_NE(log.last(39), nullptr);
  EXPECT_EQ((*log.last(39))["AccountName"], "bob");
  EXPECT_EQ(log.last(41), nullptr);
  log.clear();
  EXPECT_TRUE(log.events().empty());
}

}  // namespace
}  // namespace mimica::kdc
