// The texts of certutil -view -restrict and -out, divided by a line end: what parses must be a query that the database
// answers.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ca/io/sqlite/database.h"
#include "ca/views/view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::ca;
  static const std::unique_ptr<Database> database = *open_database("");
  if (size == 0) return 0;
  const auto view = static_cast<ViewName>(data[0] % 8);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const ViewText input{view, std::string(text.substr(0, line)),
                       std::string(text.substr(std::min(line + 1, text.size())))};
  const auto query = parse_view(input, Timestamp{1732089600});
  if (!query) {
    if (query.error().code != Code{HResult::E_INVALIDARG}) std::abort();
    return 0;
  }
  if (!print_view(*database, *query, {}, [](std::string_view) {})) std::abort();
  ViewCursor cursor;
  cursor.row_id = 1;
  if (!database->select(*query, cursor, 10)) std::abort();
  return 0;
}
