// The records a domain controller writes about certificate logons, as values. Names of the data fields and their
// rendering are those of Windows event XML; the message texts are our own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/certificate.h"
#include "core/decision.h"
#include "core/time.h"

namespace mimica::kdc {

// System and Operational events come from Microsoft-Windows-Kerberos-Key-Distribution-Center (source KDC), Security
// events from Microsoft-Windows-Security-Auditing.
struct Event {
  enum class Level { error = 2, warning = 3, information = 4 };
  enum class Log { system, operational, security };
  int id = 0;
  Level level = Level::information;
  std::vector<Fact> data;  // EventData names in order: AccountName, Subject, Issuer, SerialNumber, Thumbprint, ...
  Timestamp at;
  Log log = Log::system;
  Bytes binary;  // the record's binary data (event 21: start of a CERT_CHAIN_POLICY_STATUS); usually empty
  bool operator==(const Event&) const = default;
  std::string_view operator[](std::string_view name) const;  // empty when there is no such field
};
std::string_view to_string(Event::Level level);  // "Error", "Warning", "Information"
std::string_view to_string(
    Event::Log log);  // "System", "Microsoft-Windows-Kerberos-Key-Distribution-Center/Operational", ...
std::string_view provider(const Event& event);
std::string message(const Event& event);  // the message text in our words, with its labelled fields
// {"id":39,"level":"Warning","log":"System","provider":…,"time":…,"data":{…},"message":…}
std::string to_json(const Event& event);

// A certificate as KDC events print it.
struct CertificateText {
  std::string subject;     // "@@@CN=jane, CN=Users, DC=contoso, DC=com", leaf first; empty for an empty subject
  std::string issuer;      // the issuer's common name; the whole name where it has none
  std::string serial;      // upper-case hexadecimal, as in the certificate
  std::string thumbprint;  // upper-case SHA-1
};
CertificateText certificate_text(const Certificate& certificate);

namespace events {
Event no_kdc_certificate(Timestamp at);  // 19
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
// The companion of every request for a ticket-granting ticket in the Security log. `account_sid` empty: failure.
Event ticket_request(std::string_view user, std::string_view realm, const Sid& account_sid, KrbError status,
                     const CertificateText& certificate, Timestamp at);  // 4768
}  // namespace events

// An event log: append and query.
class EventLog {
 public:
  void append(Event event) { events_.push_back(std::move(event)); }
  void append(const std::vector<Event>& more) { events_.insert(events_.end(), more.begin(), more.end()); }
  const std::vector<Event>& events() const { return events_; }
  std::vector<Event> with_id(int id) const;
  std::vector<Event> since(Timestamp at) const;  // at that instant or later
  const Event* last(int id) const;               // nullptr when there is none; valid until the next append
  void clear() { events_.clear(); }

 private:
  std::vector<Event> events_;
};

}  // namespace mimica::kdc
