// -view and -schema: the database in certutil's query language (ca/views/view.h).
#include <boost/json.hpp>

#include "ca/authority/authority.h"
#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/verbs.h"
#include "ca/views/view.h"

namespace mimica::certutil::verbs {
namespace {

constexpr std::size_t kLargestAnswer = 32 * 1024 * 1024;
constexpr std::int64_t kPage = 1000;

Fault too_large() {
  return fault(HResult::E_FAIL, "the answer is larger than 32 MiB", {},
               "take fewer rows with -restrict or fewer columns with -out");
}

boost::json::value json_of(const ca::ViewValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* at = std::get_if<Timestamp>(&value)) return boost::json::value(to_iso(*at));
  if (const auto* text = std::get_if<std::string>(&value)) return boost::json::value(*text);
  if (const auto* bytes = std::get_if<Bytes>(&value)) return boost::json::value(to_base64(*bytes));
  return nullptr;
}

// A list of objects, one for each row, with the columns' names; instants in ISO form, binary values in base64.
Result<std::string> rows_as_json(ca::Database& database, const ca::ViewQuery& query) {
  std::string out = "[";
  std::optional<ca::ViewCursor> after;
  do {
    MIMICA_TRY(const ca::ViewPage page, database.select(query, after, kPage));
    for (const ca::ViewRow& row : page.rows) {
      boost::json::object one;
      for (std::size_t i = 0; i < row.values.size(); ++i) one[query.columns[i]->name] = json_of(row.values[i]);
      out += (out.size() == 1 ? "\n" : ",\n") + boost::json::serialize(one);
      if (out.size() > kLargestAnswer) return too_large();
    }
    after = page.next;
  } while (after);
  return out + "\n]\n";
}

std::string indented(const ca::ExtensionRow& extension) {
  const std::string text = dump_extension({extension.oid, false, extension.value});
  const std::size_t first = text.find('\n');
  return first == std::string::npos ? std::string() : text.substr(first + 1);
}

Result<ca::Database*> database_of(const VerbContext& context) {
  if (context.target.authority == nullptr) {
    if (context.target.database == nullptr)
      return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no certification authority answers here");
    return context.target.database;
  }
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  return &context.authority().database();
}

}  // namespace

Result<void> view(const VerbContext& context) {
  MIMICA_TRY(ca::Database* const database, database_of(context));
  ca::ViewText text;
  ca::ViewFormat format;
  for (const std::string& value : context.arguments.values) {
    if (equals_ignore_case(value, "csv")) {
      format.csv = true;
      continue;
    }
    MIMICA_TRY(text.view, ca::parse_view_name(value));
  }
  text.restriction = context.arguments.option("restrict");
  text.columns = context.arguments.option("out");
  MIMICA_TRY(const ca::ViewQuery query, ca::parse_view(text, context.target.now));
  if (context.target.authority != nullptr)
    format.template_name = [&](std::string_view oid) -> std::string {
      const auto view = context.authority().look_ups().begin();
      const auto found =
          view ? (*view)->certificate_template(oid) : Result(std::shared_ptr<const templates::CertificateTemplate>());
      return found && *found ? (*found)->display_name : std::string();
    };
  format.decode_extension = indented;
  if (context.call.json) {
    MIMICA_TRY(context.result.json, rows_as_json(*database, query));
    return {};
  }
  bool overflow = false;
  MIMICA_RETURN_IF_FAULT(ca::print_view(*database, query, format, [&](std::string_view part) {
    overflow = overflow || context.result.text.size() + part.size() > kLargestAnswer;
    if (!overflow) context.print(part);
  }));
  if (overflow) return too_large();
  return {};
}

// An id deletes that row; a date the requests that were left unresolved before it, or with Cert and CRL what had ended.
Result<void> delete_row(const VerbContext& context) {
  using Table = ca::RowDeletion::Table;
  const std::string_view what = context.arguments.value(0);
  const std::string_view table = context.arguments.values.size() > 1 ? context.arguments.value(1) : "Request";
  ca::RowDeletion deletion;
  const bool certificates = equals_ignore_case(table, "Cert");
  if (equals_ignore_case(table, "Ext")) {
    deletion.table = Table::extension;
  } else if (equals_ignore_case(table, "Attrib")) {
    deletion.table = Table::attribute;
  } else if (equals_ignore_case(table, "CRL")) {
    deletion.table = Table::crl;
  } else if (!equals_ignore_case(table, "Request") && !certificates) {
    return fault(HResult::E_INVALIDARG, "'" + std::string(table.substr(0, 40)) + "' is no table");
  }
  const bool is_id = !what.empty() && what.find_first_not_of("0123456789abcdefxABCDEFX") == std::string_view::npos;
  const std::string restriction = (is_id ? "RequestID=" : "NotAfter<=") + std::string(what);
  MIMICA_TRY(const ca::ViewQuery parsed,
             ca::parse_view({ca::ViewName::all, restriction, "RequestID"}, context.target.now));
  if (parsed.restrictions.size() != 1 || parsed.restrictions.front().last)
    return fault(HResult::E_INVALIDARG, "give a row id or a date");
  const ca::ViewValue& value = parsed.restrictions.front().value;
  if (const auto* id = std::get_if<std::int64_t>(&value)) {
    deletion.row_id = *id;
  } else if (const auto* date = std::get_if<Timestamp>(&value)) {
    deletion.before = *date;
    const bool ended = certificates || deletion.table == Table::crl;
    deletion.kind = ended ? ca::RowDeletion::Kind::expired : ca::RowDeletion::Kind::unresolved;
  }
  MIMICA_TRY(const std::int64_t rows, granted(context, context.authority().delete_rows(deletion, context.call.caller)));
  context.line("Rows deleted: " + std::to_string(rows));
  return {};
}

namespace {

// The CA's process writes and reads the file, so a path from another process's folder would mislead.
Result<std::string> absolute(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  return fault(HResult::E_INVALIDARG, "the path of a database copy is absolute");
}

}  // namespace

Result<void> backup_db(const VerbContext& context) {
  MIMICA_TRY(const std::string path, absolute(context.arguments.values[0]));
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().back_up(path, context.call.caller)));
  context.line("Backed up database to " + path + ".");
  return {};
}

Result<void> restore_db(const VerbContext& context) {
  MIMICA_TRY(const std::string path, absolute(context.arguments.values[0]));
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().restore(path, context.call.caller)));
  context.line("Restored database from " + path + ".");
  return {};
}

Result<void> schema(const VerbContext& context) {
  MIMICA_TRY(const ca::ViewName name, ca::parse_view_name(context.arguments.value(0)));
  const auto columns = ca::view_columns(ca::table_of(name));
  std::vector<const ca::ViewColumn*> all;
  for (const ca::ViewColumn& column : columns) all.push_back(&column);
  context.print(ca::schema_text(all));
  return {};
}

}  // namespace mimica::certutil::verbs
