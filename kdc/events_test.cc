#include "kdc/events.h"

#include <gtest/gtest.h>

#include <set>

#include "core/windows/event_text.h"
#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

const Timestamp kEventsNow = at("2025-03-01T08:00:00Z");

CertificateText text() { return certificate_text(test_pki().ca.issue({})); }
std::vector<std::string> names(const Event& event) {
  std::vector<std::string> out;
  for (const Fact& fact : event.data) out.push_back(fact.name);
  return out;
}
using Names = std::vector<std::string>;

TEST(Events, PrintCertificatesAsWindowsDoes) {
  const Certificate certificate = test_pki().ca.issue({});
  const CertificateText got = certificate_text(certificate);
  EXPECT_EQ(got.subject, "@@@CN=jane, CN=Users, DC=contoso, DC=com");
  EXPECT_EQ(got.issuer, "CONTOSO-CA");
  EXPECT_EQ(got.serial, "2B0000000011AC0000000012");
  EXPECT_EQ(got.thumbprint, to_hex_upper(digest(Digest::sha1, certificate.der())));
  LeafSpec nameless;
  nameless.subject = "";
  EXPECT_EQ(certificate_text(test_pki().ca.issue(nameless)).subject, "");
}

TEST(Events, HaveTheDataOfTheirWindowsTwins) {
  const Names five = {"AccountName", "Subject", "Issuer", "SerialNumber", "Thumbprint"};
  const Event weak = events::no_strong_mapping("jane", text(), true, kEventsNow);
  EXPECT_EQ(weak.id(), 39);
  EXPECT_EQ(weak.level, EventLevel::warning);
  EXPECT_EQ(names(weak), five);
  EXPECT_EQ(events::no_strong_mapping("jane", text(), false, kEventsNow).level, EventLevel::error);

  Names forty = five;
  forty.insert(forty.end(), {"CertificateIssuanceTime", "AccountCreationTime"});
  const Event old =
      events::certificate_predates_account("jane", text(), at("2020-01-01"), at("2024-01-01"), kEventsNow);
  EXPECT_EQ(old.id(), 40);
  EXPECT_EQ(names(old), forty);
  EXPECT_EQ(old["AccountCreationTime"], "2024-01-01T00:00:00Z");

  const Event sids = events::sid_mismatch("LAPTOP-01$", kJaneSid, text(), kOtherSid.to_string(), kEventsNow);
  EXPECT_EQ(sids.id(), 41);
  EXPECT_EQ(sids.level, EventLevel::error);
  EXPECT_EQ(names(sids),
            (Names{"AccountName", "AccountSid", "Subject", "Issuer", "SerialNumber", "Thumbprint", "CertificateSid"}));
  EXPECT_EQ(sids["AccountSid"], kJaneSid.to_string());
  EXPECT_EQ(sids["CertificateSid"], kOtherSid.to_string());

  const Event audit = events::not_in_nt_auth("jane", text(), kEventsNow);
  EXPECT_EQ(audit.id(), 45);
  EXPECT_EQ(audit.level, EventLevel::warning);
  EXPECT_EQ(names(audit), five);

  const Event bad = events::client_certificate_invalid("CONTOSO", "jane", HResult::CERT_E_UNTRUSTEDCA, 1, kEventsNow);
  EXPECT_EQ(bad.id(), 21);
  EXPECT_EQ(bad.level, EventLevel::warning);
  EXPECT_EQ(names(bad), (Names{"Domain", "Username", "Status"}));
  EXPECT_EQ(to_hex_upper(bad.binary), "1800000012010B800000000001000000");
  EXPECT_EQ(events::no_kdc_certificate(kEventsNow).id(), 19);
}

TEST(Events, TicketRequestsTellSuccessFromFailure) {
  const Names fields = {"TargetUserName",   "TargetDomainName", "TargetSid", "ServiceName",
                        "ServiceSid",       "TicketOptions",    "Status",    "TicketEncryptionType",
                        "PreAuthType",      "IpAddress",        "IpPort",    "CertIssuerName",
                        "CertSerialNumber", "CertThumbprint"};
  const Event failed = events::ticket_request("jane", "contoso.com", kJaneSid, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                                              text(), kEventsNow);
  EXPECT_EQ(names(failed), fields);
  EXPECT_EQ(failed["Status"], "0x42");
  EXPECT_EQ(failed["TargetSid"], "S-1-0-0");
  EXPECT_EQ(failed["ServiceName"], "krbtgt/CONTOSO.COM");
  EXPECT_EQ(failed["ServiceSid"], "S-1-0-0");
  EXPECT_EQ(failed["TicketEncryptionType"], "0xffffffff");
  EXPECT_EQ(failed["PreAuthType"], "-");
  EXPECT_EQ(failed["IpAddress"], "-");
  EXPECT_EQ(failed["CertSerialNumber"], "2B0000000011AC0000000012");
  EXPECT_EQ(failed.keywords, event_keywords::kAuditFailure);
  EXPECT_EQ(failed.level, EventLevel::log_always);
  EXPECT_EQ(failed.kind->provider, &kSecurityAuditing);
  EXPECT_EQ(failed.kind->channel, "Security");

  const TicketExchange exchange{0x40810010, 17, "::ffff:10.0.0.12", "49273"};
  const Event ok =
      events::ticket_request("jane", "contoso.com", kJaneSid, KrbError::KDC_ERR_NONE, text(), kEventsNow, exchange);
  EXPECT_EQ(names(ok), fields);
  EXPECT_EQ(ok["Status"], "0x0");
  EXPECT_EQ(ok["TargetSid"], kJaneSid.to_string());
  EXPECT_EQ(ok["ServiceName"], "krbtgt");
  EXPECT_EQ(ok["ServiceSid"], kJaneSid.domain().to_string() + "-502");
  EXPECT_EQ(ok["TicketOptions"], "0x40810010");
  EXPECT_EQ(ok["TicketEncryptionType"], "0x11");
  EXPECT_EQ(ok["PreAuthType"], "16");
  EXPECT_EQ(ok["IpAddress"], "::ffff:10.0.0.12");
  EXPECT_EQ(ok["IpPort"], "49273");
  EXPECT_EQ(ok.keywords, event_keywords::kAuditSuccess);
}

TEST(Events, CarryTheHeadersOfTheirLogs) {
  const std::string system =
      event_xml(events::client_certificate_invalid("CONTOSO", "jane", HResult::CERT_E_EXPIRED, 0, kEventsNow));
  for (const char* part : {"<Provider Name=\"Microsoft-Windows-Kerberos-Key-Distribution-Center\" "
                           "Guid=\"{3FD9DA1A-5A54-46C5-9A26-9BD7C0685056}\" EventSourceName=\"KDC\"/>",
                           "<EventID Qualifiers=\"32768\">21</EventID>", "<Keywords>0x80000000000000</Keywords>",
                           "<Channel>System</Channel>", "<Binary>18000000"})
    EXPECT_NE(system.find(part), std::string::npos) << part;
  const std::string operational = event_xml(events::name_policy_unreadable("x", kEventsNow));
  EXPECT_NE(operational.find("<EventID>313</EventID>"), std::string::npos);
  EXPECT_EQ(operational.find("EventSourceName"), std::string::npos);
  EXPECT_NE(event_xml(events::kdc_certificate_not_verified(kEventsNow)).find("<EventData/>"), std::string::npos);
}

TEST(Events, AreListedOnceWithEverythingTheirTableNeeds) {
  std::set<int> ids;
  for (const EventKind* kind : event_kinds()) {
    EXPECT_TRUE(ids.insert(kind->id).second);
    EXPECT_NE(kind->provider, nullptr);
    for (const std::string_view text : {kind->party, kind->channel, kind->text, kind->when, kind->citation})
      EXPECT_FALSE(text.empty()) << kind->id;
    for (const EventField& field : kind->fields) EXPECT_FALSE(field.label.empty()) << kind->id;
  }
  EXPECT_EQ(ids, (std::set<int>{19, 21, 29, 39, 40, 41, 45, 313, 4768}));
}

TEST(Events, LabelTheirData) {
  const Event event = events::no_strong_mapping("jane", text(), true, kEventsNow);
  EXPECT_NE(message(event).find("\n  User: jane\n  Certificate Subject: @@@CN=jane"), std::string::npos);
}

}  // namespace
}  // namespace mimica::kdc
