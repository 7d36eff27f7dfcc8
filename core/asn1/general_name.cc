#include "core/asn1/general_name.h"

#include <algorithm>

#include "core/asn1/der.h"
#include "core/windows/guid.h"

namespace mimica {
namespace {

using Kind = GeneralName::Kind;

constexpr std::size_t kMaxNames = 4096;

bool is_seven_bit(BytesView text) {
  return std::all_of(text.begin(), text.end(), [](std::uint8_t c) { return c < 0x80; });
}

Result<GeneralName> parse_other_name(BytesView content) {
  DerReader reader(content);
  GeneralName out;
  out.kind = Kind::other;
  MIMICA_TRY(out.type, reader.oid());
  MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(0)));
  MIMICA_RETURN_IF_FAULT(reader.finish());
  MIMICA_TRY(const Tlv value, tagged.next());
  MIMICA_RETURN_IF_FAULT(tagged.finish());
  if (out.type == oids::kUpn) {
    if (auto text = decode_string(value)) {
      out.kind = Kind::upn;
      out.type = Oid();
      out.text = *std::move(text);
      return out;
    }
  } else if (out.type == oids::kDirectoryGuid && value.tag == tag::kOctetString && value.content.size() == 16) {
    out.kind = Kind::directory_guid;
    out.type = Oid();
    out.bytes = to_bytes(value.content);
    return out;
  }
  out.bytes = to_bytes(value.encoded);
  return out;
}

Result<GeneralName> parse_one(const Tlv& value) {
  GeneralName out;
  const auto text = [&](Kind kind) {
    out.kind = kind;
    out.text = to_string(value.content);
    return out;
  };
  switch (value.tag) {
    case tag::context_constructed(0):
      return parse_other_name(value.content);
    case tag::context(1):
      if (is_seven_bit(value.content)) return text(Kind::email);
      break;
    case tag::context(2):
      if (is_seven_bit(value.content)) return text(Kind::dns);
      break;
    case tag::context(6):
      if (is_seven_bit(value.content)) return text(Kind::uri);
      break;
    case tag::context_constructed(4): {
      MIMICA_TRY(out.name, Name::from_der(value.content));
      out.kind = Kind::directory;
      return out;
    }
    case tag::context(7):
      out.kind = Kind::ip;
      out.bytes = to_bytes(value.content);
      return out;
    case tag::context(8): {
      MIMICA_TRY(out.type, Oid::from_der_content(value.content));
      out.kind = Kind::registered_id;
      return out;
    }
    default:
      break;
  }
  out.kind = Kind::raw;
  out.bytes = to_bytes(value.encoded);
  return out;
}

Bytes other_name(const Oid& type, BytesView value) {
  return der::tlv(tag::context_constructed(0), {der::oid(type), der::tlv(tag::context_constructed(0), value)});
}

Bytes encode_one(const GeneralName& name) {
  switch (name.kind) {
    case Kind::upn:
      return other_name(oids::kUpn, der::utf8_string(name.text));
    case Kind::directory_guid:
      return other_name(oids::kDirectoryGuid, der::octet_string(name.bytes));
    case Kind::other:
      return other_name(name.type, name.bytes);
    case Kind::email:
      return der::tlv(tag::context(1), as_bytes(name.text));
    case Kind::dns:
      return der::tlv(tag::context(2), as_bytes(name.text));
    case Kind::directory:
      return der::tlv(tag::context_constructed(4), name.name.to_der());
    case Kind::uri:
      return der::tlv(tag::context(6), as_bytes(name.text));
    case Kind::ip:
      return der::tlv(tag::context(7), name.bytes);
    case Kind::registered_id:
      return der::tlv(tag::context(8), name.type.der_content());
    case Kind::raw:
      return name.bytes;
  }
  return {};
}

std::string ip_text(const Bytes& address) {
  std::string out;
  if (address.size() == 4) {
    for (std::size_t i = 0; i < 4; ++i) out += (i > 0 ? "." : "") + std::to_string(address[i]);
    return out;
  }
  if (address.size() != 16) return "#" + to_hex(address);
  for (std::size_t i = 0; i < 16; i += 2) {
    std::string group = to_hex(BytesView(address).subspan(i, 2));
    group.erase(0, std::min(group.find_first_not_of('0'), group.size() - 1));
    out += (i > 0 ? ":" : "") + group;
  }
  return out;
}

}  // namespace

std::string to_string(const GeneralName& name) {
  switch (name.kind) {
    case Kind::upn:
      return "UPN=" + name.text;
    case Kind::directory_guid: {
      const auto guid = Guid::from_binary(name.bytes);
      return "GUID=" + (guid ? guid->to_string() : "#" + to_hex(name.bytes));
    }
    case Kind::other:
      return "OTHER=" + name.type.dotted() + ":#" + to_hex(name.bytes);
    case Kind::email:
      return "EMAIL=" + name.text;
    case Kind::dns:
      return "DNS=" + name.text;
    case Kind::directory:
      return "DN=" + name.name.to_rfc4514();
    case Kind::uri:
      return "URI=" + name.text;
    case Kind::ip:
      return "IP=" + ip_text(name.bytes);
    case Kind::registered_id:
      return "OID=" + name.type.dotted();
    case Kind::raw:
      return "RAW=#" + to_hex(name.bytes);
  }
  return {};
}

Result<std::vector<GeneralName>> parse_general_names(BytesView der) {
  DerReader outer(der);
  MIMICA_TRY(DerReader sequence, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  std::vector<GeneralName> out;
  while (!sequence.at_end()) {
    if (out.size() == kMaxNames)
      return fault(HResult::CRYPT_E_ASN1_CORRUPT,
                   "there are more than " + std::to_string(kMaxNames) + " general names");
    MIMICA_TRY(const Tlv value, sequence.next());
    MIMICA_TRY(GeneralName name, parse_one(value));
    out.push_back(std::move(name));
  }
  return out;
}

Bytes encode_general_names(const std::vector<GeneralName>& names) {
  Bytes content;
  for (const GeneralName& name : names) {
    const Bytes one = encode_one(name);
    content.insert(content.end(), one.begin(), one.end());
  }
  return der::tlv(tag::kSequence, content);
}

}  // namespace mimica
