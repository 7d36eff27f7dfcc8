#include "core/pki/chain.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "core/base/text.h"
#include "core/pki/key_openssl.h"
#include "core/pki/ocsp.h"

namespace mimica {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpenSslDeleter<X509_STORE_free>>;
using StoreCtxPtr = std::unique_ptr<X509_STORE_CTX, OpenSslDeleter<X509_STORE_CTX_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, OpenSslDeleter<X509_CRL_free>>;

// libcrypto decodes the public key with each certificate it reads, which costs more than the rest of a chain, and the
// same issuers come with every chain. Decoded certificates are kept by their octets; libcrypto never changes them.
class DecodedCertificates {
 public:
  X509Ptr get(const Bytes& der) {
    const std::string key(as_text(der));
    const std::lock_guard lock(mutex_);
    auto known = by_der_.find(key);
    if (known == by_der_.end()) {
      const unsigned char* at = der.data();
      X509Ptr decoded(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
      if (!decoded) return nullptr;
      if (by_der_.size() == kMost) by_der_.clear();
      known = by_der_.emplace(key, std::move(decoded)).first;
    }
    X509_up_ref(known->second.get());
    return X509Ptr(known->second.get());
  }

 private:
  static constexpr std::size_t kMost = 1024;
  std::mutex mutex_;
  std::unordered_map<std::string, X509Ptr> by_der_;
};

X509Ptr to_x509(const Bytes& der) {
  static DecodedCertificates decoded;
  return decoded.get(der);
}

struct Problem {
  int error = X509_V_OK;
  int depth = 0;
  std::string message = {};  // empty: libcrypto's
};

// Every problem is noted and verification goes on, so that the most telling one can be reported instead of the one
// that happens to be checked first.
int note_problem(int ok, X509_STORE_CTX* ctx) {
  if (ok != 1) {
    auto* problems = static_cast<std::vector<Problem>*>(X509_STORE_CTX_get_app_data(ctx));
    problems->push_back({X509_STORE_CTX_get_error(ctx), X509_STORE_CTX_get_error_depth(ctx), {}});
  }
  return 1;
}

ChainStatus status_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
      return ChainStatus::bad_signature;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return ChainStatus::untrusted_root;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return ChainStatus::incomplete;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_NON_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
      return ChainStatus::not_a_ca;
    case X509_V_ERR_CERT_REVOKED:
      return ChainStatus::revoked;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
      return ChainStatus::not_time_valid;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      return ChainStatus::revocation_unknown;
    default:
      return ChainStatus::other;
  }
}

// Lower is more telling: a statement about dates or revocation means nothing while the chain itself is broken.
int rank(ChainStatus status) {
  constexpr ChainStatus kOrder[] = {ChainStatus::bad_signature, ChainStatus::not_a_ca,
                                    ChainStatus::incomplete,    ChainStatus::untrusted_root,
                                    ChainStatus::revoked,       ChainStatus::not_time_valid,
                                    ChainStatus::other,         ChainStatus::revocation_unknown};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), status) - std::begin(kOrder));
}

// OpenSSL passes over an issuer whose key usage forbids certificate signing, and then reports the issuer as missing.
const Certificate* unfit_issuer(const ChainInput& input, const Certificate& subject) {
  const auto is_unfit = [&](const Certificate& candidate) {
    if (candidate.subject_der().empty() || as_text(candidate.subject_der()) != as_text(subject.issuer_der()))
      return false;
    const Extension* usage = candidate.extension(oids::kKeyUsage);
    const auto bits = usage == nullptr ? Result<std::uint16_t>(std::uint16_t{0}) : ext::parse_key_usage(usage->value);
    constexpr std::uint16_t kKeyCertSign = 0x0400;
    const bool may_sign = usage == nullptr || (bits && (*bits & kKeyCertSign) != 0);
    return !may_sign && subject.signed_by(candidate.public_key()).value_or(false);
  };
  for (const auto* list : {&input.intermediates, &input.anchors})
    if (const auto at = std::find_if(list->begin(), list->end(), is_unfit); at != list->end()) return &*at;
  return nullptr;
}

const Certificate* issuer_of_leaf(const ChainInput& input) {
  for (const auto* list : {&input.intermediates, &input.anchors})
    for (const Certificate& candidate : *list)
      if (as_text(candidate.subject_der()) == as_text(input.leaf.issuer_der()) &&
          input.leaf.signed_by(candidate.public_key()).value_or(false))
        return &candidate;
  return nullptr;
}

Timestamp to_timestamp(const ASN1_TIME* time) {
  std::tm fields{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) return {};
  return from_civil(
      {fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min, fields.tm_sec});
}

std::string current(Timestamp this_update, const std::optional<Timestamp>& next_update) {
  return "of " + to_iso(this_update) + (next_update ? ", valid until " + to_iso(*next_update) : "");
}

// The replies about the leaf, judged one by one: which of them say something, and what an OCSP answer decides.
class Revocation {
 public:
  explicit Revocation(const ChainInput& input) : input_(input) {}

  // Hands usable and unusable CRLs alike to the store: what libcrypto makes of them is the verdict, the findings
  // explain it.
  void judge(X509_STORE* store) {
    for (const RevocationReply& reply : input_.replies) {
      RevocationFinding finding{reply.kind, reply.source, reply.problem, false};
      if (!reply.answer.empty()) {
        if (reply.kind == RevocationReply::Kind::ocsp)
          judge_ocsp(reply.answer, finding);
        else
          judge_crl(reply.answer, store, finding);
      }
      findings_.push_back(std::move(finding));
    }
  }

  bool decided() const { return decided_; }
  const std::string& revoked() const { return revoked_; }  // empty: it is not
  // "OCSP http://…: connection refused; CRL http://…: expired at …"
  std::string explain() const {
    return join(findings_, "; ", [](const RevocationFinding& finding) {
      return std::string(finding.kind == RevocationReply::Kind::ocsp ? "OCSP " : "CRL ") + finding.source + ": " +
             finding.found;
    });
  }
  std::vector<RevocationFinding> take() { return std::move(findings_); }

 private:
  const Certificate* issuer() {
    if (!searched_) issuer_ = issuer_of_leaf(input_);
    searched_ = true;
    return issuer_;
  }

  void judge_ocsp(const Bytes& response, RevocationFinding& finding) {
    if (issuer() == nullptr) {
      finding.found = "the issuer is missing";
      return;
    }
    const auto entry = judge_ocsp_response(response, {input_.leaf, *issuer(), input_.at, {}});
    if (!entry) {
      finding.found = entry.error().what;
      return;
    }
    finding.found = std::string(to_string(entry->status)) + ", " + current(entry->this_update, entry->next_update);
    finding.usable = entry->status != OcspStatus::unknown;
    if (!finding.usable || decided_) return;
    decided_ = true;
    if (entry->status == OcspStatus::revoked)
      revoked_ = "revoked since " + to_iso(entry->revoked_at) + " (reason " + std::to_string(entry->reason) +
                 "), says " + finding.source;
  }

  void judge_crl(const Bytes& der, X509_STORE* store, RevocationFinding& finding) {
    const unsigned char* at = der.data();
    const CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    if (!crl) {
      finding.found = "is no CRL";
      return;
    }
    unsigned char* name = nullptr;
    const int length = i2d_X509_NAME(X509_CRL_get_issuer(crl.get()), &name);
    const bool same_name =
        length > 0 && as_text({name, static_cast<std::size_t>(length)}) == as_text(input_.leaf.issuer_der());
    OPENSSL_free(name);
    if (!same_name) {
      finding.found = "of another CA";
      return;
    }
    if (issuer() == nullptr || X509_CRL_verify(crl.get(), KeyAccess::get(issuer()->public_key())) != 1) {
      finding.found = "not signed by the issuer of the certificate";
      return;
    }
    X509_STORE_add_crl(store, crl.get());
    const Timestamp this_update = to_timestamp(X509_CRL_get0_lastUpdate(crl.get()));
    std::optional<Timestamp> next_update;
    if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get())) next_update = to_timestamp(next);
    finding.usable = this_update <= input_.at && (!next_update || input_.at < *next_update);
    finding.found = finding.usable            ? current(this_update, next_update)
                    : input_.at < this_update ? "not valid before " + to_iso(this_update)
                                              : "expired at " + to_iso(*next_update);
  }

  const ChainInput& input_;
  const Certificate* issuer_ = nullptr;
  bool searched_ = false;
  bool decided_ = false;
  std::string revoked_;
  std::vector<RevocationFinding> findings_;
};

std::string describe_at(const std::vector<Certificate>& chain, int depth, std::string_view message) {
  std::string out = "certificate " + std::to_string(depth);
  if (depth >= 0 && static_cast<std::size_t>(depth) < chain.size())
    out += " (" + chain[static_cast<std::size_t>(depth)].subject().to_cert_str() + ")";
  return out + ": " + std::string(message);
}

std::vector<Certificate> read_chain(X509_STORE_CTX* ctx) {
  std::vector<Certificate> out;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(ctx);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(sk_X509_value(chain, i), &der);
    if (length <= 0) break;
    auto certificate = Certificate::parse(BytesView(der, static_cast<std::size_t>(length)));
    OPENSSL_free(der);
    if (!certificate) break;
    out.push_back(*std::move(certificate));
  }
  return out;
}

ChainResult unusable(std::string detail) {
  ERR_clear_error();
  return {ChainStatus::other, std::move(detail), {}, {}};
}

}  // namespace

HResult to_hresult(ChainStatus status) {
  switch (status) {
    case ChainStatus::ok:
      return HResult::S_OK;
    case ChainStatus::untrusted_root:
      return HResult::CERT_E_UNTRUSTEDROOT;
    case ChainStatus::incomplete:
      return HResult::CERT_E_CHAINING;
    case ChainStatus::not_time_valid:
      return HResult::CERT_E_EXPIRED;
    case ChainStatus::revoked:
      return HResult::CRYPT_E_REVOKED;
    case ChainStatus::revocation_unknown:
      return HResult::CRYPT_E_REVOCATION_OFFLINE;
    case ChainStatus::bad_signature:
      return HResult::TRUST_E_CERT_SIGNATURE;
    case ChainStatus::not_a_ca:
      return HResult::TRUST_E_BASIC_CONSTRAINTS;
    case ChainStatus::other:
      return HResult::CERT_E_CHAINING;
  }
  return HResult::CERT_E_CHAINING;
}

ChainResult build_chain(const ChainInput& input) {
  const StorePtr store(X509_STORE_new());
  const X509StackPtr untrusted(sk_X509_new_null());
  const StoreCtxPtr ctx(X509_STORE_CTX_new());
  if (!store || !untrusted || !ctx) return unusable("out of memory");

  for (const Certificate& anchor : input.anchors) {
    const X509Ptr x509 = to_x509(anchor.der());
    if (!x509 || X509_STORE_add_cert(store.get(), x509.get()) != 1) return unusable("an anchor is not readable");
  }
  for (const Certificate& intermediate : input.intermediates) {
    X509Ptr x509 = to_x509(intermediate.der());
    if (!x509 || sk_X509_push(untrusted.get(), x509.get()) <= 0) return unusable("an intermediate is not readable");
    static_cast<void>(x509.release());  // the stack owns it
  }
  for (const Bytes& der : input.crls) {
    const unsigned char* at = der.data();
    const CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    // A CRL that cannot be read covers nothing; the missing revocation status shows by itself.
    if (crl) X509_STORE_add_crl(store.get(), crl.get());
  }
  Revocation revocation(input);
  if (input.check_revocation) revocation.judge(store.get());
  ERR_clear_error();
  const X509Ptr leaf = to_x509(input.leaf.der());
  if (!leaf || X509_STORE_CTX_init(ctx.get(), store.get(), leaf.get(), untrusted.get()) != 1)
    return unusable("the certificate is not readable");

  std::vector<Problem> problems;
  X509_STORE_CTX_set_app_data(ctx.get(), &problems);
  X509_STORE_CTX_set_verify_cb(ctx.get(), note_problem);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(ctx.get());
  X509_VERIFY_PARAM_set_time(param, static_cast<std::time_t>(input.at.seconds));
  if (input.check_revocation && !revocation.decided()) X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
  const int verified = X509_verify_cert(ctx.get());
  if (!revocation.revoked().empty()) problems.push_back({X509_V_ERR_CERT_REVOKED, 0, revocation.revoked()});
  ChainResult out;
  out.chain = read_chain(ctx.get());
  const std::string tried = revocation.explain();
  out.revocation = revocation.take();
  const std::string errors = take_openssl_errors();
  if (problems.empty()) {
    out.status = verified == 1 ? ChainStatus::ok : ChainStatus::other;
    if (verified != 1) out.detail = "verification stopped: " + errors;
    return out;
  }

  // An entry of a CRL whose signature is wrong says nothing.
  if (std::any_of(problems.begin(), problems.end(),
                  [](const Problem& p) { return p.error == X509_V_ERR_CRL_SIGNATURE_FAILURE; }))
    problems.erase(std::remove_if(problems.begin(), problems.end(),
                                  [](const Problem& p) { return p.error == X509_V_ERR_CERT_REVOKED; }),
                   problems.end());
  const auto worst = std::min_element(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return rank(status_of(a.error)) < rank(status_of(b.error));
  });
  out.status = status_of(worst->error);
  out.detail = describe_at(out.chain, worst->depth,
                           worst->message.empty() ? X509_verify_cert_error_string(worst->error) : worst->message);
  if (out.status == ChainStatus::revocation_unknown && !tried.empty()) out.detail += "; " + tried;
  if (out.status == ChainStatus::incomplete && !out.chain.empty()) {
    if (const Certificate* issuer = unfit_issuer(input, out.chain.back())) {
      out.status = ChainStatus::not_a_ca;
      out.detail = describe_at(out.chain, static_cast<int>(out.chain.size()) - 1,
                               "its issuer " + issuer->subject().to_cert_str() + " may not sign certificates");
    }
  }
  return out;
}

}  // namespace mimica
