#include "core/asn1/name.h"

#include <algorithm>

#include "core/asn1/der.h"
#include "core/asn1/name_keywords.h"

namespace mimica {
namespace {

// The value's TLV in that string type; empty if the type cannot hold the value.
Bytes string_tlv(std::uint8_t string_tag, std::string_view value) {
  switch (string_tag) {
    case tag::kUtf8String:
      return der::utf8_string(value);
    case tag::kPrintableString:
    case tag::kNumericString:
    case tag::kIa5String:
      return detail::is_ascii(value) ? der::tlv(string_tag, as_bytes(value)) : Bytes();
    case tag::kBmpString:
      return der::bmp_string(value);
    case tag::kTeletexString:
    case tag::kUniversalString: {
      const auto text = utf8_to_utf16(value);
      if (!text) return {};
      Bytes content;
      for (std::size_t i = 0; i < text->size(); ++i) {
        char32_t point = (*text)[i];
        if (point >= 0xD800 && point < 0xDC00) point = 0x10000 + ((point - 0xD800) << 10) + ((*text)[++i] - 0xDC00);
        if (string_tag == tag::kTeletexString) {
          if (point > 0xFF) return {};
          content.push_back(static_cast<std::uint8_t>(point));
        } else {
          for (int shift = 24; shift >= 0; shift -= 8) content.push_back(static_cast<std::uint8_t>(point >> shift));
        }
      }
      return der::tlv(string_tag, content);
    }
    default:
      return {};
  }
}

Bytes value_tlv(const Ava& ava) {
  if (!ava.raw.empty()) return ava.raw;
  if (ava.string_tag != 0)
    if (Bytes out = string_tlv(ava.string_tag, ava.value); !out.empty()) return out;
  const bool ia5 = ava.type == oids::kDomainComponent || detail::wants_ia5_string(ava.type);
  if (ia5 && detail::is_ascii(ava.value)) return der::ia5_string(ava.value);
  if (!ia5 && detail::is_printable_string(ava.value)) return der::printable_string(ava.value);
  return der::utf8_string(ava.value);
}

// A value as found in an encoding: a string, or kept as its DER.
Ava make_ava(Oid type, const Tlv& value) {
  Ava out;
  out.type = std::move(type);
  if (auto text = decode_string(value)) {
    out.value = *std::move(text);
    out.string_tag = value.tag;
  } else {
    out.raw = to_bytes(value.encoded);
    out.value = "#" + to_hex(out.raw);
  }
  return out;
}

}  // namespace

std::string_view Name::last(const Oid& type) const {
  for (auto rdn = rdns.rbegin(); rdn != rdns.rend(); ++rdn)
    for (const Ava& ava : *rdn)
      if (ava.type == type) return ava.value;
  return {};
}

Result<Name> Name::from_der(BytesView der) {
  DerReader outer(der);
  MIMICA_TRY(DerReader sequence, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  Name name;
  while (!sequence.at_end()) {
    MIMICA_TRY(DerReader set, sequence.enter(tag::kSet));
    if (set.at_end()) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "a relative distinguished name is empty");
    Rdn rdn;
    while (!set.at_end()) {
      MIMICA_TRY(DerReader pair, set.enter(tag::kSequence));
      MIMICA_TRY(Oid type, pair.oid());
      MIMICA_TRY(const Tlv value, pair.next());
      MIMICA_RETURN_IF_FAULT(pair.finish());
      rdn.push_back(make_ava(std::move(type), value));
    }
    name.rdns.push_back(std::move(rdn));
  }
  return name;
}

Bytes Name::to_der() const {
  Bytes content;
  for (const Rdn& rdn : rdns) {
    std::vector<Bytes> pairs;
    for (const Ava& ava : rdn) pairs.push_back(der::sequence({der::oid(ava.type), value_tlv(ava)}));
    const Bytes set = der::set_of(std::move(pairs));
    content.insert(content.end(), set.begin(), set.end());
  }
  return der::tlv(tag::kSequence, content);
}

Result<Name> Name::parse_rfc4514(std::string_view text) {
  Name name;
  if (trim(text).empty()) return name;
  detail::DnAva part;
  bool same_rdn = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    MIMICA_RETURN_IF_FAULT(detail::next_ava(text, at, part));
    Oid type = detail::type_from_keyword(part.type);
    if (type.empty())
      return detail::bad_name("'" + std::string(part.type.substr(0, 64)) + "' is no known attribute type", start);
    Ava ava;
    if (part.hex) {
      const Bytes raw = from_hex(part.value).value_or(Bytes());
      DerReader reader(raw);
      const auto value = reader.next();
      if (!value || !reader.at_end()) return detail::bad_name("a value after '#' is not the DER of one value", start);
      ava = make_ava(std::move(type), *value);
    } else {
      if (!is_valid_utf8(part.value)) return detail::bad_name("a value is not valid UTF-8", start);
      ava.type = std::move(type);
      ava.value = part.value;
    }
    if (!same_rdn) name.rdns.emplace_back();
    name.rdns.back().push_back(std::move(ava));
    same_rdn = part.separator == '+';
  }
  std::reverse(name.rdns.begin(), name.rdns.end());
  return name;
}

std::string Name::to_rfc4514() const {
  std::string out;
  for (auto rdn = rdns.rbegin(); rdn != rdns.rend(); ++rdn) {
    if (rdn != rdns.rbegin()) out += ',';
    for (std::size_t i = 0; i < rdn->size(); ++i) {
      const Ava& ava = (*rdn)[i];
      if (i > 0) out += '+';
      out += detail::rfc4514_keyword(ava.type) + "=" + (ava.raw.empty() ? escape_dn_value(ava.value) : ava.value);
    }
  }
  return out;
}

}  // namespace mimica
