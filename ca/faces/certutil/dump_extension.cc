// Extension values in certutil's words.
#include <array>
#include <cstdio>

#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/text.h"
#include "ca/registry/registry.h"
#include "core/base/bytes.h"

namespace mimica::harness {
namespace {

constexpr std::string_view kExtensionIndent = "        ";
constexpr std::string_view kDeep = "             ";

const Oid kFreshestCrl("2.5.29.46");
const Oid kPublishedLocations("1.3.6.1.4.1.311.21.14");
const Oid kDeltaIndicator("2.5.29.27");

std::string line(std::string_view text, std::string_view indent = kExtensionIndent) {
  return std::string(indent) + std::string(text) + "\n";
}

std::string named(const Oid& oid, std::string_view unknown) {
  const std::string_view name = display_name(oid);
  return (name.empty() ? std::string(unknown) : std::string(name)) + " (" + oid.dotted() + ")";
}

// A URL, and once more readable when it has escapes.
std::string url_text(const std::string& url) {
  std::string plain;
  for (std::size_t at = 0; at < url.size(); ++at) {
    const auto octet =
        url[at] == '%' && at + 2 < url.size() ? from_hex(std::string_view(url).substr(at + 1, 2)) : std::nullopt;
    if (octet && octet->size() == 1 && octet->front() >= 0x20 && octet->front() < 0x7F) {
      plain += static_cast<char>(octet->front());
      at += 2;
    } else {
      plain += url[at];
    }
  }
  return "URL=" + url + (plain == url ? "" : " (" + plain + ")");
}

Result<std::string> key_usage(BytesView value) {
  MIMICA_TRY(const std::uint16_t bits, ext::parse_key_usage(value));
  constexpr std::pair<std::uint16_t, std::string_view> kNames[] = {{0x8000, "Digital Signature"},
                                                                   {0x4000, "Non-Repudiation"},
                                                                   {0x2000, "Key Encipherment"},
                                                                   {0x1000, "Data Encipherment"},
                                                                   {0x0800, "Key Agreement"},
                                                                   {0x0400, "Certificate Signing"},
                                                                   {0x0200, "Off-line CRL Signing, CRL Signing"},
                                                                   {0x0100, "Encipher Only"},
                                                                   {0x0080, "Decipher Only"}};
  std::string out;
  for (const auto& [bit, name] : kNames)
    if ((bits & bit) != 0) out += (out.empty() ? "" : ", ") + std::string(name);
  std::array<char, 16> hex{};
  std::snprintf(hex.data(), hex.size(), (bits & 0xFF) == 0 ? " (%02x)" : " (%02x %02x)", bits >> 8U, bits & 0xFFU);
  return line(out + hex.data());
}

Result<std::string> usages(BytesView value) {
  MIMICA_TRY(const auto oids, ext::parse_oid_list(value));
  std::string out;
  for (const Oid& oid : oids) out += line(named(oid, "Unknown Key Usage"));
  return out;
}

std::string general_name(const GeneralName& name) {
  using Kind = GeneralName::Kind;
  switch (name.kind) {
    case Kind::upn:
      return line("Other Name:") + line("Principal Name=" + name.text, kDeep);
    case Kind::directory_guid:
      return line("Other Name:") + line("DS Object Guid=" + spaced(name.bytes), kDeep);
    case Kind::other:
      return line("Other Name:") + line(name.type.dotted() + "=" + spaced(name.bytes), kDeep);
    case Kind::email:
      return line("RFC822 Name=" + name.text);
    case Kind::dns:
      return line("DNS Name=" + name.text);
    case Kind::uri:
      return line("URL=" + name.text);
    case Kind::registered_id:
      return line("Registered ID=" + name.type.dotted());
    case Kind::directory:
      return line("Directory Address:") + line(name.name.to_cert_str(), kDeep);
    case Kind::ip: {
      std::string text;
      if (name.bytes.size() == 4) {
        for (const std::uint8_t octet : name.bytes) text += (text.empty() ? "" : ".") + std::to_string(octet);
      } else {
        text = spaced(name.bytes);
      }
      return line("IP Address=" + text);
    }
    case Kind::raw:
      break;
  }
  return line("Other Name=" + spaced(name.bytes));
}

Result<std::string> alternative_names(BytesView value) {
  MIMICA_TRY(const auto names, parse_general_names(value));
  std::string out;
  for (const GeneralName& name : names) out += general_name(name);
  return out;
}

Result<std::string> sid_extension(BytesView value) {
  MIMICA_TRY(const Sid sid, ext::parse_sid(value));
  return line("Other Name:") + line("NTDS Object SID=" + sid.to_string(), kDeep);
}

Result<std::string> locations(BytesView value, std::string_view title) {
  MIMICA_TRY(const auto urls, ext::parse_distribution_points(value));
  std::string out =
      line("[1]" + std::string(title)) + line("Distribution Point Name:", kDeep) + line("     Full Name:", kDeep);
  for (const std::string& url : urls) out += line("          " + url_text(url), kDeep);
  return out;
}

Result<std::string> access(BytesView value) {
  MIMICA_TRY(const auto entries, ext::parse_authority_info_access(value));
  std::string out;
  int number = 0;
  for (const auto& entry : entries) {
    out += line("[" + std::to_string(++number) + "]Authority Info Access");
    out += line("Access Method=" + named(entry.method, "Unknown Access Method"), kDeep);
    out += line("Alternative Name:", kDeep) + line("     " + url_text(entry.url), kDeep);
  }
  return out;
}

Result<std::string> policies(BytesView value, std::string_view title) {
  MIMICA_TRY(const auto oids, ext::parse_policies(value));
  std::string out;
  int number = 0;
  for (const Oid& oid : oids) {
    const std::string_view name = display_name(oid);
    out += line("[" + std::to_string(++number) + "]" + std::string(title) + ":");
    out += line("Policy Identifier=" + (name.empty() ? oid.dotted() : std::string(name)), kDeep);
  }
  return out;
}

Result<std::string> constraints(BytesView value) {
  MIMICA_TRY(const auto basic, ext::parse_basic_constraints(value));
  return line(basic.ca ? "Subject Type=CA" : "Subject Type=End Entity") +
         line("Path Length Constraint=" + (basic.path_length ? std::to_string(*basic.path_length) : "None"));
}

Result<std::string> template_information(BytesView value) {
  MIMICA_TRY(const auto info, ext::parse_template_info(value));
  return line("Template=" + info.oid.dotted()) + line("Major Version Number=" + std::to_string(info.major)) +
         line("Minor Version Number=" + std::to_string(info.minor));
}

Result<std::string> octets(BytesView value) {
  MIMICA_TRY(const Bytes content, DerReader(value).octet_string());
  return line(spaced(content));
}

Result<std::string> number(BytesView value, std::string_view label) {
  MIMICA_TRY(const Bytes magnitude, DerReader(value).big_integer());
  return line(std::string(label) + "=" + to_hex(magnitude));
}

Result<std::string> ca_version(BytesView value) {
  MIMICA_TRY(const std::int64_t version, DerReader(value).integer());
  return line("V" + std::to_string(version & 0xFFFF) + "." + std::to_string(version >> 16 & 0xFFFF));
}

Result<std::string> reason(BytesView value) {
  constexpr std::string_view kReasons[] = {
      "Unspecified",    "Key Compromise",         "CA Compromise",    "Change of Affiliation",
      "Superseded",     "Cessation of Operation", "Certificate Hold", "",
      "Remove From CRL"};
  MIMICA_TRY(const Tlv code, DerReader(value).expect(tag::kEnumerated));
  if (code.content.size() != 1) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the reason is no number");
  const std::size_t at = code.content[0];
  const std::string_view name = at < std::size(kReasons) ? kReasons[at] : std::string_view("Reserved");
  return line(std::string(name) + " (" + std::to_string(at) + ")");
}

Result<std::string> capabilities(BytesView value) {
  MIMICA_TRY(DerReader list, DerReader(value).enter(tag::kSequence));
  std::string out;
  for (int number = 1; !list.at_end(); ++number) {
    MIMICA_TRY(DerReader one, list.enter(tag::kSequence));
    MIMICA_TRY(const Oid oid, one.oid());
    out += line("[" + std::to_string(number) + "]SMIME Capability") + line("Object ID=" + oid.dotted(), kDeep);
    if (one.at_end()) continue;
    MIMICA_TRY(const Tlv parameters, one.next());
    out += line("Parameters=" + spaced(parameters.encoded), kDeep);
  }
  return out;
}

Result<std::string> decoded(const Extension& extension) {
  const Oid& oid = extension.oid;
  const BytesView value = extension.value;
  if (oid == oids::kKeyUsage) return key_usage(value);
  if (oid == oids::kExtendedKeyUsage) return usages(value);
  if (oid == oids::kSubjectAltName) return alternative_names(value);
  if (oid == oids::kSidExtension) return sid_extension(value);
  if (oid == oids::kCrlDistributionPoints) return locations(value, "CRL Distribution Point");
  if (oid == kFreshestCrl) return locations(value, "Freshest CRL");
  if (oid == kPublishedLocations) return locations(value, "Locations");
  if (oid == oids::kAuthorityInfoAccess) return access(value);
  if (oid == oids::kCertificatePolicies) return policies(value, "Certificate Policy");
  if (oid == oids::kApplicationPolicies) return policies(value, "Application Certificate Policy");
  if (oid == oids::kBasicConstraints) return constraints(value);
  if (oid == oids::kTemplateInfo) return template_information(value);
  if (oid == oids::kSubjectKeyIdentifier || oid == oids::kPreviousCaHash) return octets(value);
  if (oid == oids::kCrlNumber) return number(value, "CRL Number");
  if (oid == kDeltaIndicator) return number(value, "Minimum Base CRL Number");
  if (oid == oids::kCaVersion) return ca_version(value);
  if (oid == oids::kCrlReason) return reason(value);
  if (oid == oids::kSmimeCapabilities) return capabilities(value);
  if (oid == oids::kTemplateName) {
    MIMICA_TRY(const std::string name, ext::parse_template_name(value));
    return line(name);
  }
  if (oid == oids::kAuthorityKeyIdentifier) {
    MIMICA_TRY(const Bytes id, ext::parse_authority_key_identifier(value));
    return line("KeyID=" + spaced(id));
  }
  if (oid == oids::kCrlNextPublish) {
    MIMICA_TRY(const Timestamp at, DerReader(value).time());
    return line(show_date(at));
  }
  return fault("no decoder");
}

}  // namespace

std::string dump_extension(const Extension& extension) {
  std::array<char, 64> header{};
  std::snprintf(header.data(), header.size(), ": Flags = %s, Length = %zx\n", extension.critical ? "1(Critical)" : "0",
                extension.value.size());
  const std::string_view name = extension.oid == oids::kTemplateName ? "Certificate Template Name (Certificate Type)"
                                                                     : display_name(extension.oid);
  std::string out = "    " + extension.oid.dotted() + header.data();
  out += "    " + (name.empty() ? std::string("Unknown Extension type") : std::string(name)) + "\n";
  const auto text = decoded(extension);
  return out + (text ? *text : ca::hex_lines(extension.value, kExtensionIndent)) + "\n";
}

std::string dump_extensions(std::string_view label, const std::vector<Extension>& extensions) {
  std::string out = std::string(label) + " " + std::to_string(extensions.size()) + "\n";
  for (const Extension& extension : extensions) out += dump_extension(extension);
  return out;
}

}  // namespace mimica::harness
