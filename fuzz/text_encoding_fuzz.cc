// Files of any encoding: what is decoded is UTF-8 unless it bore no mark, and written again it reads to the same text.
#include <cstdint>
#include <cstdlib>

#include "core/base/encoding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const BytesView file(data, size);
  const auto text = decode_text(file);
  if (!text) return 0;
  if (sniff_encoding(file) == TextEncoding::unmarked) {
    if (*text != as_text(file)) std::abort();
    return 0;
  }
  const auto wide = utf8_to_utf16(*text);
  if (!wide || utf16_from_le(utf16_le(*wide)) != wide || utf16_from_be(utf16_be(*wide)) != wide) std::abort();
  if (utf16_to_utf8(*wide) != *text) std::abort();
  return 0;
}
