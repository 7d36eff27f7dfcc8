#include "kdc/events.h"

#include <array>

#include "core/base/number.h"

namespace mimica::kdc {
namespace {

constexpr EventProvider kKdc{"Microsoft-Windows-Kerberos-Key-Distribution-Center",
                             "{3FD9DA1A-5A54-46C5-9A26-9BD7C0685056}", "KDC"};
constexpr std::string_view kSystem = "System";
constexpr std::string_view kOperational = "Microsoft-Windows-Kerberos-Key-Distribution-Center/Operational";
constexpr std::string_view kKb5014754 = "KB5014754";
constexpr std::uint16_t kQualifiers = 0x8000;  // warning, as the high half of the message number
constexpr std::uint16_t kAuthenticationService = 14339;
constexpr std::string_view kNullSid = "S-1-0-0";

constexpr EventField kUser{"AccountName", "User"}, kSubject{"Subject", "Certificate Subject"},
    kIssuer{"Issuer", "Certificate Issuer"}, kSerial{"SerialNumber", "Certificate Serial Number"},
    kThumbprint{"Thumbprint", "Certificate Thumbprint"};
constexpr EventField kInvalidFields[] = {{"Domain", "Domain"}, {"Username", "User"}, {"Status", "Chain Status"}};
constexpr EventField kWeakFields[] = {kUser, kSubject, kIssuer, kSerial, kThumbprint};
constexpr EventField kOldFields[] = {kUser,
                                     kSubject,
                                     kIssuer,
                                     kSerial,
                                     kThumbprint,
                                     {"CertificateIssuanceTime", "Certificate Issuance Time"},
                                     {"AccountCreationTime", "Account Creation Time"}};
constexpr EventField kSidFields[] = {kUser,       {"AccountSid", "User SID"},           kSubject, kIssuer, kSerial,
                                     kThumbprint, {"CertificateSid", "Certificate SID"}};
constexpr EventField kTupleFields[] = {{"Tuple", "Rule"}};
constexpr EventField kTicketFields[] = {{"TargetUserName", "Account Name"},
                                        {"TargetDomainName", "Supplied Realm Name"},
                                        {"TargetSid", "User ID"},
                                        {"ServiceName", "Service Name"},
                                        {"ServiceSid", "Service ID"},
                                        {"TicketOptions", "Ticket Options"},
                                        {"Status", "Result Code"},
                                        {"TicketEncryptionType", "Ticket Encryption Type"},
                                        {"PreAuthType", "Pre-Authentication Type"},
                                        {"IpAddress", "Client Address"},
                                        {"IpPort", "Client Port"},
                                        {"CertIssuerName", "Certificate Issuer Name"},
                                        {"CertSerialNumber", "Certificate Serial Number"},
                                        {"CertThumbprint", "Certificate Thumbprint"}};

// A record of the System log.
constexpr EventKind system_event(int id, EventLevel level, std::string_view text, std::span<const EventField> fields,
                                 std::string_view when, std::string_view citation, Provenance provenance) {
  EventKind kind;
  kind.party = "KDC";
  kind.id = id;
  kind.provider = &kKdc;
  kind.channel = kSystem;
  kind.level = level;
  kind.keywords = event_keywords::kClassic;
  kind.qualifiers = kQualifiers;
  kind.text = text;
  kind.fields = fields;
  kind.when = when;
  kind.citation = citation;
  kind.provenance = provenance;
  return kind;
}

constexpr EventKind kNoKdcCertificate =
    system_event(19, EventLevel::error,
                 "A certificate logon was attempted, but this KDC has no certificate that it could use for it.", {},
                 "a client tries PKINIT and the domain controller has no certificate",
                 "MS-PKCA 3.1.5.1; public event XML", Provenance::observed);
constexpr EventKind kClientCertificateInvalid = system_event(
    21, EventLevel::warning,
    "The certificate of the client is not valid, so the logon was refused. The chain status says why.", kInvalidFields,
    "the client's certificate fails its chain, its revocation check or NTAuth; the logon is refused",
    "public event XML", Provenance::observed);
constexpr EventKind kKdcCertificateNotVerified = system_event(
    29, EventLevel::warning,
    "This KDC found no certificate for certificate logons, or could not verify the one it has. Certificate logons may "
    "fail.",
    {}, "the lab starts with a domain controller that has no certificate", "Windows message tables; level inferred",
    Provenance::inferred);
constexpr EventKind kNoStrongMapping = system_event(
    39, EventLevel::warning,
    "The KDC met a certificate that is valid but not securely mapped to the user: there is no explicit mapping, no key "
    "trust and no SID. Replace the certificate or map it to the user explicitly. "
    "See https://go.microsoft.com/fwlink/?linkid=2189925",
    kWeakFields,
    "only a weak mapping leads to the account: Warning when the logon is allowed, Error when it is refused", kKb5014754,
    Provenance::documented);
constexpr EventKind kCertificatePredatesAccount = system_event(
    40, EventLevel::error,
    "The KDC met a certificate that is valid but not securely mapped to the user, and that is older than the user it "
    "maps to, so it was refused. See https://go.microsoft.com/fwlink/?linkid=2189925",
    kOldFields,
    "as 39 in Compatibility mode, and the certificate is older than the account; the names of the last two fields are "
    "ours",
    kKb5014754, Provenance::documented);
constexpr EventKind kSidMismatch = system_event(
    41, EventLevel::error,
    "The KDC met a certificate that is valid but carries another SID than that of the user it maps to, so the request "
    "failed. See https://go.microsoft.com/fwlink/?linkid=2189925",
    kSidFields, "the certificate carries the SID of another account; the logon is refused", kKb5014754,
    Provenance::documented);
constexpr EventKind kNotInNtAuth = system_event(
    45, EventLevel::warning,
    "The KDC met a client certificate that is valid but does not chain to a CA of the NTAuth store. It was let pass "
    "for now. See https://go.microsoft.com/fwlink/?linkid=2300705",
    kWeakFields, "the issuing CA is not in NTAuth, and AllowNtAuthPolicyBypass is 1", "KB5057784",
    Provenance::documented);
constexpr EventKind kNamePolicyUnreadable{
    .party = "KDC",
    .id = 313,
    .provider = &kKdc,
    .channel = kOperational,
    .level = EventLevel::error,
    .text = "A rule of the policy for name-based strong mappings could not be used, so the policy is off.",
    .fields = kTupleFields,
    .when = "a tuple of the policy cannot be read, and a logon would have needed it",
    .citation = "support notes for the id; level and field inferred",
    .provenance = Provenance::inferred};
constexpr EventKind kTicketRequest{
    .party = "KDC",
    .id = 4768,
    .provider = &kSecurityAuditing,
    .channel = "Security",
    .level = EventLevel::log_always,
    .keywords = event_keywords::kAuditSuccess,
    .task = kAuthenticationService,
    .task_name = "Kerberos Authentication Service",
    .text = "A Kerberos ticket-granting ticket was requested.",
    .fields = kTicketFields,
    .when = "every certificate logon: Audit Success when the ticket is issued, Audit Failure otherwise",
    .citation = "Audit Kerberos Authentication Service; public event XML",
    .provenance = Provenance::documented};

constexpr std::array<const EventKind*, 9> kKinds{
    &kNoKdcCertificate, &kClientCertificateInvalid,   &kKdcCertificateNotVerified,
    &kNoStrongMapping,  &kCertificatePredatesAccount, &kSidMismatch,
    &kNotInNtAuth,      &kNamePolicyUnreadable,       &kTicketRequest};

void put32(Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

std::span<const EventKind* const> event_kinds() { return kKinds; }

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

Event no_kdc_certificate(Timestamp at) { return make_event(kNoKdcCertificate, at); }

Event kdc_certificate_not_verified(Timestamp at) { return make_event(kKdcCertificateNotVerified, at); }

Event client_certificate_invalid(std::string_view domain, std::string_view user, HResult status, int element,
                                 Timestamp at) {
  Event event = make_event(kClientCertificateInvalid, at,
                           {std::string(domain), std::string(user), std::string(sentence(status))});
  put32(event.binary, 0x18);  // cbSize of CERT_CHAIN_POLICY_STATUS
  put32(event.binary, static_cast<std::uint32_t>(status));
  put32(event.binary, 0);  // chain index
  put32(event.binary, static_cast<std::uint32_t>(element));
  return event;
}

Event no_strong_mapping(std::string_view account, const CertificateText& certificate, bool allowed, Timestamp at) {
  Event event = make_event(
      kNoStrongMapping, at,
      {std::string(account), certificate.subject, certificate.issuer, certificate.serial, certificate.thumbprint});
  if (!allowed) event.level = EventLevel::error;
  return event;
}

Event certificate_predates_account(std::string_view account, const CertificateText& certificate, Timestamp issued,
                                   Timestamp created, Timestamp at) {
  return make_event(kCertificatePredatesAccount, at,
                    {std::string(account), certificate.subject, certificate.issuer, certificate.serial,
                     certificate.thumbprint, to_iso(issued), to_iso(created)});
}

Event sid_mismatch(std::string_view account, const Sid& account_sid, const CertificateText& certificate,
                   std::string_view certificate_sid, Timestamp at) {
  return make_event(kSidMismatch, at,
                    {std::string(account), account_sid.to_string(), certificate.subject, certificate.issuer,
                     certificate.serial, certificate.thumbprint, std::string(certificate_sid)});
}

Event not_in_nt_auth(std::string_view account, const CertificateText& certificate, Timestamp at) {
  return make_event(
      kNotInNtAuth, at,
      {std::string(account), certificate.subject, certificate.issuer, certificate.serial, certificate.thumbprint});
}

Event name_policy_unreadable(std::string_view line, Timestamp at) {
  return make_event(kNamePolicyUnreadable, at, {std::string(line)});
}

Event ticket_request(std::string_view user, std::string_view realm, const Sid& account_sid, KrbError status,
                     const CertificateText& certificate, Timestamp at, const TicketExchange& exchange) {
  const bool issued = status == KrbError::KDC_ERR_NONE;
  const std::string realm_name = to_upper(realm);
  const char* const pre_authentication = !issued ? "-" : certificate.thumbprint.empty() ? "2" : "16";
  Event event = make_event(kTicketRequest, at,
                           {std::string(user), realm_name, issued ? account_sid.to_string() : std::string(kNullSid),
                            issued ? "krbtgt" : "krbtgt/" + realm_name,
                            issued ? account_sid.domain().with_rid(rid::kKrbtgt).to_string() : std::string(kNullSid),
                            "", to_0x(static_cast<std::uint32_t>(status)), "0xffffffff", pre_authentication, "", "",
                            certificate.issuer, certificate.serial, certificate.thumbprint});
  if (!issued) event.keywords = event_keywords::kAuditFailure;
  set_exchange(event, exchange);
  return event;
}

void set_exchange(Event& ticket_request, const TicketExchange& exchange) {
  const bool issued = ticket_request.keywords == event_keywords::kAuditSuccess;
  for (Fact& fact : ticket_request.data) {
    if (fact.name == "TicketOptions") fact.value = to_0x(exchange.options);
    if (fact.name == "TicketEncryptionType" && issued) fact.value = to_0x(static_cast<std::uint32_t>(exchange.etype));
    if (fact.name == "IpAddress") fact.value = exchange.address;
    if (fact.name == "IpPort") fact.value = exchange.port;
  }
}

}  // namespace events

}  // namespace mimica::kdc
