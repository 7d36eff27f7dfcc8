// Guesses for mistyped words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mimica {

// The element of `known` nearest to `word` by edit distance (insert, delete, replace, swap of neighbours; ASCII case
// does not count), if it is near enough to be a slip of the pen; empty otherwise.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace mimica
