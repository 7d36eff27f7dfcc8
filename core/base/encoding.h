// The text of outside files. Windows tools write UTF-8 with and without a byte order mark, and UTF-16 ("Unicode").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

enum class TextEncoding : std::uint8_t { unmarked, utf8, utf16_le, utf16_be };

// What the byte order mark at the start tells; `unmarked` when there is none.
TextEncoding sniff_encoding(BytesView file);

std::string_view without_utf8_mark(std::string_view text);

// The units of UTF-16, which may hold unpaired surrogates; nullopt for an odd number of octets.
std::optional<std::u16string> utf16_from_le(BytesView octets);
std::optional<std::u16string> utf16_from_be(BytesView octets);
Bytes utf16_be(std::u16string_view text);

// The file in UTF-8 and without its mark. Text without a mark is handed out as it is (it may be of a code page).
// E_INVALIDARG for half a unit or an unpaired surrogate of UTF-16 and for malformed UTF-8 behind a mark.
Result<std::string> decode_text(BytesView file);

}  // namespace mimica
