// The OCSP responder of a CA: RFC 6960 in the profile of RFC 5019, answering from the CA's revocation lists as the
// Online Responder of Windows does. Each CA key has a signing certificate of its own that the responder enrolls with
// the template OCSPResponseSigning and renews by itself.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "ca/authority/authority.h"
#include "core/pki/ocsp.h"
#include "net/http.h"

namespace mimica::ca {

// What the lists in force of one CA key say. Values; made once for each pair of lists.
class OcspKnowledge {
 public:
  // Lists that cannot be read are a Fault.
  static Result<OcspKnowledge> make(const Certificate& issuer, BytesView base, std::optional<BytesView> delta);
  // Whether the question is about a certificate that this key issued.
  bool is_about(const OcspCertId& id) const;
  // `issued`: whether the CA knows the serial number (lower-case hexadecimal); asked only for what is not revoked.
  // Empty: whatever is not on a list is good.
  OcspEntry answer(const OcspCertId& id, const std::function<bool(const std::string&)>& issued) const;
  Timestamp this_update() const { return this_update_; }
  Timestamp next_update() const { return next_update_; }

 private:
  Certificate issuer_;
  std::map<std::string, RevokedEntry> revoked_;  // by serial number
  Timestamp this_update_, next_update_;
};

struct OcspResponderOptions {
  std::string path = "/ocsp";
  std::string account;  // that enrolls the signing certificates, "CONTOSO\\CA01$"; it needs Enroll on the template
  std::string template_name = "OCSPResponseSigning";
  KeySpec key = {KeyKind::rsa, 2048};
  // A serial number that the CA never issued is "unknown". By default it is good, as the Online Responder has it
  // without a folder of issued serial numbers (KB2960124).
  bool deterministic_good = false;
  Seconds overlap = 2 * kDay;  // before its end a signing certificate is renewed; pKIOverlapPeriod of the template
};

// Thread-safe. `authority`, `keys` and `clock` outlive it.
class OcspResponder {
 public:
  OcspResponder(CertificationAuthority& authority, KeySource& keys, const Clock& clock, OcspResponderOptions options)
      : authority_(authority), keys_(keys), clock_(clock), options_(std::move(options)) {}

  bool is_own_path(const HttpRequest& request) const;
  // POST of an application/ocsp-request, or GET of path/<base64>; answers without a nonce may be cached until their
  // nextUpdate (RFC 5019 6.2). Protocol errors are OCSP answers, HTTP errors only what is no OCSP at all.
  HttpResponse serve(const HttpRequest& request);
  // The answer to one request, DER.
  Bytes answer(BytesView request);
  // true: the lists as they are now go on to answer, although newer ones are due.
  void keep_lists(bool keep);
  // The certificate that signs for a key, enrolled when there is none or it nears its end.
  Result<Certificate> signing_certificate(int key_index);

 private:
  struct Signer {
    PrivateKey key;
    Certificate certificate;
  };
  struct Lists {
    std::int64_t base = 0, delta = 0;  // their row ids
    OcspKnowledge knowledge;
  };
  struct Answer {
    Bytes der;
    std::optional<Timestamp> this_update, next_update;  // of one that may be cached
  };
  Answer respond(BytesView request);
  Result<Answer> respond(const OcspRequest& request);
  Result<const Lists*> lists_of(int key_index, const Certificate& issuer);
  Result<const Signer*> signer_of(int key_index, int certificate_index);

  CertificationAuthority& authority_;
  KeySource& keys_;
  const Clock& clock_;
  const OcspResponderOptions options_;
  std::mutex mutex_;
  bool keep_lists_ = false;
  std::map<int, Lists> lists_;
  std::map<int, Signer> signers_;  // by key index
};

}  // namespace mimica::ca
