// What earlier operations left behind under the ids that they were given: later ones name their certificates, keys and
// requests by them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "harness/lab/lab.h"

namespace mimica::harness {

class Earlier {
 public:
  // `as_expected`: it went as its caller expected; else who needs it cannot run, which is no fault of theirs.
  void keep(const std::string& id, const Report& report, bool as_expected);

  const Certificate* find_certificate(const std::string& id) const;

  // Faults: there is none.
  Result<Certificate> certificate(const std::string& id) const;
  Result<KeyedCertificate> keyed(const std::string& id) const;
  Result<std::int64_t> request(const std::string& id) const;

  // A sentence if one of the faults since the last call was for an operation that did not go as expected.
  std::optional<std::string> take_broken() const { return std::exchange(broken_, std::nullopt); }

 private:
  struct Kept {
    std::optional<Certificate> certificate;
    std::optional<PrivateKey> key;
    std::optional<std::int64_t> request_id;
    bool as_expected = true;
  };
  Fault missing(const std::string& id, const std::string& what, Fault otherwise) const;

  std::map<std::string, Kept> kept_;
  mutable std::optional<std::string> broken_;
};

}  // namespace mimica::harness
