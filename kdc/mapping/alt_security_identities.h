// altSecurityIdentities (MS-ADA1 2.61): explicit mappings of certificates to an account (MS-PKCA 3.1.5.2.1.3). The KDC
// builds the string from the certificate and looks for it among the values; here both sides become a match key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"
#include "core/pki/certificate.h"

namespace mimica::kdc {

// The X509 forms. `issuer` alone is Schannel's many-to-one mapping and never counts for the KDC.
enum class IdentityForm {
  issuer_serial,           // X509:<I>issuer<SR>reversed serial          strong
  subject_key_identifier,  // X509:<SKI>hex                              strong
  sha1_public_key,         // X509:<SHA1-PUKEY>hex of the thumbprint     strong
  issuer_sid,              // X509:<I>issuer<SID>S-1-5-…                 strong
  issuer_subject,          // X509:<I>issuer<S>subject                   weak
  subject,                 // X509:<S>subject                            weak
  rfc822,                  // X509:<RFC822>mail                          weak
  issuer,                  // X509:<I>issuer                             Schannel only
};
inline constexpr IdentityForm kIdentityForms[] = {IdentityForm::issuer_serial,   IdentityForm::subject_key_identifier,
                                                  IdentityForm::sha1_public_key, IdentityForm::issuer_sid,
                                                  IdentityForm::issuer_subject,  IdentityForm::subject,
                                                  IdentityForm::rfc822,          IdentityForm::issuer};
bool is_strong(IdentityForm form);
// Microsoft's names: "X509IssuerSerialNumber", "X509SKI", "X509SHA1PublicKey", "X509IssuerSID", "X509IssuerSubject",
// "X509SubjectOnly", "X509RFC822", "X509IssuerOnly".
std::string_view to_string(IdentityForm form);
std::optional<IdentityForm> identity_form_named(std::string_view name);  // any case

struct AltSecurityIdentity {
  IdentityForm form = IdentityForm::issuer_serial;
  std::string issuer;   // as written: encoded order, "DC=com,DC=contoso,CN=CONTOSO-CA"
  std::string subject;  // as written
  std::string mail;
  Sid sid;
  Bytes octets;  // serial (big-endian, as in the certificate), subject key identifier, or SHA-1
  bool operator==(const AltSecurityIdentity&) const = default;
};

inline constexpr std::size_t kMaxIdentitySize = 16 * 1024;

// True for values that speak about certificates at all ("X509:…", any case); Kerberos: and others are not for us.
bool is_x509_identity(std::string_view value);
// Reads one value. Tags in any case, each once, in the order MS-PKCA prints them; a blank after "X509:" is fine. Faults
// on unknown or missing tags, combinations that no KDC builds, empty values, and hexadecimal digits that are none.
Result<AltSecurityIdentity> parse_alt_security_identity(std::string_view value);
// The canonical spelling; parse(to_string(x)) equals x.
std::string to_string(const AltSecurityIdentity& identity);

// The value that maps this certificate in that form, ready to be written to the account. Faults when the certificate
// lacks what the form needs: subject, subject key identifier, e-mail address, SID (extension, else SAN URI).
Result<AltSecurityIdentity> identity_for(IdentityForm form, const Certificate& certificate);

// A form that a certificate or a value takes part in, reduced to what is compared: case folded; CR, LF and ',' all as
// one separator without blanks around; multi-valued RDNs joined by a blank.
struct IdentityKey {
  IdentityForm form = IdentityForm::issuer_serial;
  std::string key;
  bool of_key_hash = false;  // <SHA1-PUKEY> over the public key instead of the certificate
};
IdentityKey match_key(const AltSecurityIdentity& identity);
// All keys under which a certificate can be found: every form it supports, and every spelling (quoted values or not).
std::vector<IdentityKey> match_keys(const Certificate& certificate, const std::optional<Sid>& sid);
bool matches(const AltSecurityIdentity& identity, const Certificate& certificate);

// Why a value that looks meant for this certificate does not match: serial number not reversed, name in the order of
// RFC 4514, subject key identifier reversed. Empty when nothing of the kind is recognised.
std::string near_miss(const AltSecurityIdentity& identity, const Certificate& certificate);

// The SID of a SAN URI "tag:microsoft.com,2022-09-14:sid:S-1-…" (MS-PKCA 3.1.5.2.1.6); prefix in any case. With
// `list_accepted` the value ends at the first comma after the prefix.
std::optional<Sid> sid_from_uri(std::string_view uri, bool list_accepted = false);
bool is_sid_uri(std::string_view uri);  // it has the tag's prefix, whatever follows
std::string sid_uri(const Sid& sid);

}  // namespace mimica::kdc
