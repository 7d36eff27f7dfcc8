#include "kdc/events.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace mimica::kdc {
namespace {

constexpr std::string_view kNullSid = "S-1-0-0";

// Text and labels of one message; labels stand for the data fields in their order, empty ones are not printed.
struct Text {
  int id;
  std::string_view text;
  std::array<std::string_view, 7> labels;
};
constexpr std::array kTexts = {
    Text{19, "A certificate logon was attempted, but this KDC has no certificate that it could use for it.", {}},
    Text{21,
         "The certificate of the client is not valid, so the logon was refused. The chain status says why.",
         {"Domain", "User", "Chain Status"}},
    Text{39,
         "The KDC met a certificate that is valid but not securely mapped to the user: there is no explicit mapping, "
         "no key "
         "trust and no SID. Replace the certificate or map it to the user explicitly. "
         "See https://go.microsoft.com/fwlink/?linkid=2189925",
         {"User", "Certificate Subject", "Certificate Issuer", "Certificate Serial Number", "Certificate Thumbprint"}},
    Text{40,
         "The KDC met a certificate that is valid but not securely mapped to the user, and that is older than the user "
         "it "
         "maps to, so it was refused. See https://go.microsoft.com/fwlink/?linkid=2189925",
         {"User", "Certificate Subject", "Certificate Issuer", "Certificate Serial Number", "Certificate Thumbprint",
          "Certificate Issuance Time", "Account Creation Time"}},
    Text{41,
         "The KDC met a certificate that is valid but carries another SID than that of the user it maps to, so the "
         "request "
         "failed. See https://go.microsoft.com/fwlink/?linkid=2189925",
         {"User", "User SID", "Certificate Subject", "Certificate Issuer", "Certificate Serial Number",
          "Certificate Thumbprint", "Certificate SID"}},
    Text{45,
         "The KDC met a client certificate that is valid but does not chain to a CA of the NTAuth store. It was let "
         "pass "
         "for now. See https://go.microsoft.com/fwlink/?linkid=2300705",
         {"User", "Certificate Subject", "Certificate Issuer", "Certificate Serial Number", "Certificate Thumbprint"}},
    Text{313, "A rule of the policy for name-based strong mappings could not be used, so the policy is off.", {"Rule"}},
};

std::vector<Fact> certificate_data(std::string_view account, const CertificateText& certificate) {
  return {{"AccountName", std::string(account)},
          {"Subject", certificate.subject},
          {"Issuer", certificate.issuer},
          {"SerialNumber", certificate.serial},
          {"Thumbprint", certificate.thumbprint}};
}

std::string hex_status(std::uint32_t value) {
  const char* digits = "0123456789abcdef";
  std::string out;
  for (; value != 0 || out.empty(); value >>= 4) out.insert(out.begin(), digits[value & 15]);
  return "0x" + out;
}

void put32(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::string_view Event::operator[](std::string_view name) const {
  for (const Fact& fact : data)
    if (fact.name == name) return fact.value;
  return {};
}

std::string_view to_string(Event::Level level) {
  switch (level) {
    case Event::Level::error:
      return "Error";
    case Event::Level::warning:
      return "Warning";
    case Event::Level::information:
      return "Information";
  }
  return "?";
}

std::string_view to_string(Event::Log log) {
  switch (log) {
    case Event::Log::system:
      return "System";
    case Event::Log::operational:
      return "Microsoft-Windows-Kerberos-Key-Distribution-Center/Operational";
    case Event::Log::security:
      return "Security";
  }
  return "?";
}

std::string_view provider(const Event& event) {
  return event.log == Event::Log::security ? "Microsoft-Windows-Security-Auditing"
                                           : "Microsoft-Windows-Kerberos-Key-Distribution-Center";
}

std::string message(const Event& event) {
  const auto text = std::find_if(kTexts.begin(), kTexts.end(), [&](const Text& t) { return t.id == event.id; });
  std::string out = text != kTexts.end() ? std::string(text->text) : "A Kerberos ticket-granting ticket was requested.";
  for (std::size_t i = 0; i < event.data.size(); ++i) {
    const bool labelled = text != kTexts.end() && i < text->labels.size() && !text->labels[i].empty();
    out += "\n  " + (labelled ? std::string(text->labels[i]) : event.data[i].name) + ": " + event.data[i].value;
  }
  return out;
}

std::string to_json(const Event& event) {
  boost::json::object data;
  for (const Fact& fact : event.data) data[fact.name] = fact.value;
  boost::json::object out;
  out["id"] = event.id;
  out["level"] = to_string(event.level);
  out["log"] = to_string(event.log);
  out["provider"] = provider(event);
  out["time"] = to_iso(event.at);
  out["data"] = std::move(data);
  if (!event.binary.empty()) out["binary"] = to_hex_upper(event.binary);
  out["message"] = message(event);
  return boost::json::serialize(out);
}

CertificateText certificate_text(const Certificate& certificate) {
  CertificateText text;
  if (!certificate.subject().empty()) text.subject = "@@@" + certificate.subject().to_cert_str(", ");
  text.issuer = certificate.issuer().last(oids::kCommonName);
  if (text.issuer.empty()) text.issuer = certificate.issuer().to_cert_str(", ");
  text.serial = to_hex_upper(certificate.serial());
  text.thumbprint = to_hex_upper(certificate.thumbprint());
  return text;
}

namespace events {

Event no_kdc_certificate(Timestamp at) { return {19, Event::Level::error, {}, at, Event::Log::system, {}}; }

Event client_certificate_invalid(std::string_view domain, std::string_view user, HResult status, int element,
                                 Timestamp at) {
  Event event{21, Event::Level::warning, {}, at, Event::Log::system, {}};
  event.data = {
      {"Domain", std::string(domain)}, {"Username", std::string(user)}, {"Status", std::string(sentence(status))}};
  put32(event.binary, 0x18);  // cbSize of CERT_CHAIN_POLICY_STATUS
  put32(event.binary, static_cast<std::uint32_t>(status));
  put32(event.binary, 0);  // chain index
  put32(event.binary, static_cast<std::uint32_t>(element));
  return event;
}

Event no_strong_mapping(std::string_view account, const CertificateText& certificate, bool allowed, Timestamp at) {
  const auto level = allowed ? Event::Level::warning : Event::Level::error;
  return {39, level, certificate_data(account, certificate), at, Event::Log::system, {}};
}

Event certificate_predates_account(std::string_view account, const CertificateText& certificate, Timestamp issued,
                                   Timestamp created, Timestamp at) {
  Event event{40, Event::Level::error, certificate_data(account, certificate), at, Event::Log::system, {}};
  event.data.push_back({"CertificateIssuanceTime", to_iso(issued)});
  event.data.push_back({"AccountCreationTime", to_iso(created)});
  return event;
}

Event sid_mismatch(std::string_view account, const Sid& account_sid, const CertificateText& certificate,
                   std::string_view certificate_sid, Timestamp at) {
  Event event{41, Event::Level::error, certificate_data(account, certificate), at, Event::Log::system, {}};
  event.data.insert(event.data.begin() + 1, {"AccountSid", account_sid.to_string()});
  event.data.push_back({"CertificateSid", std::string(certificate_sid)});
  return event;
}

Event not_in_nt_auth(std::string_view account, const CertificateText& certificate, Timestamp at) {
  return {45, Event::Level::warning, certificate_data(account, certificate), at, Event::Log::system, {}};
}

Event name_policy_unreadable(std::string_view line, Timestamp at) {
  return {313, Event::Level::error, {{"Tuple", std::string(line)}}, at, Event::Log::operational, {}};
}

Event ticket_request(std::string_view user, std::string_view realm, const Sid& account_sid, KrbError status,
                     const CertificateText& certificate, Timestamp at) {
  const bool success = status == KrbError::KDC_ERR_NONE;
  const std::string realm_upper = to_upper(realm);
  Event event{4768, Event::Level::information, {}, at, Event::Log::security, {}};
  event.data = {{"TargetUserName", std::string(user)},
                {"TargetDomainName", realm_upper},
                {"TargetSid", success ? account_sid.to_string() : std::string(kNullSid)},
                {"ServiceName", success ? "krbtgt" : "krbtgt/" + realm_upper},
                {"Status", hex_status(static_cast<std::uint32_t>(status))},
                {"TicketEncryptionType", success ? "0x12" : "0xffffffff"},
                {"PreAuthType", success ? "16" : "-"},
                {"CertIssuerName", certificate.issuer},
                {"CertSerialNumber", certificate.serial},
                {"CertThumbprint", certificate.thumbprint}};
  return event;
}

}  // namespace events

std::vector<Event> EventLog::with_id(int id) const {
  std::vector<Event> out;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(out), [&](const Event& e) { return e.id == id; });
  return out;
}

std::vector<Event> EventLog::since(Timestamp at) const {
  std::vector<Event> out;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(out), [&](const Event& e) { return e.at >= at; });
  return out;
}

const Event* EventLog::last(int id) const {
  const auto at = std::find_if(events_.rbegin(), events_.rend(), [&](const Event& e) { return e.id == id; });
  return at == events_.rend() ? nullptr : &*at;
}

}  // namespace mimica::kdc
