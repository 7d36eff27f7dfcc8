// Text as XML 1.0 can carry it.
#pragma once

#include <string>
#include <string_view>

namespace mimica {

// For element content and attribute values. Malformed UTF-8 and characters that XML 1.0 excludes become U+FFFD; tabs
// and line ends become references, which survive the normalisation of attribute values.
std::string xml_escape(std::string_view text);

// Valid UTF-8: each malformed byte becomes U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace mimica
