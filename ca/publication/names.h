// Names of a CA in the directory, in files and in the URLs of its certificates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"

namespace mimica::ca {

// Each disallowed UTF-16 unit becomes '!' and four lower-case hexadecimal digits (MS-WCCE 3.1.1.4.1.1). Malformed UTF-8
// is treated octet by octet.
std::string sanitize_name(std::string_view name);
// The sanitized name cut to 51 characters; when something was cut, '-' and five decimal digits of a hash of the rest.
std::string sanitized_short_name(std::string_view name);

// "" for 0, otherwise "(n)".
std::string index_suffix(int index);

// "ca01" of "ca01.contoso.com".
std::string_view short_host(std::string_view dns_name);

// The flag bits of CRLPublicationURLs and CACertPublicationURLs entries ("6:http://…"), CertSrv.h CSURL_*.
namespace csurl {
inline constexpr std::uint32_t kServerPublish = 1, kAddToCertificate = 2, kAddToFreshestCrl = 4, kAddToCrlCdp = 8,
                               kPublishRetry = 0x10, kAddToOcsp = 0x20, kServerPublishDelta = 0x40, kAddToIdp = 0x80;
}  // namespace csurl

struct PublicationUrl {
  std::uint32_t flags = csurl::kAddToCertificate;
  std::string pattern;  // with %1..%11
};
// "6:http://%1/CertEnroll/%3%8%9.crl"; an entry without a number has the flag kAddToCertificate alone.
PublicationUrl parse_publication_url(std::string_view entry);

// What the %-tokens stand for (TechNet "CRL Distribution Point Replacement Token"; MS-CSRA note 14).
struct UrlTokens {
  std::string server_dns_name;          // %1
  std::string ca_name;                  // unsanitized; gives %3 and %7
  std::string configuration_container;  // %6
  int certificate_index = 0;            // %4: empty for 0, otherwise "(n)"
  int key_index = 0;                    // %8: the same; %9 is "+" for delta CRLs
};
enum class UrlUse { base_crl, delta_crl, ca_certificate };
// With every character that a URI may not hold percent-encoded (blanks become %20). Unknown tokens stay as they are.
std::string expand_url(std::string_view pattern, const UrlTokens& tokens, UrlUse use);
// All entries with any of these flags, expanded, in order.
std::vector<std::string> expand_urls(const std::vector<std::string>& entries, std::uint32_t flags,
                                     const UrlTokens& tokens, UrlUse use);

// File names of the CertEnroll folder: "ca01.contoso.com_CONTOSO-CA.crt", "CONTOSO-CA.crl".
std::string certificate_file_name(const UrlTokens& tokens);
std::string crl_file_name(const UrlTokens& tokens, bool delta = false);  // delta: "CONTOSO-CA+.crl"

}  // namespace mimica::ca
