#include "ca/request/cmc.h"

#include <optional>

#include "core/base/text.h"

namespace mimica::ca {
namespace {

const Oid kRegistrationInfo{"1.3.6.1.5.5.7.7.18"};     // id-cmc-regInfo
const Oid kAddExtensions{"1.3.6.1.5.5.7.7.8"};         // id-cmc-addExtensions
const Oid kEncryptedKeyHash{"1.3.6.1.4.1.311.21.21"};  // szOID_ENCRYPTED_KEY_HASH
constexpr std::int64_t kRequestBodyPart = 1;

std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (const auto octet = from_hex(text.substr(i + 1, 2)); octet && octet->size() == 1) {
        out += static_cast<char>(octet->front());
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string encode_percent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '&' || c == '=') {
      const auto octet = static_cast<std::uint8_t>(c);
      out += "%" + to_hex(BytesView(&octet, 1));
    } else {
      out += c;
    }
  }
  return out;
}

void read_registration_info(std::string_view text, PkiData& into) {
  for (const std::string_view part : split(text, '&')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    into.registration_info.emplace_back(decode_percent(part.substr(0, equals)),
                                        decode_percent(part.substr(equals + 1)));
  }
}

Result<void> read_control(DerReader control, PkiData& into) {
  MIMICA_RETURN_IF_FAULT(control.integer());  // body part
  MIMICA_TRY(Oid type, control.oid());
  MIMICA_TRY(DerReader values, control.enter(tag::kSet));
  MIMICA_RETURN_IF_FAULT(control.finish());
  while (!values.at_end()) {
    MIMICA_TRY(const Tlv value, values.next());
    if (type == kRegistrationInfo) {
      if (value.tag != tag::kOctetString)
        return fault(HResult::CRYPT_E_ASN1_BADTAG, "RegInfo of the CMC request is no OCTET STRING");
      read_registration_info(as_text(value.content), into);
    } else if (type == kAddExtensions) {
      DerReader add(value.content);
      if (add.peek() == tag::kInteger) {
        MIMICA_RETURN_IF_FAULT(add.next());  // reference to the PKIData
      }
      MIMICA_RETURN_IF_FAULT(add.expect(tag::kSequence));  // references to requests: there is one
      MIMICA_TRY(const Tlv extensions, add.expect(tag::kSequence));
      MIMICA_TRY(std::vector<Extension> more, parse_extensions(extensions.encoded));
      for (Extension& extension : more) into.added_extensions.push_back(std::move(extension));
    } else if (type == kEncryptedKeyHash) {
      into.has_key_hash = true;
    } else {
      into.ignored_controls.push_back(type);
    }
  }
  return {};
}

}  // namespace

Result<PkiData> parse_pki_data(BytesView der) {
  PkiData out;
  DerReader outer(der);
  MIMICA_TRY(DerReader data, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(DerReader controls, data.enter(tag::kSequence));
  std::size_t parts = 0;
  const auto count = [&parts]() -> Result<void> {
    if (++parts <= kMaxCmcParts) return {};
    return fault(HResult::ERROR_INVALID_DATA,
                 "the CMC request has more than " + std::to_string(kMaxCmcParts) + " parts");
  };
  while (!controls.at_end()) {
    MIMICA_RETURN_IF_FAULT(count());
    MIMICA_TRY(DerReader control, controls.enter(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(read_control(control, out));
  }
  MIMICA_TRY(DerReader requests, data.enter(tag::kSequence));
  std::size_t found = 0;
  while (!requests.at_end()) {
    MIMICA_RETURN_IF_FAULT(count());
    MIMICA_TRY(const Tlv request, requests.next());
    ++found;
    if (request.tag != tag::context_constructed(0)) continue;
    DerReader tagged(request.content);
    MIMICA_RETURN_IF_FAULT(tagged.integer());  // body part
    MIMICA_TRY(const Tlv pkcs10, tagged.expect(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    out.pkcs10 = to_bytes(pkcs10.encoded);
  }
  if (found != 1 || out.pkcs10.empty())
    return fault(HResult::ERROR_INVALID_DATA,
                 "the CMC request holds " + std::to_string(found) + " requests; exactly one PKCS#10 is taken");
  return out;
}

Bytes make_pki_data(const PkiData& data) {
  Bytes controls;
  std::int64_t body_part = kRequestBodyPart;
  const auto add = [&](const Oid& type, const Bytes& value) {
    const Bytes control = der::sequence({der::integer(++body_part), der::oid(type), der::set_of({value})});
    controls.insert(controls.end(), control.begin(), control.end());
  };
  if (!data.registration_info.empty()) {
    const std::string text = join(data.registration_info, "&", [](const auto& one) {
      return encode_percent(one.first) + "=" + encode_percent(one.second);
    });
    add(kRegistrationInfo, der::octet_string(to_bytes(text)));
  }
  if (!data.added_extensions.empty()) {
    Bytes list;
    for (const Extension& extension : data.added_extensions) {
      const Bytes one = encode(extension);
      list.insert(list.end(), one.begin(), one.end());
    }
    add(kAddExtensions, der::sequence({der::integer(0), der::sequence({der::integer(kRequestBodyPart)}),
                                       der::tlv(tag::kSequence, list)}));
  }
  const Bytes request = der::tlv(tag::context_constructed(0), {der::integer(kRequestBodyPart), data.pkcs10});
  return der::sequence(
      {der::tlv(tag::kSequence, controls), der::sequence({request}), der::sequence({}), der::sequence({})});
}

}  // namespace mimica::ca
