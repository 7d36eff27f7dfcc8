#include "ca/io/sqlite/view_sql.h"

#include <algorithm>

#include "ca/io/sqlite/database_connection.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kRequestId = 0x1000, kIssuedRequestId = 0x2000, kRevokedReason = 0x100F;
// An equality on one of these leaves few rows; the others must not lure SQLite to their index (there are no
// statistics).
constexpr std::uint32_t kSelective[] = {kRequestId, kIssuedRequestId, 0x1010, 0x2002, 0x2007, 0x2011, 0x2017};

bool is_certificate_column(const ViewColumn& column) { return column.id >> 12U == 2 && column.id != kIssuedRequestId; }

std::string expression(const ViewColumn& column) {
  constexpr std::string_view kPrefix = "Request.";
  if (column.id == kIssuedRequestId) return "R.RequestID";
  if (column.name.starts_with(kPrefix)) return "R." + std::string(column.name.substr(kPrefix.size()));
  return (is_certificate_column(column) ? "C." : "T.") + std::string(column.name);
}

struct Source {
  std::string key;
  std::string position;  // "0" when the key is enough
  std::string from;
};

Source source_of(const ViewQuery& query, bool with_certificates, bool only_certified) {
  switch (query.table) {
    case ViewTable::attribute:
      return {"T.AttributeRequestId", "T.Position", "Attributes T"};
    case ViewTable::extension:
      return {"T.ExtensionRequestId", "T.Position", "Extensions T"};
    case ViewTable::crl:
      return {"T.CRLRowId", "0", "CRLs T"};
    case ViewTable::request:
      break;
  }
  std::string from = "Requests R";
  if (with_certificates)
    from += std::string(only_certified ? " JOIN" : " LEFT JOIN") + " Certificates C ON C.RequestID=R.RequestID";
  return {"R.RequestID", "0", from};
}

std::string_view operator_text(SeekOperator comparison) {
  switch (comparison) {
    case SeekOperator::equal:
      return "=";
    case SeekOperator::less:
      return "<";
    case SeekOperator::less_or_equal:
      return "<=";
    case SeekOperator::greater_or_equal:
      return ">=";
    case SeekOperator::greater:
      return ">";
  }
  return "=";
}

// Numbers are stored without sign, but for the reason.
ViewValue stored(const ViewColumn& column, const ViewValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return value;
  const auto bits = static_cast<std::uint32_t>(*number);
  if (column.id == kRevokedReason) return std::int64_t{static_cast<std::int32_t>(bits)};
  return std::int64_t{bits};
}

bool is_selective(const ViewRestriction& restriction) {
  return restriction.comparison == SeekOperator::equal &&
         std::find(std::begin(kSelective), std::end(kSelective), restriction.column->id) != std::end(kSelective);
}

bool sorts_by_key(const ViewQuery& query, const Source& source) {
  return !query.sort || expression(*query.sort->column) == source.key;
}

}  // namespace

std::vector<ViewPart> view_parts(const ViewQuery& query) {
  if (sorts_by_key(query, source_of(query, false, false))) return {ViewPart::values};
  for (const ViewRestriction& restriction : query.restrictions) {
    if (restriction.column != query.sort->column) continue;
    return {restriction.value.index() == 0 ? ViewPart::empty_values : ViewPart::values};
  }
  if (query.sort->descending) return {ViewPart::values, ViewPart::empty_values};
  return {ViewPart::empty_values, ViewPart::values};
}

SqlText keys_sql(const ViewQuery& query, ViewPart part, const ViewCursor* after, std::int64_t limit) {
  const bool by_key = sorts_by_key(query, source_of(query, false, false));
  bool with_certificates = !by_key && is_certificate_column(*query.sort->column);
  bool only_certified = with_certificates && part == ViewPart::values;
  const bool selective = std::any_of(query.restrictions.begin(), query.restrictions.end(), is_selective);
  for (const ViewRestriction& restriction : query.restrictions) {
    if (!is_certificate_column(*restriction.column)) continue;
    with_certificates = true;
    if (restriction.last || restriction.value.index() != 0) only_certified = true;
  }
  const Source source = source_of(query, with_certificates, only_certified);
  SqlText out;
  std::string where = query.table == ViewTable::crl ? "T.Issuer=0" : "1";
  for (const ViewRestriction& restriction : query.restrictions) {
    const std::string column = expression(*restriction.column);
    // What is neither selective nor the sorted column is only tested, row by row.
    const bool tested = selective ? !is_selective(restriction)
                                  : !by_key && query.sort->column->indexed && restriction.column != query.sort->column;
    where += " AND " + std::string(tested ? "+" : "") + column;
    if (restriction.last) {
      const std::size_t table_end = source.from.find(' ');
      where += std::string(operator_text(restriction.comparison)) + "(SELECT max(" + column.substr(2) + ") FROM " +
               source.from.substr(0, table_end) + (query.table == ViewTable::crl ? " WHERE Issuer=0)" : ")");
    } else if (restriction.value.index() == 0) {
      where += " IS NULL";
    } else {
      where += std::string(operator_text(restriction.comparison)) + "?";
      out.parameters.push_back(stored(*restriction.column, restriction.value));
    }
  }
  const bool descending = query.sort && query.sort->descending;
  const std::string beyond = descending ? "<" : ">";
  const std::string direction = descending ? " DESC" : "";
  const bool with_position = source.position != "0";
  const std::string key_tuple = with_position ? source.key + ", " + source.position : source.key;
  std::string order, sorted = "NULL", tuple = key_tuple, marks = with_position ? "?, ?" : "?";
  if (!by_key) {
    const std::string column = expression(*query.sort->column);
    if (part == ViewPart::empty_values) {
      where += " AND " + column + " IS NULL";
    } else {
      where += " AND " + column + " IS NOT NULL";
      sorted = column;
      order = column + direction + ", ";
      tuple = column + ", " + tuple;
      marks = "?, " + marks;
    }
  }
  order += source.key + direction;
  if (with_position) order += ", " + source.position + direction;
  if (after != nullptr) {
    where += " AND (" + tuple + ") " + beyond + " (" + marks + ")";
    if (sorted != "NULL") out.parameters.push_back(after->sorted);
    out.parameters.emplace_back(after->row_id);
    if (with_position) out.parameters.emplace_back(after->position);
  }
  out.sql = "SELECT " + source.key + ", " + source.position + ", " + sorted + " FROM " + source.from + " WHERE " +
            where + " ORDER BY " + order + " LIMIT ?";
  out.parameters.emplace_back(limit);
  return out;
}

std::string row_sql(const ViewQuery& query) {
  bool with_certificates = false;
  std::string columns;
  for (const ViewColumn* column : query.columns) {
    with_certificates = with_certificates || is_certificate_column(*column);
    append_item(columns, expression(*column));
  }
  const Source source = source_of(query, with_certificates, false);
  return "SELECT " + (columns.empty() ? "1" : columns) + " FROM " + source.from + " WHERE " + source.key + "=?" +
         (source.position == "0" ? "" : " AND " + source.position + "=?");
}

namespace {

void bind_value(Statement& statement, int at, const ViewValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    statement.bind(at, *number);
  } else if (const auto* date = std::get_if<Timestamp>(&value)) {
    statement.bind(at, *date);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    statement.bind_text(at, *text);
  } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
    statement.bind_blob(at, *bytes);
  } else {
    statement.bind_null(at);
  }
}

ViewValue read_value(const Statement& statement, int at, ColumnType type) {
  if (statement.is_null(at)) return {};
  switch (type) {
    case ColumnType::long_integer:
      return statement.integer(at);
    case ColumnType::date:
      return statement.time(at);
    case ColumnType::text:
      return statement.text(at);
    case ColumnType::binary:
      return statement.blob(at);
  }
  return {};
}

}  // namespace

Result<ViewPage> Connection::select(const ViewQuery& query, const std::optional<ViewCursor>& after,
                                    std::int64_t limit) {
  // One transaction: rows neither vanish between the steps nor show twice.
  MIMICA_TRY(Statement begin, Statement::prepare(handle_, "SAVEPOINT view"));
  MIMICA_TRY(Statement end, Statement::prepare(handle_, "RELEASE view"));
  begin.run();
  auto page = select_page(query, after, limit);
  end.run();
  return page;
}

Result<ViewPage> Connection::select_page(const ViewQuery& query, const std::optional<ViewCursor>& after,
                                         std::int64_t limit) {
  std::vector<ViewCursor> keys;
  const std::vector<ViewPart> parts = view_parts(query);
  std::size_t first = 0;
  if (after && parts.size() == 2) {
    const ViewPart inside = after->sorted.index() == 0 ? ViewPart::empty_values : ViewPart::values;
    first = parts[0] == inside ? 0 : 1;
  }
  for (std::size_t i = first; i < parts.size(); ++i) {
    const std::int64_t missing = limit - static_cast<std::int64_t>(keys.size());
    if (missing <= 0) break;
    const SqlText text = keys_sql(query, parts[i], after && i == first ? &*after : nullptr, missing);
    MIMICA_TRY(Statement statement, Statement::prepare(handle_, text.sql));
    for (std::size_t n = 0; n < text.parameters.size(); ++n)
      bind_value(statement, static_cast<int>(n) + 1, text.parameters[n]);
    int code = SQLITE_ROW;
    while ((code = statement.step()) == SQLITE_ROW)
      keys.push_back({query.sort ? read_value(statement, 2, query.sort->column->type) : ViewValue(),
                      statement.integer(0), statement.integer(1)});
    if (code != SQLITE_DONE) return sqlite_fault(handle_, "view");
  }
  ViewPage page;
  page.rows.reserve(keys.size());
  MIMICA_TRY(Statement row, Statement::prepare(handle_, row_sql(query)));
  const bool with_position = query.table == ViewTable::attribute || query.table == ViewTable::extension;
  for (const ViewCursor& key : keys) {
    const Using use(row);
    row.bind(1, key.row_id);
    if (with_position) row.bind(2, key.position);
    if (row.step() != SQLITE_ROW) return sqlite_fault(handle_, "read a row of the view");
    ViewRow& out = page.rows.emplace_back();
    out.row_id = key.row_id;
    out.values.reserve(query.columns.size());
    for (std::size_t i = 0; i < query.columns.size(); ++i)
      out.values.push_back(read_value(row, static_cast<int>(i), query.columns[i]->type));
    if (query.with_attributes) read_attributes(key.row_id, out.attributes, out.extensions);
  }
  if (!keys.empty() && static_cast<std::int64_t>(keys.size()) == limit) page.next = keys.back();
  return page;
}

}  // namespace mimica::ca
