// Setup information files (.inf) as certreq reads them: sections of key = value lines. Pure, total and bounded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica::certutil {

struct InfEntry {
  std::string key;    // empty: a line without '='
  std::string value;  // without quotes, with the strings put in and the _continue_ lines appended
  int line = 0;
};
struct InfSection {
  std::string name;
  int line = 0;
  std::vector<InfEntry> entries;
  // The last entry of that key, without case; nullptr when there is none.
  const InfEntry* find(std::string_view key) const;
};

class InfFile {
 public:
  // UTF-8, with or without its mark, or UTF-16 with one. Comments start with ';' outside of quotes; a doubled quote
  // inside quotes is a quote; a line that ends in '\' goes on in the next; `_continue_ = "…"` appends to the value
  // before it; %name% stands for an entry of [Strings], %% for a percent sign. Sections of one name are joined. Faults
  // E_INVALIDARG with line numbers.
  static Result<InfFile> parse(BytesView text, std::string_view source);
  const InfSection* section(std::string_view name) const;  // without case
  const std::vector<InfSection>& sections() const { return sections_; }

 private:
  std::vector<InfSection> sections_;
};

inline constexpr std::size_t kMaxInfSize = 1024 * 1024;  // octets
inline constexpr std::size_t kMaxInfLines = 20'000;
inline constexpr std::size_t kMaxInfValue = 64 * 1024;  // octets of one value

}  // namespace mimica::certutil
