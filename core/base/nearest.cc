#include "core/base/nearest.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace mimica {

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  const std::string folded = to_lower(word);
  if (folded.size() > 64) return {};
  std::size_t best_distance = std::max<std::size_t>(1, folded.size() / 3) + 1;
  std::string best;
  for (const std::string& candidate : known) {
    const std::string other = to_lower(candidate);
    if (other.size() > 128) continue;
    // Optimal string alignment distance, three rows.
    std::vector<std::size_t> before(other.size() + 1), previous(other.size() + 1), row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= folded.size(); ++i) {
      row[0] = i;
      for (std::size_t j = 1; j <= other.size(); ++j) {
        const bool same = folded[i - 1] == other[j - 1];
        row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
        if (i > 1 && j > 1 && folded[i - 1] == other[j - 2] && folded[i - 2] == other[j - 1])
          row[j] = std::min(row[j], before[j - 2] + 1);
      }
      std::swap(before, previous);
      std::swap(previous, row);
    }
    if (previous[other.size()] < best_distance) best_distance = previous[other.size()], best = candidate;
  }
  return best;
}

}  // namespace mimica
