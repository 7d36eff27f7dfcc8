// OCSP requests and responses: the parsers are total; what a response says survives being signed again, and then counts
// exactly when its times and extensions allow it.
#include <cstdint>
#include <cstdlib>

#include "core/pki/ocsp.h"

namespace {

using namespace mimica;

void require(bool condition) {
  if (!condition) std::abort();
}

const PrivateKey& key() {
  static const PrivateKey one = *PrivateKey::generate({KeyKind::ec, 256});
  return one;
}

const Certificate& issuer() {
  static const Certificate one = [] {
    CertificateFields fields;
    fields.serial = {1};
    fields.issuer_der = fields.subject_der = Name::parse_rfc4514("CN=Root")->to_der();
    fields.not_after = Timestamp{4102444800};  // 2100-01-01
    fields.spki = key().public_key().spki();
    return *Certificate::parse(*sign_certificate(fields, key(), Digest::sha256));
  }();
  return one;
}

void check_request(BytesView data) {
  const auto request = parse_ocsp_request(data);
  if (!request) return;
  const auto again = parse_ocsp_request(make_ocsp_request(*request));
  require(again.has_value() && again->certificates == request->certificates && again->nonce == request->nonce);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_request(BytesView(data, size));
  const auto response = parse_ocsp_response(BytesView(data, size));
  OcspQuestion question{issuer(), issuer(), {}, {}};
  static_cast<void>(judge_ocsp_response(BytesView(data, size), question).has_value());
  if (!response || response->status != OcspResponseStatus::successful || response->entries.empty()) return 0;

  OcspResponseFields fields;
  fields.signer = issuer();
  fields.produced_at = response->produced_at;
  fields.entries = response->entries;
  fields.nonce = response->nonce;
  for (OcspEntry& entry : fields.entries) entry.has_unknown_critical = false;
  fields.entries.front().id = ocsp_cert_id(issuer(), issuer());
  question.at = fields.entries.front().this_update;
  const auto signed_again = make_ocsp_response(fields, key(), Digest::sha256);
  require(signed_again.has_value());
  if (signed_again->size() > kMaxOcspSize) return 0;
  const auto again = parse_ocsp_response(*signed_again);
  require(again.has_value() && again->entries.size() == fields.entries.size() && again->nonce == fields.nonce &&
          again->produced_at == fields.produced_at);
  if (fields.entries.size() > 1) return 0;
  const OcspEntry& said = fields.entries.front();
  const auto judged = judge_ocsp_response(*signed_again, question);
  require(judged.has_value() == (said.next_update.value_or(said.this_update) >= said.this_update));
  if (judged) require(judged->status == said.status && judged->reason == said.reason);
  return 0;
}
