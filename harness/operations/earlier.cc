#include "harness/operations/earlier.h"

namespace mimica::harness {

void Earlier::keep(const std::string& id, const Report& report, bool as_expected) {
  kept_[id] = {report.certificate, report.key, report.request_id, as_expected};
}

const Certificate* Earlier::find_certificate(const std::string& id) const {
  const auto at = kept_.find(id);
  return at == kept_.end() || !at->second.certificate ? nullptr : &*at->second.certificate;
}

Fault Earlier::missing(const std::string& id, const std::string& what, Fault otherwise) const {
  const auto at = kept_.find(id);
  if (at == kept_.end() || at->second.as_expected) return otherwise;
  broken_ = "step '" + id + "', whose " + what + " is needed, did not go as expected";
  return fault(*broken_);
}

Result<Certificate> Earlier::certificate(const std::string& id) const {
  if (const Certificate* found = find_certificate(id)) return *found;
  return missing(id, "certificate",
                 fault("step '" + id + "' yielded no certificate", {}, "name a step that issues one"));
}

Result<KeyedCertificate> Earlier::keyed(const std::string& id) const {
  auto found = certificate(id);
  if (!found) return std::move(found).error();
  const std::optional<PrivateKey>& key = kept_.at(id).key;
  if (!key) return fault("the key of step '" + id + "' is not known here", {}, "name a step that enrolls");
  return KeyedCertificate{*std::move(found), *key};
}

Result<std::int64_t> Earlier::request(const std::string& id) const {
  const auto at = kept_.find(id);
  if (at != kept_.end() && at->second.request_id) return *at->second.request_id;
  return missing(id, "request",
                 fault("step '" + id + "' left no request at the CA", {}, "name a step whose request is pending"));
}

}  // namespace mimica::harness
