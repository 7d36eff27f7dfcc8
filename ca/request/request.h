// What a client hands in, as values: the PKCS#10, its attributes from all sources, and the ways in which it names a
// template. Bytes in, values or a refusal out; no look-ups.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/request/envelope.h"
#include "core/base/decision.h"
#include "core/base/time.h"
#include "core/pki/certificate.h"

namespace mimica::ca {

// Request.RequestAttributes holds at most so many characters (MS-CSRA 3.1.1.4); longer texts are refused.
inline constexpr std::size_t kMaxAttributesSize = 32768;

struct RequestAttribute {
  std::string name;   // without blanks and '-'
  std::string value;  // trimmed
  bool operator==(const RequestAttribute&) const = default;
};

// "Name:Value" lines separated by LF, CR ignored (MS-WCCE 3.2.1.4.2.1.2). Blanks and '-' vanish from names, names
// compare without case, values are trimmed, lines without a name or ':' are ignored.
class RequestAttributes {
 public:
  static RequestAttributes parse(std::string_view text);
  void add(std::string_view name, std::string_view value);
  const std::vector<RequestAttribute>& all() const { return all_; }
  // The first value of that name (given without blanks and '-').
  std::optional<std::string_view> find(std::string_view name) const;
  bool operator==(const RequestAttributes&) const = default;

 private:
  std::vector<RequestAttribute> all_;
};

// One way in which the request names its template.
struct TemplateIdentifier {
  enum class Source {
    attribute,        // CertificateTemplate of the request attributes
    name_value_pair,  // the same inside the PKCS#10 (szOID_ENROLLMENT_NAME_VALUE_PAIR)
    message,          // the same in RegInfo of CMC or signed beside the PKCS#10
    extension_v1,     // 1.3.6.1.4.1.311.20.2
    extension_v2,     // 1.3.6.1.4.1.311.21.7
  };
  Source source = Source::attribute;
  std::string name;  // cn; empty when the identifier is an OID
  Oid oid;           // the template's OID
  // 21.7 only; what is missing there counts as 0.
  std::optional<ext::TemplateInfo> version;
  // "CertificateTemplate attribute 'User'", "extension 1.3.6.1.4.1.311.21.7 (1.3.6…)"
  std::string describe() const;
  bool operator==(const TemplateIdentifier& other) const {
    return source == other.source && name == other.name && oid == other.oid;
  }
};

struct IncomingRequest {
  RequestFormat format = RequestFormat::pkcs10;
  Bytes raw;                          // DER of the whole message
  CertificateRequest pkcs10;          // see Envelope
  bool signature_valid = false;       // proof of possession
  std::vector<Extension> extensions;  // of the PKCS#10, then those that CMC controls add
  RequestAttributes attributes;       // of the caller first, then those inside the PKCS#10 and the message
  std::string attribute_text;         // as the caller sent it
  std::vector<TemplateIdentifier> template_identifiers;
  // Certificates whose keys signed the message; the request's own signature is not among them.
  std::vector<Certificate> signers;
  std::vector<Certificate> certificates;  // all of the message, for chains
  // "DOMAIN\\account" of a request on behalf of somebody: named inside the signed message, never beside it.
  std::string requester_name;
  std::optional<Certificate> old_certificate;  // of a renewal
  bool has_archived_key = false;
  const Extension* extension(const Oid& oid) const { return find(extensions, oid); }
};

// Detects the form of the request, in DER, PEM with any label, or base64 without markers. Refusals are processing
// errors: the row is kept with Disposition 30 (DB_DISP_ERROR).
Decision<IncomingRequest> read_request(BytesView request, std::string_view attributes);

// A validity that the client asks for by attribute.
struct RequestedValidity {
  enum class Unit { seconds, minutes, hours, days, weeks, months, years };
  std::optional<Timestamp> expiration_date;  // ExpirationDate; wins
  std::optional<Unit> unit;                  // ValidityPeriod
  std::int64_t count = 0;                    // ValidityPeriodUnits
  bool empty() const { return !expiration_date && !unit; }
  // The end of the validity that starts at `not_before`. Months and years are calendar ones, clamped to the last day
  // of the month. Meaningless when empty().
  Timestamp end(Timestamp not_before) const;
};
// Fault ERROR_INVALID_DATA when the attributes are there but malformed. ValidityPeriod and ValidityPeriodUnits may be
// swapped (Windows SDK policy sample).
Result<RequestedValidity> requested_validity(const RequestAttributes& attributes);

// The SAN attribute, "dns=a.contoso.com&upn=jane@contoso.com": keys dns, email, upn, dn, url, ipaddress, guid, oid or a
// dotted OID with the value forms {utf8}text, {octet}base64, {octet}{hex}digits, {asn}base64, {hex}digits.
Result<std::vector<GeneralName>> parse_san_attribute(std::string_view value);

}  // namespace mimica::ca
