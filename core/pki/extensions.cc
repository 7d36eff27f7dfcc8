// Extensions and their values (RFC 5280 4.2; Microsoft's in MS-WCCE 2.2.2.7).
#include <algorithm>

#include "core/asn1/der.h"
#include "core/pki/certificate.h"
#include "core/pki/certificate_parts.h"

namespace mimica {
namespace {

constexpr std::size_t kMaxExtensions = 512;

Fault bad(std::string what) { return fault(HResult::CRYPT_E_ASN1_CORRUPT, std::move(what)); }

// The single outermost value of an extension, entered.
Result<DerReader> enter_only(BytesView value, std::uint8_t wanted_tag) {
  DerReader outer(value);
  MIMICA_TRY(DerReader inner, outer.enter(wanted_tag));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  return inner;
}

Bytes sequence_of(const std::vector<Bytes>& elements) {
  Bytes content;
  for (const Bytes& element : elements) content.insert(content.end(), element.begin(), element.end());
  return der::tlv(tag::kSequence, content);
}

}  // namespace

Bytes encode(const Extension& extension) {
  return der::sequence(
      {der::oid(extension.oid), extension.critical ? der::boolean(true) : Bytes(), der::octet_string(extension.value)});
}

Bytes detail::encode_extensions(const std::vector<Extension>& extensions) {
  Bytes content;
  for (const Extension& extension : extensions) {
    const Bytes one = encode(extension);
    content.insert(content.end(), one.begin(), one.end());
  }
  return der::tlv(tag::kSequence, content);
}

Result<std::vector<Extension>> parse_extensions(BytesView sequence_of_extension) {
  MIMICA_TRY(DerReader sequence, enter_only(sequence_of_extension, tag::kSequence));
  std::vector<Extension> out;
  while (!sequence.at_end()) {
    if (out.size() == kMaxExtensions)
      return bad("there are more than " + std::to_string(kMaxExtensions) + " extensions");
    MIMICA_TRY(DerReader one, sequence.enter(tag::kSequence));
    Extension extension;
    MIMICA_TRY(extension.oid, one.oid());
    if (one.peek() == tag::kBoolean) {
      MIMICA_TRY(extension.critical, one.boolean());
    }
    MIMICA_TRY(extension.value, one.octet_string());
    MIMICA_RETURN_IF_FAULT(one.finish());
    out.push_back(std::move(extension));
  }
  return out;
}

const Extension* find(const std::vector<Extension>& extensions, const Oid& oid) {
  const auto at = std::find_if(extensions.begin(), extensions.end(),
                               [&](const Extension& extension) { return extension.oid == oid; });
  return at == extensions.end() ? nullptr : &*at;
}

namespace ext {

Bytes sid(const Sid& sid) {
  const Bytes value = der::tlv(tag::context_constructed(0), der::octet_string(as_bytes(sid.to_string())));
  return der::sequence({der::tlv(tag::context_constructed(0), {der::oid(oids::kSidOtherName), value})});
}

Result<Sid> parse_sid(BytesView value) {
  MIMICA_TRY(DerReader names, enter_only(value, tag::kSequence));
  MIMICA_TRY(DerReader other, names.enter(tag::context_constructed(0)));
  MIMICA_RETURN_IF_FAULT(names.finish());
  MIMICA_TRY(const Oid type, other.oid());
  if (type != oids::kSidOtherName) return bad("the security extension holds an otherName of type " + type.dotted());
  MIMICA_TRY(DerReader tagged, other.enter(tag::context_constructed(0)));
  MIMICA_RETURN_IF_FAULT(other.finish());
  MIMICA_TRY(const Tlv text, tagged.expect(tag::kOctetString));
  MIMICA_RETURN_IF_FAULT(tagged.finish());
  return Sid::parse(as_text(text.content));
}

Bytes template_name(std::string_view name) { return der::bmp_string(name); }

Result<std::string> parse_template_name(BytesView value) {
  DerReader outer(value);
  if (outer.peek() == tag::kSequence) {
    MIMICA_TRY(DerReader inner, outer.enter(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(outer.finish());
    outer = inner;
  }
  MIMICA_TRY(const Tlv text, outer.next());
  MIMICA_RETURN_IF_FAULT(outer.finish());
  return decode_string(text);
}

Bytes template_info(const TemplateInfo& info) {
  return der::sequence({der::oid(info.oid), der::integer(info.major), der::integer(info.minor)});
}

Result<TemplateInfo> parse_template_info(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  TemplateInfo out;
  MIMICA_TRY(out.oid, sequence.oid());
  // Both versions are optional in MS-WCCE 2.2.2.7.7.2.
  if (!sequence.at_end()) {
    MIMICA_TRY(out.major, sequence.integer());
  }
  if (!sequence.at_end()) {
    MIMICA_TRY(out.minor, sequence.integer());
  }
  MIMICA_RETURN_IF_FAULT(sequence.finish());
  return out;
}

Bytes oid_list(const std::vector<Oid>& oids) {
  std::vector<Bytes> elements;
  for (const Oid& oid : oids) elements.push_back(der::oid(oid));
  return sequence_of(elements);
}

Result<std::vector<Oid>> parse_oid_list(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  std::vector<Oid> out;
  while (!sequence.at_end()) {
    MIMICA_TRY(Oid oid, sequence.oid());
    out.push_back(std::move(oid));
  }
  return out;
}

Bytes policies(const std::vector<Oid>& oids) {
  std::vector<Bytes> elements;
  for (const Oid& oid : oids) elements.push_back(der::sequence({der::oid(oid)}));
  return sequence_of(elements);
}

Result<std::vector<Oid>> parse_policies(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  std::vector<Oid> out;
  while (!sequence.at_end()) {
    MIMICA_TRY(DerReader policy, sequence.enter(tag::kSequence));
    MIMICA_TRY(Oid oid, policy.oid());
    if (!policy.at_end()) MIMICA_RETURN_IF_FAULT(policy.expect(tag::kSequence));  // policyQualifiers
    MIMICA_RETURN_IF_FAULT(policy.finish());
    out.push_back(std::move(oid));
  }
  return out;
}

// A named bit list: DER leaves out trailing zero bits (X.690 11.2.2).
Bytes key_usage(BytesView bits) {
  while (!bits.empty() && bits.back() == 0) bits = bits.first(bits.size() - 1);
  unsigned unused = 0;
  if (!bits.empty())
    while ((bits.back() >> unused & 1) == 0) ++unused;
  return der::bit_string(bits, unused);
}

Result<std::uint16_t> parse_key_usage(BytesView value) {
  DerReader reader(value);
  MIMICA_TRY(const Tlv bits, reader.expect(tag::kBitString));
  MIMICA_RETURN_IF_FAULT(reader.finish());
  const BytesView c = bits.content;
  if (c.empty() || c.size() > 3 || c[0] > 7 || (c.size() == 1 && c[0] != 0)) return bad("the key usage is malformed");
  std::uint16_t out = 0;
  if (c.size() > 1) out = static_cast<std::uint16_t>(c[1] << 8);
  if (c.size() > 2) out = static_cast<std::uint16_t>(out | c[2]);
  return out;
}

Bytes basic_constraints(bool ca, std::optional<std::int64_t> path_length) {
  return der::sequence({ca ? der::boolean(true) : Bytes(), path_length ? der::integer(*path_length) : Bytes()});
}

Result<BasicConstraints> parse_basic_constraints(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  BasicConstraints out;
  if (sequence.peek() == tag::kBoolean) {
    MIMICA_TRY(out.ca, sequence.boolean());
  }
  if (!sequence.at_end()) {
    MIMICA_TRY(out.path_length, sequence.integer());
  }
  MIMICA_RETURN_IF_FAULT(sequence.finish());
  return out;
}

Bytes subject_key_identifier(BytesView id) { return der::octet_string(id); }

Bytes authority_key_identifier(BytesView key_id) { return der::sequence({der::tlv(tag::context(0), key_id)}); }

Result<Bytes> parse_authority_key_identifier(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  Bytes id;
  while (!sequence.at_end()) {
    MIMICA_TRY(const Tlv field, sequence.next());
    if (field.tag == tag::context(0)) id = to_bytes(field.content);
  }
  return id;
}

Bytes distribution_points(const std::vector<std::string>& urls) {
  Bytes names;
  for (const std::string& url : urls) {
    const Bytes name = der::tlv(tag::context(6), as_bytes(url));
    names.insert(names.end(), name.begin(), name.end());
  }
  const Bytes full_name = der::tlv(tag::context_constructed(0), names);
  return der::sequence({der::sequence({der::tlv(tag::context_constructed(0), full_name)})});
}

Result<std::vector<std::string>> parse_distribution_points(BytesView value) {
  MIMICA_TRY(DerReader points, enter_only(value, tag::kSequence));
  std::vector<std::string> out;
  while (!points.at_end()) {
    MIMICA_TRY(DerReader point, points.enter(tag::kSequence));
    if (point.peek() != tag::context_constructed(0)) continue;
    MIMICA_TRY(DerReader choice, point.enter(tag::context_constructed(0)));
    if (choice.peek() != tag::context_constructed(0)) continue;  // nameRelativeToCRLIssuer
    MIMICA_TRY(DerReader names, choice.enter(tag::context_constructed(0)));
    while (!names.at_end()) {
      MIMICA_TRY(const Tlv name, names.next());
      if (name.tag == tag::context(6)) out.push_back(to_string(name.content));
    }
  }
  return out;
}

Bytes authority_info_access(const std::vector<AccessDescription>& entries) {
  std::vector<Bytes> elements;
  for (const AccessDescription& entry : entries)
    elements.push_back(der::sequence({der::oid(entry.method), der::tlv(tag::context(6), as_bytes(entry.url))}));
  return sequence_of(elements);
}

Result<std::vector<AccessDescription>> parse_authority_info_access(BytesView value) {
  MIMICA_TRY(DerReader sequence, enter_only(value, tag::kSequence));
  std::vector<AccessDescription> out;
  while (!sequence.at_end()) {
    MIMICA_TRY(DerReader entry, sequence.enter(tag::kSequence));
    MIMICA_TRY(Oid method, entry.oid());
    MIMICA_TRY(const Tlv location, entry.next());
    MIMICA_RETURN_IF_FAULT(entry.finish());
    if (location.tag == tag::context(6)) out.push_back({std::move(method), to_string(location.content)});
  }
  return out;
}

}  // namespace ext
}  // namespace mimica
