#include "ca/faces/publication/ocsp.h"

#include <algorithm>

namespace mimica::ca {
namespace {

constexpr int kRemoveFromCrl = 8;

// The newest certificate of each key; all of them speak for the same key, so one is enough.
std::map<int, SigningCertificate> by_key(const CertificationAuthority& authority) {
  std::map<int, SigningCertificate> out;
  for (SigningCertificate& one : authority.signing_certificates()) {
    const int index = key_index_of(one.certificate);
    out[index] = std::move(one);
  }
  return out;
}

Bytes error(OcspResponseStatus status) { return make_ocsp_error(status); }

}  // namespace

Result<OcspKnowledge> OcspKnowledge::make(const Certificate& issuer, BytesView base, std::optional<BytesView> delta) {
  OcspKnowledge out;
  out.issuer_ = issuer;
  const auto read = [&](BytesView der) -> Result<void> {
    MIMICA_TRY(const Crl list, Crl::parse(der));
    const Timestamp end = list.next_update().value_or(list.this_update());
    const bool first = out.next_update_ == Timestamp{};
    out.this_update_ = std::max(out.this_update_, list.this_update());
    out.next_update_ = first ? end : std::min(out.next_update_, end);
    for (const RevokedEntry& entry : list.revoked()) {
      if (entry.reason == kRemoveFromCrl)
        out.revoked_.erase(to_hex(entry.serial));
      else
        out.revoked_.insert_or_assign(to_hex(entry.serial), entry);
    }
    return {};
  };
  MIMICA_RETURN_IF_FAULT(read(base));
  if (delta) MIMICA_RETURN_IF_FAULT(read(*delta));
  return out;
}

bool OcspKnowledge::is_about(const OcspCertId& id) const {
  // The name and key of a CA certificate are those of what it issued.
  OcspCertId own;
  own.hash = id.hash;
  own.issuer_name_hash = digest(id.hash, issuer_.subject_der());
  return own.issuer_name_hash == id.issuer_name_hash &&
         ocsp_cert_id(issuer_, issuer_, id.hash).issuer_key_hash == id.issuer_key_hash;
}

OcspEntry OcspKnowledge::answer(const OcspCertId& id, const std::function<bool(const std::string&)>& issued) const {
  OcspEntry entry;
  entry.id = id;
  entry.this_update = this_update_;
  entry.next_update = next_update_;
  const std::string serial = to_hex(id.serial);
  if (const auto found = revoked_.find(serial); found != revoked_.end()) {
    entry.status = OcspStatus::revoked;
    entry.revoked_at = found->second.when;
    entry.reason = found->second.reason;
  } else if (issued && !issued(serial)) {
    entry.status = OcspStatus::unknown;
  }
  return entry;
}

bool OcspResponder::is_own_path(const HttpRequest& request) const {
  const auto path = request.path();
  return path && (equals_ignore_case(*path, options_.path) || starts_with_ignore_case(*path, options_.path + "/"));
}

void OcspResponder::keep_lists(bool keep) {
  const std::lock_guard lock(mutex_);
  keep_lists_ = false;
  if (keep)
    for (const auto& [index, one] : by_key(authority_)) (void)lists_of(index, one.certificate);
  keep_lists_ = keep;
}

Result<Certificate> OcspResponder::signing_certificate(int key_index) {
  const std::lock_guard lock(mutex_);
  const auto keys = by_key(authority_);
  const auto found = keys.find(key_index);
  if (found == keys.end()) return fault(HResult::E_INVALIDARG, "the CA has no key " + std::to_string(key_index));
  MIMICA_TRY(const Signer* signer, signer_of(key_index, certificate_index_of(found->second.certificate)));
  return signer->certificate;
}

Result<const OcspResponder::Lists*> OcspResponder::lists_of(int key_index, const Certificate& issuer) {
  const auto known = lists_.find(key_index);
  if (keep_lists_ && known != lists_.end()) return &known->second;
  MIMICA_TRY(const auto base, authority_.crl(key_index, CrlKind::base));
  if (!base) return fault(HResult::ERROR_FILE_NOT_FOUND, "no CRL was published yet");
  MIMICA_TRY(const auto delta, authority_.crl(key_index, CrlKind::delta));
  const std::int64_t delta_id = delta ? delta->CRLRowId : 0;
  if (known != lists_.end() && known->second.base == base->CRLRowId && known->second.delta == delta_id)
    return &known->second;
  MIMICA_TRY(
      OcspKnowledge knowledge,
      OcspKnowledge::make(issuer, base->CRLRawCRL, delta ? std::optional<BytesView>(delta->CRLRawCRL) : std::nullopt));
  Lists& lists = lists_[key_index];
  lists = {base->CRLRowId, delta_id, std::move(knowledge)};
  return &lists;
}

Result<const OcspResponder::Signer*> OcspResponder::signer_of(int key_index, int certificate_index) {
  const Timestamp now = clock_.now();
  const auto known = signers_.find(key_index);
  if (known != signers_.end() && known->second.certificate.not_before() <= now &&
      now < known->second.certificate.not_after() - options_.overlap)
    return &known->second;
  Signer signer;
  MIMICA_TRY(signer.key, keys_.key(options_.key));
  SubmitInput input;
  input.caller = options_.account;
  MIMICA_TRY(input.request, make_request({}, signer.key));
  input.attributes = "CertificateTemplate:" + options_.template_name;
  input.ca_certificate_index = certificate_index;
  MIMICA_TRY(const SubmitOutcome outcome, authority_.submit(input));
  if (outcome.disposition != Disposition::issued) {
    // One that is still valid goes on to sign.
    if (known != signers_.end() && now <= known->second.certificate.not_after()) return &known->second;
    return fault(outcome.status, "the responder got no certificate: " + outcome.message, {},
                 "publish " + options_.template_name + " and allow Enroll on it to " + options_.account);
  }
  MIMICA_TRY(signer.certificate, Certificate::parse(outcome.certificate));
  Signer& stored = signers_[key_index];
  stored = std::move(signer);
  return &stored;
}

Result<OcspResponder::Answer> OcspResponder::respond(const OcspRequest& request) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key_index, issuer] : by_key(authority_)) {
    MIMICA_TRY(const Lists* lists, lists_of(key_index, issuer.certificate));
    const OcspKnowledge& knowledge = lists->knowledge;
    const auto own = [&](const OcspCertId& id) { return knowledge.is_about(id); };
    if (!std::all_of(request.certificates.begin(), request.certificates.end(), own)) continue;
    std::optional<Fault> problem;
    const auto issued = [&](const std::string& serial) {
      const auto row = authority_.database().by_serial(serial);
      if (!row) problem = row.error();
      return row && row->has_value();
    };
    OcspResponseFields fields;
    for (const OcspCertId& id : request.certificates)
      fields.entries.push_back(
          knowledge.answer(id, options_.deterministic_good ? issued : std::function<bool(const std::string&)>()));
    if (problem) return *std::move(problem);
    MIMICA_TRY(const Signer* signer, signer_of(key_index, certificate_index_of(issuer.certificate)));
    fields.signer = signer->certificate;
    fields.delegated = true;
    fields.produced_at = clock_.now();
    fields.nonce = request.nonce;
    Answer answer;
    MIMICA_TRY(answer.der, make_ocsp_response(fields, signer->key, authority_.config().SignatureDigest));
    if (request.nonce.empty()) {
      answer.this_update = knowledge.this_update();
      answer.next_update = knowledge.next_update();
    }
    return answer;
  }
  return Answer{error(OcspResponseStatus::unauthorized), {}, {}};  // RFC 5019 2.2.3: not about this CA's certificates
}

OcspResponder::Answer OcspResponder::respond(BytesView request) {
  const Result<OcspRequest> parsed = parse_ocsp_request(request);
  if (!parsed || parsed->certificates.empty()) return {error(OcspResponseStatus::malformed_request), {}, {}};
  Result<Answer> answer = respond(*parsed);
  return answer ? *std::move(answer) : Answer{error(OcspResponseStatus::internal_error), {}, {}};
}

Bytes OcspResponder::answer(BytesView request) { return respond(request).der; }

HttpResponse OcspResponder::serve(const HttpRequest& request) {
  Answer answer;
  if (request.method == "POST") {
    answer = respond(request.body);
  } else if (request.method == "GET" || request.method == "HEAD") {
    const std::string path = request.path().value_or("");
    const std::size_t prefix = options_.path.size() + 1;
    const auto body = path.size() > prefix ? from_base64(std::string_view(path).substr(prefix)) : std::nullopt;
    answer = respond(body.value_or(Bytes{}));
  } else {
    HttpResponse response = text_response(405, "OCSP requests come with POST or GET");
    response.set_header("Allow", "GET, HEAD, POST");
    return response;
  }
  HttpResponse response;
  response.set_header("Content-Type", "application/ocsp-response");
  if (answer.next_update && request.method != "POST") {
    const std::string tag = "\"" + to_hex(digest(Digest::sha1, answer.der)) + "\"";
    const Timestamp now = clock_.now();
    response.set_header("Last-Modified", to_http_date(*answer.this_update));
    response.set_header("Expires", to_http_date(*answer.next_update));
    response.set_header("ETag", tag);
    response.set_header("Cache-Control", "max-age=" + std::to_string(std::max<Seconds>(0, *answer.next_update - now)) +
                                             ", public, no-transform, must-revalidate");
  } else {
    response.set_header("Cache-Control", "no-cache");
  }
  response.body = std::move(answer.der);
  response.head_only = request.method == "HEAD";
  return response;
}

}  // namespace mimica::ca
