#include "ca/views/view.h"

#include <algorithm>
#include <array>

#include "core/asn1/der.h"
#include "core/base/number.h"

namespace mimica::ca {
namespace {

constexpr std::size_t kMaxText = 32768;
constexpr std::size_t kMaxRestrictions = 64;
constexpr std::size_t kMaxColumns = 256;
constexpr std::string_view kRestrict = "-restrict";
constexpr std::string_view kOut = "-out";
constexpr std::uint32_t kDisposition = 0x1009;
constexpr std::uint32_t kRequestId = 0x1000;
constexpr std::uint32_t kIssuedRequestId = 0x2000;
constexpr std::uint32_t kSerialNumber = 0x2007;

// Column ids of MS-CSRA 3.1.4.1.10; its notes count the certificate columns from 0x2006 on without PrivatekeyFlags.
constexpr std::array kPendingColumns = {0x1000, 0x1010, 0x100B, 0x1008, 0x100A, 0x2003, 0x101A,
                                        0x1022, 0x1019, 0x1018, 0x101B, 0x101C, 0x1017, 0x1001};
constexpr std::array kIssuedColumns = {0x1000, 0x1010, 0x2007, 0x2009, 0x200A, 0x2003, 0x2017,
                                       0x201F, 0x2016, 0x2015, 0x2018, 0x2019, 0x2014, 0x2001};
constexpr std::array kRevocationColumns = {0x100D, 0x100E, 0x100F};

Fault at(std::string_view source, std::size_t offset, std::string what, std::string hint = {}) {
  Where where;
  where.source = source;
  where.offset = offset;
  return fault(HResult::E_INVALIDARG, std::move(what), std::move(where), std::move(hint));
}

std::string quoted(std::string_view text) { return "'" + std::string(text.substr(0, 128)) + "'"; }

// A word with the octet at which it starts.
struct Word {
  std::string_view text;
  std::size_t offset = 0;
};

Word trimmed(std::string_view all, std::size_t begin, std::size_t end) {
  const std::string_view text = trim(all.substr(begin, end - begin));
  return {text, text.empty() ? begin : static_cast<std::size_t>(text.data() - all.data())};
}

// Parts between commas; a comma in double quotes divides nothing.
std::vector<Word> divide(std::string_view text) {
  std::vector<Word> words;
  std::size_t begin = 0;
  bool in_quotes = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') in_quotes = !in_quotes;
    if (i < text.size() && (text[i] != ',' || in_quotes)) continue;
    words.push_back(trimmed(text, begin, i));
    begin = i + 1;
  }
  return words;
}

std::optional<std::int64_t> digits(std::string_view text) { return parse_decimal<std::int64_t>(text); }

// ---- dates ---------------------------------------------------------------------------------------------------------

// "dd:hh": days and hours.
std::optional<Seconds> day_hour(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto days = digits(text.substr(0, colon));
  const auto hours = digits(text.substr(colon + 1));
  if (!days || !hours || *days < 0 || *days > 99999 || *hours < 0 || *hours > 99) return std::nullopt;
  return *days * kDay + *hours * kHour;
}

std::optional<Timestamp> us_time(CivilTime date, std::string_view text) {
  text = trim(text);
  if (text.empty()) return from_civil(date);
  int noon = -1;
  if (text.size() > 2) {
    const std::string_view suffix = text.substr(text.size() - 2);
    if (equals_ignore_case(suffix, "AM")) noon = 0;
    if (equals_ignore_case(suffix, "PM")) noon = 12;
    if (noon >= 0) text = trim(text.substr(0, text.size() - 2));
  }
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  int* const fields[] = {&date.hour, &date.minute, &date.second};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = digits(parts[i]);
    if (!value || *value < 0 || *value > 59) return std::nullopt;
    *fields[i] = static_cast<int>(*value);
  }
  if (noon >= 0) {
    if (date.hour < 1 || date.hour > 12) return std::nullopt;
    date.hour = date.hour % 12 + noon;
  }
  return is_valid(date) ? std::optional(from_civil(date)) : std::nullopt;
}

std::optional<Timestamp> us_date(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::vector<std::string_view> parts = split(text.substr(0, blank), '/');
  if (parts.size() != 3) return std::nullopt;
  const auto month = digits(parts[0]), day = digits(parts[1]), year = digits(parts[2]);
  if (!month || !day || !year || *month < 1 || *month > 12 || *day < 1 || *day > 31 || *year < 1601 || *year > 9999)
    return std::nullopt;
  const CivilTime date{static_cast<int>(*year), static_cast<int>(*month), static_cast<int>(*day), 0, 0, 0};
  if (!is_valid(date)) return std::nullopt;
  return us_time(date, text.substr(blank));
}

std::optional<Timestamp> plain_date(std::string_view text, Timestamp now) {
  if (equals_ignore_case(text, "now")) return now;
  if (const auto date = us_date(text)) return date;
  if (const auto iso = parse_iso(text)) return *iso;
  return std::nullopt;
}

std::optional<Timestamp> parse_date(std::string_view text, Timestamp now) {
  if (const auto date = plain_date(text, now)) return date;
  const std::size_t sign = text.find_last_of("+-");
  if (sign == std::string_view::npos) return std::nullopt;
  const auto date = plain_date(trim(text.substr(0, sign)), now);
  const auto distance = day_hour(trim(text.substr(sign + 1)));
  if (!date || !distance) return std::nullopt;
  return text[sign] == '+' ? *date + *distance : *date - *distance;
}

// ---- restrictions --------------------------------------------------------------------------------------------------

bool is_id(const ViewColumn& column) {
  return column.id == kRequestId || column.id == kIssuedRequestId || column.name.ends_with("RequestId") ||
         column.name == "CRLRowId";
}

Result<ViewValue> parse_long(const ViewColumn& column, const Word& word) {
  std::string_view text = word.text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto value = parse_number<std::uint32_t>(text);
  const bool fits = value && !(negative && *value > 0x80000000U);
  if (!fits)
    return at(kRestrict, word.offset, std::string(column.name) + " takes a number of 32 bits, not " + quoted(word.text),
              column.id == kDisposition ? "9 pending, 20 issued, 21 revoked, 30 failed, 31 denied" : "");
  return ViewValue(negative ? -std::int64_t{*value} : std::int64_t{*value});
}

Result<ViewValue> parse_value(const ViewColumn& column, const Word& word, Timestamp now) {
  switch (column.type) {
    case ColumnType::long_integer:
      return parse_long(column, word);
    case ColumnType::date: {
      if (word.text.empty()) return ViewValue();
      const auto date = parse_date(word.text, now);
      if (!date)
        return at(kRestrict, word.offset, std::string(column.name) + " takes a date, not " + quoted(word.text),
                  "6/1/2026, 6/1/2026 5:00 PM, 2026-06-01 or now, then +dd:hh or -dd:hh if wanted");
      return ViewValue(*date);
    }
    case ColumnType::binary: {
      auto bytes = from_hex(word.text);
      if (!bytes)
        return at(kRestrict, word.offset,
                  std::string(column.name) + " takes hexadecimal digits, not " + quoted(word.text));
      if (bytes->empty()) return ViewValue();
      return ViewValue(*std::move(bytes));
    }
    case ColumnType::text:
      break;
  }
  std::string text(word.text);
  if (column.form == ColumnForm::hash || column.id == kSerialNumber) {
    std::erase(text, ' ');
    text = to_lower(text);
  }
  if (text.size() > column.max_length)
    return at(kRestrict, word.offset,
              std::string(column.name) + " holds at most " + std::to_string(column.max_length) + " characters");
  if (text.empty()) return ViewValue();
  return ViewValue(std::move(text));
}

struct Operator {
  std::string_view text;
  SeekOperator seek;
};
constexpr Operator kOperators[] = {
    {"==", SeekOperator::equal}, {"<=", SeekOperator::less_or_equal}, {">=", SeekOperator::greater_or_equal},
    {"=", SeekOperator::equal},  {"<", SeekOperator::less},           {">", SeekOperator::greater}};

Result<void> parse_restriction(const Word& word, Timestamp now, ViewQuery& query) {
  std::string_view text = word.text;
  std::size_t offset = word.offset;
  const char sign = text.empty() ? '\0' : text.front();
  if (sign == '+' || sign == '-') {
    text.remove_prefix(1);
    ++offset;
  }
  const bool sorted = sign == '+' || sign == '-';
  const std::size_t end = std::min(text.find_first_of("=<>"), text.size());
  const std::string_view name = trim(text.substr(0, end));
  if (name.empty())
    return at(kRestrict, offset, "a column name is missing", "for example Disposition=20,-NotAfter>now");
  auto column = find_view_column(query.table, name);
  if (!column) {
    column.error().where.source = kRestrict;
    column.error().where.offset = offset;
    return column.error();
  }
  if (sorted) {
    if (query.sort)
      return at(kRestrict, word.offset,
                "rows can be sorted by one column, " + std::string(query.sort->column->name) + " or " +
                    std::string((*column)->name));
    if ((*column)->type == ColumnType::binary)
      return at(kRestrict, word.offset, "rows cannot be sorted by the binary column " + std::string((*column)->name));
    query.sort = ViewSort{*column, sign == '-'};
  }
  if (end == text.size()) {
    if (sorted) return {};
    return at(kRestrict, offset + end, "an operator is missing behind " + quoted(name), "one of = < <= > >=");
  }
  const std::string_view rest = text.substr(end);
  const Operator* found = nullptr;
  for (const Operator& one : kOperators)
    if (found == nullptr && rest.starts_with(one.text)) found = &one;
  ViewRestriction restriction;
  restriction.column = *column;
  restriction.comparison = found->seek;
  if ((*column)->type == ColumnType::binary && found->seek != SeekOperator::equal)
    return at(kRestrict, offset + end,
              "the binary column " + std::string((*column)->name) + " can only be compared with =");
  std::string_view value = trim(rest.substr(found->text.size()));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  const Word value_word{value, value.empty() ? offset + end + found->text.size()
                                             : offset + static_cast<std::size_t>(value.data() - text.data())};
  if (value == "$") {
    if (!is_id(**column))
      return at(kRestrict, value_word.offset, "'$' is the last id; " + std::string((*column)->name) + " is no id");
    restriction.last = true;
  } else {
    MIMICA_TRY(restriction.value, parse_value(**column, value_word, now));
    if (restriction.value.index() == 0 && restriction.comparison != SeekOperator::equal)
      return at(kRestrict, value_word.offset, "an empty value can only be compared with =");
  }
  query.restrictions.push_back(std::move(restriction));
  return {};
}

void restrict_view(ViewName view, ViewQuery& query) {
  const auto disposition = [&](SeekOperator comparison, DbDisposition value) {
    query.restrictions.push_back(
        {&view_column(kDisposition), comparison, ViewValue(static_cast<std::int64_t>(value)), false});
  };
  switch (view) {  // CertSrv.h DB_DISP_QUEUE_MAX, LOG_MIN, LOG_FAILED_MIN
    case ViewName::queue:
      return disposition(SeekOperator::less_or_equal, DbDisposition::pending);
    case ViewName::log:
      return disposition(SeekOperator::greater_or_equal, DbDisposition::issued);
    case ViewName::log_fail:
      return disposition(SeekOperator::greater_or_equal, DbDisposition::error);
    case ViewName::revoked:
      return disposition(SeekOperator::equal, DbDisposition::revoked);
    case ViewName::all:
    case ViewName::extension:
    case ViewName::attribute:
    case ViewName::crl:
      return;
  }
}

}  // namespace

Result<ViewName> parse_view_name(std::string_view text) {
  constexpr std::pair<std::string_view, ViewName> kNames[] = {{"", ViewName::all},
                                                              {"Queue", ViewName::queue},
                                                              {"Log", ViewName::log},
                                                              {"LogFail", ViewName::log_fail},
                                                              {"Revoked", ViewName::revoked},
                                                              {"Ext", ViewName::extension},
                                                              {"Attrib", ViewName::attribute},
                                                              {"CRL", ViewName::crl}};
  for (const auto& [name, view] : kNames)
    if (equals_ignore_case(name, text)) return view;
  return fault(HResult::E_INVALIDARG, "there is no view " + quoted(text), {},
               "Queue, Log, LogFail, Revoked, Ext, Attrib or CRL");
}

ViewTable table_of(ViewName view) {
  switch (view) {
    case ViewName::extension:
      return ViewTable::extension;
    case ViewName::attribute:
      return ViewTable::attribute;
    case ViewName::crl:
      return ViewTable::crl;
    default:
      return ViewTable::request;
  }
}

std::vector<const ViewColumn*> default_columns(ViewName view) {
  std::vector<const ViewColumn*> columns;
  const auto add = [&](std::span<const int> ids) {
    for (const int id : ids) columns.push_back(&view_column(static_cast<std::uint32_t>(id)));
  };
  switch (view) {
    case ViewName::queue:
    case ViewName::log_fail:
      add(kPendingColumns);
      break;
    case ViewName::log:
      add(kIssuedColumns);
      break;
    case ViewName::revoked:
      add(kIssuedColumns);
      add(kRevocationColumns);
      break;
    default:
      for (const ViewColumn& column : view_columns(table_of(view))) columns.push_back(&column);
  }
  return columns;
}

Result<ViewQuery> parse_view(const ViewText& text, Timestamp now) {
  ViewQuery query;
  query.table = table_of(text.view);
  if (text.restriction.size() > kMaxText) return at(kRestrict, kMaxText, "the restriction is too long");
  if (text.columns.size() > kMaxText) return at(kOut, kMaxText, "the list of columns is too long");
  restrict_view(text.view, query);
  if (!trim(text.restriction).empty()) {
    for (const Word& word : divide(text.restriction)) {
      if (query.restrictions.size() > kMaxRestrictions)
        return at(kRestrict, word.offset, "more than " + std::to_string(kMaxRestrictions) + " restrictions");
      MIMICA_RETURN_IF_FAULT(parse_restriction(word, now, query));
    }
  }
  if (trim(text.columns).empty()) {
    query.columns = default_columns(text.view);
    query.with_attributes = text.view == ViewName::all;
    return query;
  }
  for (const Word& word : divide(text.columns)) {
    auto column = find_view_column(query.table, word.text);
    if (!column) {
      column.error().where.source = kOut;
      column.error().where.offset = word.offset;
      return column.error();
    }
    if (query.columns.size() == kMaxColumns)
      return at(kOut, word.offset, "more than " + std::to_string(kMaxColumns) + " columns");
    query.columns.push_back(*column);
  }
  return query;
}

Result<std::int64_t> print_view(Database& database, const ViewQuery& query, const ViewFormat& format,
                                const std::function<void(std::string_view)>& write) {
  constexpr std::int64_t kPage = 500;
  ViewPrinter printer(query, format);
  write(printer.head());
  std::optional<ViewCursor> cursor;
  do {
    MIMICA_TRY(const ViewPage page, database.select(query, cursor, kPage));
    for (const ViewRow& row : page.rows) write(printer.row(row));
    cursor = page.next;
  } while (cursor);
  write(printer.foot());
  return printer.rows();
}

}  // namespace mimica::ca
