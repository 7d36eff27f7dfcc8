// The records a domain controller writes about certificate logons (core/windows/event_log.h). Data names are those of
// Windows event XML; the message texts are our own.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/pki/certificate.h"
#include "core/windows/event_log.h"

namespace mimica::kdc {

// Every kind of event of this folder, by channel and id.
std::span<const EventKind* const> event_kinds();

// A certificate as KDC events print it.
struct CertificateText {
  std::string subject;     // "@@@CN=jane, CN=Users, DC=contoso, DC=com", leaf first; empty for an empty subject
  std::string issuer;      // the issuer's common name; the whole name where it has none
  std::string serial;      // upper-case hexadecimal, as in the certificate
  std::string thumbprint;  // upper-case SHA-1
};
CertificateText certificate_text(const Certificate& certificate);

// What only an exchange over the network knows of a request for a ticket-granting ticket.
struct TicketExchange {
  std::uint32_t options = 0x40810010;  // KDCOptions: forwardable, renewable, canonicalize, renewable-ok
  int etype = 18;                      // of the ticket: aes256-cts-hmac-sha1-96
  std::string address = "-";           // "::ffff:10.0.0.12"
  std::string port = "-";
};

namespace events {
Event no_kdc_certificate(Timestamp at);            // 19, when a client tries PKINIT
Event kdc_certificate_not_verified(Timestamp at);  // 29, when the KDC starts
Event client_certificate_invalid(std::string_view domain, std::string_view user, HResult status, int element,
                                 Timestamp at);  // 21
Event no_strong_mapping(std::string_view account, const CertificateText& certificate, bool allowed,
                        Timestamp at);  // 39
Event certificate_predates_account(std::string_view account, const CertificateText& certificate, Timestamp issued,
                                   Timestamp created, Timestamp at);  // 40
Event sid_mismatch(std::string_view account, const Sid& account_sid, const CertificateText& certificate,
                   std::string_view certificate_sid, Timestamp at);                                // 41
Event not_in_nt_auth(std::string_view account, const CertificateText& certificate, Timestamp at);  // 45
Event name_policy_unreadable(std::string_view line, Timestamp at);                                 // 313, Operational
// The companion of every request for a ticket-granting ticket in the Security log. `account_sid` counts only when the
// ticket was issued.
Event ticket_request(std::string_view user, std::string_view realm, const Sid& account_sid, KrbError status,
                     const CertificateText& certificate, Timestamp at, const TicketExchange& exchange = {});  // 4768
// Puts what the exchange turned out to be into a 4768.
void set_exchange(Event& ticket_request, const TicketExchange& exchange);
}  // namespace events

}  // namespace mimica::kdc
