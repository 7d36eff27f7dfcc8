// BER with definite lengths and single-octet tags (RFC 4511 5.1): total, bounded by its input. Faults (protocolError)
// name the octet.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica::ldap {

struct BerElement {
  std::uint8_t tag = 0;
  BytesView content;
};

class BerReader {
 public:
  BerReader(BytesView input, std::size_t base) : input_(input), base_(base) {}
  bool at_end() const { return at_ == input_.size(); }
  std::uint8_t peek() const { return at_end() ? std::uint8_t{0} : input_[at_]; }
  Fault bad(std::string what) const;

  Result<BerElement> next();
  Result<BerElement> expect(std::uint8_t tag, const char* what);
  Result<BerReader> enter(std::uint8_t tag, const char* what);
  BerReader inside(const BerElement& element) const;
  Result<std::string> text(std::uint8_t tag, const char* what);
  Result<std::int64_t> number(std::uint8_t tag, const char* what);
  Result<bool> boolean(std::uint8_t tag, const char* what);
  Result<void> finish(const char* what) const;

 private:
  BytesView input_;
  std::size_t base_;
  std::size_t at_ = 0;
};

}  // namespace mimica::ldap
