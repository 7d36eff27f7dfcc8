// What `certutil -dump` says about files of a PKI, in certutil's layout. Pure, total on any bytes.
#pragma once

#include <string>
#include <string_view>

#include "core/pki/certificate.h"

namespace mimica::certutil {

std::string dump_certificate(const Certificate& certificate);
std::string dump_request(const CertificateRequest& request);
Result<std::string> dump_crl(BytesView der);
// PEM or DER of a certificate, a PKCS#10, a PKCS#7 or CMC message, a CRL or a PFX, by its content. Faults:
// ERROR_INVALID_DATA when it is none of them, ERROR_INVALID_PASSWORD.
Result<std::string> dump_file(BytesView content, std::string_view password);

// The same facts for programs: an object with "kind" (certificate, request, crl, pfx), names, ISO instants, extensions
// with OID, name, criticality, decoded text and base64.
Result<std::string> dump_json(BytesView content, std::string_view password);

// "2.5.29.15: Flags = 1(Critical), Length = 4", the name, and the decoded value; values that cannot be read in
// hexadecimal.
std::string dump_extension(const Extension& extension);
// Serial number, issuer, validity, subject and hash, as -store and PFX listings show a certificate.
std::string short_certificate(const Certificate& certificate);
// The DER behind PEM lines of any label, behind bare base64, or the bytes themselves.
Bytes unarmoured(BytesView content);

// Lines that several dumps share.
std::string dump_name(std::string_view label, BytesView name_der);  // "Subject:", one RDN a line, hashes
std::string dump_extensions(std::string_view label, const std::vector<Extension>& extensions);
std::string dump_algorithm(std::string_view label, BytesView algorithm_identifier);
std::string dump_public_key(const PublicKey& key);

inline constexpr std::size_t kMaxDumpedEntries = 100'000;  // of a CRL

}  // namespace mimica::certutil
