#include "core/asn1/oid.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mimica {
namespace {

__extension__ typedef unsigned __int128 Arc;

constexpr Arc kArcMax = ~Arc{0};
constexpr std::size_t kMaxArcs = 128;

Fault bad_oid(std::string what) { return fault(HResult::CRYPT_E_ASN1_CORRUPT, std::move(what)); }

std::string to_decimal(Arc value) {
  std::string out;
  do {
    out.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

// Reads one decimal arc at `at`, advancing it past the digits; false when there is none, it has a leading zero or it
// does not fit.
bool take_arc(std::string_view text, std::size_t& at, Arc& value) {
  const std::size_t start = at;
  value = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
    const auto digit = static_cast<unsigned>(text[at] - '0');
    if (value > (kArcMax - digit) / 10) return false;
    value = value * 10 + digit;
  }
  return at > start && (text[start] != '0' || at == start + 1);
}

void put_base128(Bytes& out, Arc value) {
  std::array<std::uint8_t, 19> groups{};
  std::size_t count = 0;
  do {
    groups[count++] = static_cast<std::uint8_t>(value & 0x7F);
    value >>= 7;
  } while (value != 0);
  while (count-- > 0) out.push_back(static_cast<std::uint8_t>(groups[count] | (count > 0 ? 0x80 : 0)));
}

}  // namespace

Result<Oid> Oid::parse(std::string_view dotted) {
  const auto bad = [&](std::string_view why) {
    return fault(HResult::E_INVALIDARG,
                 "'" + std::string(dotted.substr(0, 80)) + "' is not an object identifier: " + std::string(why), {},
                 "write numbers separated by dots, for example 1.3.6.1.5.5.7.3.2");
  };
  Arc first = 0;
  std::size_t arcs = 0;
  for (std::size_t at = 0;; ++at) {
    Arc arc = 0;
    if (!take_arc(dotted, at, arc)) return bad("an arc is not a number without leading zeros and below 2^128");
    if (arcs == 0 && arc > 2) return bad("the first arc is 0, 1 or 2");
    if (arcs == 1 && first < 2 && arc > 39) return bad("the second arc is at most 39 here");
    if (arcs == 1 && arc > kArcMax - 80) return bad("the second arc is too large");
    if (arcs == 0) first = arc;
    if (++arcs > kMaxArcs) return bad("it has too many arcs");
    if (at == dotted.size()) break;
    if (dotted[at] != '.') return bad("only digits and dots belong into it");
  }
  if (arcs < 2) return bad("it has a single arc");
  return Oid(dotted);
}

Result<Oid> Oid::from_der_content(BytesView content) {
  if (content.empty()) return bad_oid("an object identifier has no content");
  Oid oid;
  std::size_t arcs = 0;
  for (std::size_t at = 0; at < content.size();) {
    Arc value = 0;
    if (content[at] == 0x80) return bad_oid("an arc of an object identifier is not in its shortest form");
    for (bool more = true; more; ++at) {
      if (at == content.size()) return bad_oid("an object identifier ends inside an arc");
      if (value > kArcMax >> 7) return bad_oid("an arc of an object identifier exceeds 128 bits");
      value = value << 7 | (content[at] & 0x7FU);
      more = (content[at] & 0x80) != 0;
    }
    if (++arcs > kMaxArcs - 1) return bad_oid("an object identifier has too many arcs");
    if (arcs == 1) {
      const unsigned first = value < 40 ? 0 : value < 80 ? 1 : 2;
      oid.dotted_ = std::string(1, static_cast<char>('0' + first)) + "." + to_decimal(value - first * 40);
    } else {
      oid.dotted_ += "." + to_decimal(value);
    }
  }
  return oid;
}

Bytes Oid::der_content() const {
  Bytes out;
  out.reserve(dotted_.size());
  Arc first = 0;
  std::size_t index = 0;
  for (std::size_t at = 0; at < dotted_.size(); ++at, ++index) {
    Arc arc = 0;
    if (!take_arc(dotted_, at, arc)) return {};
    if (index == 0) {
      first = arc;
    } else {
      put_base128(out, index == 1 ? first * 40 + arc : arc);
    }
  }
  return out;
}

std::string_view display_name(const Oid& oid) {
  // The names Windows' certificate dialogs and certutil show for extensions, usages and attributes.
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"0.9.2342.19200300.100.1.25", "Domain Component"},
      {"1.2.840.10045.2.1", "ECC"},
      {"1.2.840.10045.4.3.2", "sha256ECDSA"},
      {"1.2.840.10045.4.3.3", "sha384ECDSA"},
      {"1.2.840.10045.4.3.4", "sha512ECDSA"},
      {"1.2.840.113549.1.1.1", "RSA"},
      {"1.2.840.113549.1.1.10", "RSASSA-PSS"},
      {"1.2.840.113549.1.1.11", "sha256RSA"},
      {"1.2.840.113549.1.1.12", "sha384RSA"},
      {"1.2.840.113549.1.1.13", "sha512RSA"},
      {"1.2.840.113549.1.1.5", "sha1RSA"},
      {"1.2.840.113549.1.9.1", "Email"},
      {"1.2.840.113549.1.9.14", "Certificate Extensions"},
      {"1.2.840.113549.1.9.15", "SMIME Capabilities"},
      {"1.3.6.1.4.1.311.10.12.1", "All application policies"},
      {"1.3.6.1.4.1.311.10.3.1", "Microsoft Trust List Signing"},
      {"1.3.6.1.4.1.311.10.3.11", "Key Recovery"},
      {"1.3.6.1.4.1.311.10.3.12", "Document Signing"},
      {"1.3.6.1.4.1.311.10.3.4", "Encrypting File System"},
      {"1.3.6.1.4.1.311.10.3.4.1", "File Recovery"},
      {"1.3.6.1.4.1.311.13.2.1", "Enrollment Name Value Pair"},
      {"1.3.6.1.4.1.311.13.2.2", "Enrollment CSP"},
      {"1.3.6.1.4.1.311.13.2.3", "OS Version"},
      {"1.3.6.1.4.1.311.2.1.14", "Certificate Extensions"},
      {"1.3.6.1.4.1.311.20.2", "Certificate Template Name"},
      {"1.3.6.1.4.1.311.20.2.1", "Certificate Request Agent"},
      {"1.3.6.1.4.1.311.20.2.2", "Smart Card Logon"},
      {"1.3.6.1.4.1.311.20.2.3", "Principal Name"},
      {"1.3.6.1.4.1.311.21.1", "CA Version"},
      {"1.3.6.1.4.1.311.21.10", "Application Policies"},
      {"1.3.6.1.4.1.311.21.14", "Published CRL Locations"},
      {"1.3.6.1.4.1.311.21.19", "Directory Service Email Replication"},
      {"1.3.6.1.4.1.311.21.2", "Previous CA Certificate Hash"},
      {"1.3.6.1.4.1.311.21.20", "Client Information"},
      {"1.3.6.1.4.1.311.21.3", "Virtual Base CRL Number"},
      {"1.3.6.1.4.1.311.21.4", "Next CRL Publish"},
      {"1.3.6.1.4.1.311.21.5", "Private Key Archival"},
      {"1.3.6.1.4.1.311.21.6", "Key Recovery Agent"},
      {"1.3.6.1.4.1.311.21.7", "Certificate Template Information"},
      {"1.3.6.1.4.1.311.25.1", "DS Object Guid"},
      {"1.3.6.1.4.1.311.25.2", "NTDS CA Security Extension"},
      {"1.3.6.1.4.1.311.25.2.1", "NTDS Object SID"},
      {"1.3.6.1.4.1.311.54.1.2", "Remote Desktop Authentication"},
      {"1.3.6.1.5.2.3.4", "PKINIT Client Authentication"},
      {"1.3.6.1.5.2.3.5", "KDC Authentication"},
      {"1.3.6.1.5.5.7.1.1", "Authority Information Access"},
      {"1.3.6.1.5.5.7.3.1", "Server Authentication"},
      {"1.3.6.1.5.5.7.3.2", "Client Authentication"},
      {"1.3.6.1.5.5.7.3.3", "Code Signing"},
      {"1.3.6.1.5.5.7.3.4", "Secure Email"},
      {"1.3.6.1.5.5.7.3.5", "IP security end system"},
      {"1.3.6.1.5.5.7.3.6", "IP security tunnel termination"},
      {"1.3.6.1.5.5.7.3.7", "IP security user"},
      {"1.3.6.1.5.5.7.3.8", "Time Stamping"},
      {"1.3.6.1.5.5.7.3.9", "OCSP Signing"},
      {"1.3.6.1.5.5.7.48.1", "On-line Certificate Status Protocol"},
      {"1.3.6.1.5.5.7.48.1.5", "OCSP No Revocation Checking"},
      {"1.3.6.1.5.5.7.48.2", "Certification Authority Issuer"},
      {"1.3.6.1.5.5.8.2.2", "IP security IKE intermediate"},
      {"2.5.29.14", "Subject Key Identifier"},
      {"2.5.29.15", "Key Usage"},
      {"2.5.29.17", "Subject Alternative Name"},
      {"2.5.29.19", "Basic Constraints"},
      {"2.5.29.20", "CRL Number"},
      {"2.5.29.21", "CRL Reason Code"},
      {"2.5.29.27", "Delta CRL Indicator"},
      {"2.5.29.28", "Issuing Distribution Point"},
      {"2.5.29.30", "Name Constraints"},
      {"2.5.29.31", "CRL Distribution Points"},
      {"2.5.29.32", "Certificate Policies"},
      {"2.5.29.32.0", "All issuance policies"},
      {"2.5.29.35", "Authority Key Identifier"},
      {"2.5.29.37", "Enhanced Key Usage"},
      {"2.5.29.37.0", "Any Purpose"},
      {"2.5.29.46", "Freshest CRL"},
      {"2.5.4.10", "Organization"},
      {"2.5.4.11", "Organizational Unit"},
      {"2.5.4.3", "Common Name"},
      {"2.5.4.6", "Country/Region"},
      {"2.5.4.7", "Locality"},
      {"2.5.4.8", "State or Province"},
  };
  const auto* at = std::find_if(std::begin(kNames), std::end(kNames),
                                [&](const auto& entry) { return entry.first == oid.dotted(); });
  return at == std::end(kNames) ? std::string_view{} : at->second;
}

bool contains(const std::vector<Oid>& list, const Oid& oid) {
  return std::find(list.begin(), list.end(), oid) != list.end();
}

}  // namespace mimica
