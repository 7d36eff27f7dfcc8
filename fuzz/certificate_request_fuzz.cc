// Certification requests: every accepted one can be read again from its own bytes, and what is written from its parts
// is accepted again with the same parts.
#include <cstdint>
#include <cstdlib>

#include "core/pki/certificate.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

const mimica::PrivateKey& key() {
  static const mimica::PrivateKey one = *mimica::PrivateKey::generate({mimica::KeyKind::ec, 256});
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const auto request = CertificateRequest::parse_pem_or_der(BytesView(data, size));
  if (!request) return 0;
  const auto again = CertificateRequest::parse(request->der());
  require(again.has_value() && again->subject() == request->subject() && again->extensions() == request->extensions());
  static_cast<void>(request->signature_valid().has_value());
  require(request->public_key().key_identifier().size() == 20);

  RequestSpec spec;
  spec.subject = request->subject();
  spec.extensions = request->extensions();
  spec.name_value_pairs = request->name_value_pairs();
  const auto rewritten = make_request(spec, key());
  require(rewritten.has_value());
  if (rewritten->size() > kMaxRequestSize) return 0;
  const auto back = CertificateRequest::parse(*rewritten);
  if (!back) {
    // Only limits on numbers may stand in the way: several attributes were joined into one list.
    require(spec.extensions.size() > 256 || spec.name_value_pairs.size() > 200);
    return 0;
  }
  require(back->extensions() == spec.extensions && back->name_value_pairs() == spec.name_value_pairs);
  require(back->signature_valid().value_or(false));
  for (const Extension& extension : request->extensions()) {
    const auto names = parse_general_names(extension.value);
    if (!names) continue;
    const auto once = parse_general_names(encode_general_names(*names));
    require(once.has_value() && *once == *names);
    for (const GeneralName& name : *names) require(!to_string(name).empty());
  }
  return 0;
}
