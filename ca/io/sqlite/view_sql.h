// ViewQuery as SQL with bound parameters; private to ca/io. A page is read in two steps: the keys of its rows, for
// which SQLite walks an index only, then the columns of each row by its key.
#pragma once

#include <string>
#include <vector>

#include "ca/views/view.h"

namespace mimica::ca {

struct SqlText {
  std::string sql;
  std::vector<ViewValue> parameters;  // of the restrictions and the cursor, in order
};

// Rows whose sorted column is empty come before the others in ascending order; each kind is a statement of its own, so
// that both follow the index.
enum class ViewPart { empty_values, values };

// SELECT key, position, sorted value; the limit is the last parameter.
SqlText keys_sql(const ViewQuery& query, ViewPart part, const ViewCursor* after, std::int64_t limit);
// SELECT the columns of one row; parameters: key, and position for attributes and extensions.
std::string row_sql(const ViewQuery& query);
// The parts in the order in which their rows come.
std::vector<ViewPart> view_parts(const ViewQuery& query);

}  // namespace mimica::ca
