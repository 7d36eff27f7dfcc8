// certutil -view: which rows, which columns, in which order, and how they are printed. Pure but for the Database it is
// given.
//
//   MIMICA_TRY(auto query, parse_view({ViewName::revoked, "NotAfter>now", "RequestID,SerialNumber"}, now));
//   MIMICA_TRY(auto rows, print_view(database, query, {}, [&](std::string_view text) { out << text; }));
//
// Faults carry E_INVALIDARG (0x80070057) as MS-CSRA 3.1.4.1.12 has it: unknown column, column of another table, two
// sorted columns, a comparison other than = of a binary column, a value that does not fit its column. Where.source is
// "-restrict" or "-out", Where.offset the octet in that text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ca/store/database.h"
#include "ca/views/view_columns.h"
#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica::ca {

enum class ViewName { all, queue, log, log_fail, revoked, extension, attribute, crl };
// "Queue", "Log", "LogFail", "Revoked", "Ext", "Attrib", "CRL" without case; empty: all.
Result<ViewName> parse_view_name(std::string_view text);
ViewTable table_of(ViewName view);

// Seek operators of MS-CSRA 2.2.1.3.
enum class SeekOperator { equal = 1, less = 2, less_or_equal = 4, greater_or_equal = 8, greater = 0x10 };

// Empty: the column has no value.
using ViewValue = std::variant<std::monostate, std::int64_t, Timestamp, std::string, Bytes>;

struct ViewRestriction {
  const ViewColumn* column = nullptr;
  SeekOperator comparison = SeekOperator::equal;
  ViewValue value;
  bool last = false;  // "$": the highest id of the table instead of `value`
};

struct ViewSort {
  const ViewColumn* column = nullptr;
  bool descending = false;
};

struct ViewQuery {
  ViewTable table = ViewTable::request;
  std::vector<const ViewColumn*> columns;
  std::vector<ViewRestriction> restrictions;  // all must hold
  std::optional<ViewSort> sort;               // default: ascending by the table's id
  bool with_attributes = false;               // print the attributes and extensions of each request
};

// The texts of -restrict and -out. Restrictions are separated by commas: [+|-]Column, then an operator (=, ==, <, <=,
// >,
// >=) and a value, which may stand in double quotes. A sign sorts by the column, then operator and value may be
// missing. Values of Long columns: decimal or 0x…, "$" for the last id; dates: "now", "6/1/2026", "6/1/2026 5:00 PM",
// "2026-06-01T17:00:00Z" (all UTC), each followed by +dd:hh or -dd:hh if wanted; binary: hexadecimal; text: as it is
// (empty: rows without a value). Texts up to 32768 octets, 64 restrictions, 256 columns.
struct ViewText {
  ViewName view = ViewName::all;
  std::string restriction;
  std::string columns;  // separated by commas; empty: the view's own (MS-CSRA 3.1.4.1.10), for `all` every column
};
Result<ViewQuery> parse_view(const ViewText& text, Timestamp now);
// The columns that a view shows when none are named.
std::vector<const ViewColumn*> default_columns(ViewName view);

struct ViewRow {
  std::int64_t row_id = 0;        // RequestID or CRLRowId
  std::vector<ViewValue> values;  // one for each column of the query
  std::vector<RequestAttribute> attributes;
  std::vector<ExtensionRow> extensions;
};

// Where a page ended.
struct ViewCursor {
  ViewValue sorted;  // value of the sorted column
  std::int64_t row_id = 0;
  std::int64_t position = 0;  // of an attribute or extension within its request
};
struct ViewPage {
  std::vector<ViewRow> rows;
  std::optional<ViewCursor> next;  // absent: that was all
};

// Rendering as certutil prints. Dates in UTC with a US locale.
struct ViewFormat {
  bool csv = false;                                                     // a header line and one line for each row
  std::function<std::string(std::string_view oid)> template_name = {};  // display name of a template OID
  std::function<std::string(const ExtensionRow& extension)> decode_extension = {};  // indented lines below it
};

// "Schema:" and one line for each column.
std::string schema_text(const std::vector<const ViewColumn*>& columns);
// One value as it stands behind the column's name; PEM and dumps start on a new line.
std::string value_text(const ViewColumn& column, const ViewValue& value, const ViewFormat& format = {});

// Prints page after page, so that memory does not grow with the table.
class ViewPrinter {
 public:
  ViewPrinter(const ViewQuery& query, ViewFormat format) : query_(query), format_(std::move(format)) {}
  std::string head() const;             // the schema, or the header line
  std::string row(const ViewRow& row);  // with its heading "Row n:"
  std::string foot() const;             // "Maximum Row Index" and the statistics; nothing in csv
  std::int64_t rows() const { return rows_; }

 private:
  struct Sizes {
    std::int64_t count = 0, total = 0, largest = 0;
    void add(std::size_t size);
  };
  static std::string line(const Sizes& sizes, std::string_view what);

  const ViewQuery& query_;
  const ViewFormat format_;
  std::int64_t rows_ = 0;
  Sizes properties_, attributes_, extensions_;
};

// Head, all rows, foot; returns the number of rows.
Result<std::int64_t> print_view(Database& database, const ViewQuery& query, const ViewFormat& format,
                                const std::function<void(std::string_view)>& write);

// "5/23/2026 5:39 PM", the US short date and time without seconds.
std::string to_us_date(Timestamp t);

}  // namespace mimica::ca
