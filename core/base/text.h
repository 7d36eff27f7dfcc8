// How messages quote and join.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mimica {

std::string quote(std::string_view text);  // "text" in double quotes, as it is

// The items with `separator` between them.
std::string join(std::span<const std::string> items, std::string_view separator = ", ");
std::string join(std::span<const std::string_view> items, std::string_view separator = ", ");

}  // namespace mimica
