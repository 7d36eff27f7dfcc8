#include "ca/request/request.h"

#include <algorithm>

#include "ca/request/signed_request.h"
#include "ca/rules.h"
#include "core/base/number.h"
#include "net/http.h"

namespace mimica::ca {
namespace {

constexpr std::int64_t kMaxPeriodCount = 1'000'000'000;
constexpr int kLastYear = 9999;

std::string normalise_name(std::string_view name) {
  std::string out;
  for (const char c : name)
    if (c != ' ' && c != '\t' && c != '-') out += c;
  return out;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  return parse_decimal<std::int64_t>(text, 0, kMaxPeriodCount);
}

std::optional<RequestedValidity::Unit> parse_unit(std::string_view text) {
  using Unit = RequestedValidity::Unit;
  constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"Seconds", Unit::seconds}, {"Minutes", Unit::minutes}, {"Hours", Unit::hours}, {"Days", Unit::days},
      {"Weeks", Unit::weeks},     {"Months", Unit::months},   {"Years", Unit::years}};
  for (const auto& entry : kUnits)
    if (equals_ignore_case(entry.first, text)) return entry.second;
  return std::nullopt;
}

int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

TemplateIdentifier named_template(TemplateIdentifier::Source source, std::string_view value) {
  TemplateIdentifier identifier;
  identifier.source = source;
  const Result<Oid> oid = Oid::parse(value);
  if (oid) {
    identifier.oid = *oid;
  } else {
    identifier.name = std::string(value);
  }
  return identifier;
}

// A value of these attributes must be the only one (MS-WCCE 3.2.1.4.2.1.4.1).
bool single_valued(const CertificateRequest& request, const Oid& type) {
  std::size_t values = 0;
  for (const auto& attribute : request.attributes())
    if (attribute.first == type) values += attribute.second.size();
  return values <= 1;
}

Result<Bytes> other_name_value(std::string_view text) {
  const auto take = [&text](std::string_view prefix) {
    if (!starts_with_ignore_case(text, prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  const auto bad = [] {
    return fault(HResult::ERROR_INVALID_DATA, "the value of an otherName in the SAN attribute is malformed");
  };
  if (take("{utf8}")) return der::utf8_string(text);
  const bool octet = take("{octet}");
  const bool asn = !octet && take("{asn}");
  std::optional<Bytes> bytes = take("{hex}") ? from_hex(text) : octet || asn ? from_base64(text) : std::nullopt;
  if (!bytes) return bad();
  if (octet) return der::octet_string(*bytes);
  DerReader reader(*bytes);
  if (!reader.next() || !reader.at_end()) return bad();
  return std::move(*bytes);
}

std::optional<Bytes> parse_ip(std::string_view text) {
  Bytes out;
  if (text.find(':') == std::string_view::npos) {
    for (const std::string_view part : split(text, '.')) {
      const auto value = parse_count(part);
      if (!value || *value > 255 || part.size() > 3) return std::nullopt;
      out.push_back(static_cast<std::uint8_t>(*value));
    }
    return out.size() == 4 ? std::optional(out) : std::nullopt;
  }
  // RFC 4291 2.2, without the mixed form.
  const std::size_t gap = text.find("::");
  const auto groups = [](std::string_view part, Bytes& into) {
    if (part.empty()) return true;
    for (const std::string_view group : split(part, ':')) {
      const auto value = group.size() > 4 ? std::nullopt : parse_hexadecimal<unsigned>(group);
      if (!value) return false;
      into.push_back(static_cast<std::uint8_t>(*value >> 8U));
      into.push_back(static_cast<std::uint8_t>(*value & 0xFFU));
    }
    return true;
  };
  Bytes tail;
  if (!groups(text.substr(0, gap), out)) return std::nullopt;
  if (gap != std::string_view::npos && !groups(text.substr(gap + 2), tail)) return std::nullopt;
  if (gap == std::string_view::npos ? out.size() != 16 : out.size() + tail.size() > 14) return std::nullopt;
  out.resize(16 - tail.size(), 0);
  out.insert(out.end(), tail.begin(), tail.end());
  return out;
}

Result<GeneralName> parse_san_entry(std::string_view key, std::string_view value) {
  const auto bad = [&](std::string_view why) {
    return fault(HResult::ERROR_INVALID_DATA,
                 "the SAN attribute's '" + std::string(key.substr(0, 64)) + "' " + std::string(why));
  };
  GeneralName name;
  const auto text_kind = [&](GeneralName::Kind kind) {
    name.kind = kind;
    name.text = std::string(value);
    return name;
  };
  if (value.empty()) return bad("has no value");
  if (equals_ignore_case(key, "upn")) return text_kind(GeneralName::Kind::upn);
  const bool ascii =
      std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const bool ia5 = equals_ignore_case(key, "dns") || equals_ignore_case(key, "email") || equals_ignore_case(key, "url");
  if (ia5 && !ascii) return bad("holds characters that an IA5String cannot");
  if (equals_ignore_case(key, "dns")) return text_kind(GeneralName::Kind::dns);
  if (equals_ignore_case(key, "email")) return text_kind(GeneralName::Kind::email);
  if (equals_ignore_case(key, "url")) return text_kind(GeneralName::Kind::uri);
  if (equals_ignore_case(key, "dn")) {
    MIMICA_TRY(name.name, Name::parse_cert_str(value));
    name.kind = GeneralName::Kind::directory;
    return name;
  }
  if (equals_ignore_case(key, "ipaddress")) {
    const auto address = parse_ip(value);
    if (!address) return bad("is no IP address");
    name.kind = GeneralName::Kind::ip;
    name.bytes = *address;
    return name;
  }
  if (equals_ignore_case(key, "guid")) {
    const Result<Guid> guid = Guid::parse(value);
    if (!guid) return bad("is no GUID");
    name.kind = GeneralName::Kind::directory_guid;
    name.bytes = guid->to_binary();
    return name;
  }
  if (equals_ignore_case(key, "oid")) {
    const Result<Oid> oid = Oid::parse(value);
    if (!oid) return bad("is no OID");
    name.kind = GeneralName::Kind::registered_id;
    name.type = *oid;
    return name;
  }
  const Result<Oid> type = Oid::parse(key);
  if (!type) return bad("is no known name type");
  MIMICA_TRY(name.bytes, other_name_value(value));
  name.kind = GeneralName::Kind::other;
  name.type = *type;
  return name;
}

// szOID_RENEWAL_CERTIFICATE makes a signed message a renewal of the certificate that it holds, when that certificate is
// in the message and its key signed it (MS-WCCE 3.2.1.4.2.1.4.2).
bool read_renewal(IncomingRequest& incoming, Trace& trace) {
  const auto is_renewal = [](const auto& attribute) { return attribute.first == kRenewalCertificate; };
  const auto& attributes = incoming.pkcs10.attributes();
  const auto found = std::find_if(attributes.begin(), attributes.end(), is_renewal);
  if (found == attributes.end()) return true;
  if (incoming.format == RequestFormat::pkcs10) {
    trace.skip(kRenewalCertificateSigned, "the request names a certificate to renew, but no message is signed with it");
    return true;
  }
  const auto bad = [&](const std::string& why) {
    trace.fail(kRenewalCertificateSigned, HResult::CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE, why);
    return false;
  };
  if (found->second.size() != 1) return bad("the renewal attribute has no single value");
  Result<Certificate> old = Certificate::parse(found->second.front());
  if (!old) return bad("the renewal attribute holds no certificate: " + old.error().what);
  const auto same = [&](const Certificate& certificate) { return certificate.der() == old->der(); };
  if (std::none_of(incoming.certificates.begin(), incoming.certificates.end(), same))
    return bad("the certificate to renew is not among those of the message");
  if (std::none_of(incoming.signers.begin(), incoming.signers.end(), same))
    return bad("the message is not signed with the key of the certificate to renew");
  trace.pass(kRenewalCertificateSigned, old->serial_hex());
  incoming.old_certificate = *std::move(old);
  return true;
}

}  // namespace

RequestAttributes RequestAttributes::parse(std::string_view text) {
  RequestAttributes attributes;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    attributes.add(line.substr(0, colon), line.substr(colon + 1));
  }
  return attributes;
}

void RequestAttributes::add(std::string_view name, std::string_view value) {
  std::string plain = normalise_name(trim(name));
  if (plain.empty()) return;
  all_.push_back({std::move(plain), std::string(trim(value))});
}

std::optional<std::string_view> RequestAttributes::find(std::string_view name) const {
  for (const RequestAttribute& attribute : all_)
    if (equals_ignore_case(attribute.name, name)) return std::string_view(attribute.value);
  return std::nullopt;
}

std::string TemplateIdentifier::describe() const {
  const std::string what = oid.empty() ? "'" + name + "'" : oid.dotted();
  switch (source) {
    case Source::attribute:
      return "request attribute CertificateTemplate " + what;
    case Source::name_value_pair:
      return "PKCS#10 name-value pair CertificateTemplate " + what;
    case Source::message:
      return "CertificateTemplate of the signed message " + what;
    case Source::extension_v1:
      return "extension 1.3.6.1.4.1.311.20.2 " + what;
    case Source::extension_v2:
      return "extension 1.3.6.1.4.1.311.21.7 " + what;
  }
  return what;
}

Decision<IncomingRequest> read_request(BytesView request, std::string_view attributes) {
  Trace trace;
  if (request.size() > kMaxRequestSize) {
    trace.fail(kRequestSize, HResult::ERROR_INVALID_DATA,
               std::to_string(request.size()) + " octets; at most " + std::to_string(kMaxRequestSize) + " are taken");
    return Decision<IncomingRequest>::refuse(std::move(trace));
  }
  trace.pass(kRequestSize, std::to_string(request.size()) + " octets");
  if (attributes.size() > kMaxAttributesSize) {
    trace.fail(kRequestAttributes, HResult::ERROR_INVALID_DATA,
               std::to_string(attributes.size()) + " characters of attributes; at most " +
                   std::to_string(kMaxAttributesSize) + " are kept");
    return Decision<IncomingRequest>::refuse(std::move(trace));
  }

  IncomingRequest incoming;
  incoming.attribute_text = std::string(attributes);
  incoming.attributes = RequestAttributes::parse(attributes);
  std::vector<std::pair<std::string, std::string>> beside;
  for (const RequestAttribute& attribute : incoming.attributes.all())
    beside.emplace_back(attribute.name, attribute.value);
  Decision<Envelope> envelope = open_envelope(request, beside);
  trace.append(std::move(envelope.trace));
  if (!envelope) return Decision<IncomingRequest>::refuse(std::move(trace));
  incoming.format = envelope.granted->format;
  incoming.raw = std::move(envelope.granted->raw);
  incoming.pkcs10 = std::move(envelope.granted->pkcs10);
  incoming.signature_valid = envelope.granted->signature_valid;
  incoming.signers = std::move(envelope.granted->signers);
  incoming.certificates = std::move(envelope.granted->certificates);
  incoming.has_archived_key = envelope.granted->has_archived_key;
  incoming.extensions = incoming.pkcs10.extensions();
  for (Extension& added : envelope.granted->added_extensions)
    if (incoming.extension(added.oid) == nullptr) incoming.extensions.push_back(std::move(added));
  if (!read_renewal(incoming, trace)) return Decision<IncomingRequest>::refuse(std::move(trace));

  for (const Oid* type : {&oids::kOsVersion, &oids::kCspProvider}) {
    if (single_valued(incoming.pkcs10, *type)) continue;
    trace.fail(kRequestSingleValued, HResult::ERROR_INVALID_DATA,
               "attribute " + type->dotted() + " has several values");
    return Decision<IncomingRequest>::refuse(std::move(trace));
  }
  trace.pass(kRequestSingleValued);

  std::vector<TemplateIdentifier>& identifiers = incoming.template_identifiers;
  using Source = TemplateIdentifier::Source;
  for (const RequestAttribute& attribute : incoming.attributes.all())
    if (equals_ignore_case(attribute.name, "CertificateTemplate") && !attribute.value.empty())
      identifiers.push_back(named_template(Source::attribute, attribute.value));
  for (const auto& pair : incoming.pkcs10.name_value_pairs()) {
    incoming.attributes.add(pair.first, pair.second);
    const std::string name = normalise_name(trim(pair.first));
    const std::string_view value = trim(pair.second);
    if (equals_ignore_case(name, "CertificateTemplate") && !value.empty())
      identifiers.push_back(named_template(Source::name_value_pair, value));
  }
  for (const auto& pair : envelope.granted->pairs) {
    const std::string name = normalise_name(trim(pair.first));
    const std::string_view value = trim(pair.second);
    if (equals_ignore_case(name, "requestername")) {
      if (incoming.requester_name.empty()) incoming.requester_name = std::string(value);
      continue;
    }
    incoming.attributes.add(pair.first, pair.second);
    if (equals_ignore_case(name, "CertificateTemplate") && !value.empty())
      identifiers.push_back(named_template(Source::message, value));
  }
  if (const Extension* v1 = incoming.extension(oids::kTemplateName)) {
    Result<std::string> name = ext::parse_template_name(v1->value);
    if (!name) {
      trace.fail(kRequestAttributes, HResult::CRYPT_E_ASN1_CORRUPT, "the template name extension is malformed");
      return Decision<IncomingRequest>::refuse(std::move(trace));
    }
    identifiers.push_back(named_template(Source::extension_v1, *name));
  }
  if (const Extension* v2 = incoming.extension(oids::kTemplateInfo)) {
    Result<ext::TemplateInfo> info = ext::parse_template_info(v2->value);
    if (!info) {
      trace.fail(kRequestAttributes, HResult::CRYPT_E_ASN1_CORRUPT, "the template information extension is malformed");
      return Decision<IncomingRequest>::refuse(std::move(trace));
    }
    TemplateIdentifier identifier;
    identifier.source = Source::extension_v2;
    identifier.oid = info->oid;
    identifier.version = *info;
    identifiers.push_back(std::move(identifier));
  }
  trace.pass(kRequestAttributes, std::to_string(incoming.attributes.all().size()) + " attributes");
  return Decision<IncomingRequest>::grant(std::move(incoming), std::move(trace));
}

Timestamp RequestedValidity::end(Timestamp not_before) const {
  if (expiration_date) return *expiration_date;
  switch (unit.value_or(Unit::seconds)) {
    case Unit::seconds:
      return not_before + count;
    case Unit::minutes:
      return not_before + count * kMinute;
    case Unit::hours:
      return not_before + count * kHour;
    case Unit::days:
      return not_before + count * kDay;
    case Unit::weeks:
      return not_before + count * 7 * kDay;
    case Unit::months:
    case Unit::years:
      break;
  }
  CivilTime civil = to_civil(not_before);
  const std::int64_t months = (unit == Unit::years ? count * 12 : count) + civil.month - 1;
  const std::int64_t year = civil.year + months / 12;
  if (year > kLastYear) return from_civil({kLastYear, 12, 31, 23, 59, 59});
  civil.year = static_cast<int>(year);
  civil.month = static_cast<int>(months % 12) + 1;
  civil.day = std::min(civil.day, days_in_month(civil.year, civil.month));
  return from_civil(civil);
}

Result<RequestedValidity> requested_validity(const RequestAttributes& attributes) {
  RequestedValidity validity;
  if (const auto date = attributes.find("ExpirationDate")) {
    MIMICA_TRY(validity.expiration_date, parse_http_date(*date));
    return validity;
  }
  const auto period = attributes.find("ValidityPeriod");
  const auto units = attributes.find("ValidityPeriodUnits");
  if (!period || !units) return validity;
  auto unit = parse_unit(*period);
  auto count = parse_count(*units);
  if (!unit || !count) {
    unit = parse_unit(*units);
    count = parse_count(*period);
  }
  if (!unit || !count)
    return fault(HResult::ERROR_INVALID_DATA,
                 "ValidityPeriod '" + std::string(period->substr(0, 64)) + "' with ValidityPeriodUnits '" +
                     std::string(units->substr(0, 64)) + "' is no period",
                 {}, "write ValidityPeriod:Weeks and ValidityPeriodUnits:3");
  validity.unit = unit;
  validity.count = *count;
  return validity;
}

Result<std::vector<GeneralName>> parse_san_attribute(std::string_view value) {
  std::vector<GeneralName> names;
  for (const std::string_view part : split(value, '&')) {
    if (trim(part).empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      return fault(HResult::ERROR_INVALID_DATA,
                   "the SAN attribute holds '" + std::string(part.substr(0, 64)) + "' without '='");
    MIMICA_TRY(GeneralName name, parse_san_entry(trim(part.substr(0, equals)), trim(part.substr(equals + 1))));
    names.push_back(std::move(name));
  }
  if (names.empty()) return fault(HResult::ERROR_INVALID_DATA, "the SAN attribute names nothing");
  return names;
}

}  // namespace mimica::ca
