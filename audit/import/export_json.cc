#include "audit/import/export_json.h"

#include <boost/json.hpp>
#include <charconv>

namespace mimica::audit {
namespace {

namespace json = boost::json;

void write_python(const json::value& value, std::size_t depth, std::string& out) {
  const std::string inner((depth + 1) * 2, ' '), outer(depth * 2, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& member : *object) {
      if (!first) out += ",\n";
      first = false;
      out += inner + json::serialize(member.key()) + ": ";
      write_python(member.value(), depth + 1, out);
    }
    out += "\n" + outer + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out += "[\n";
    bool first = true;
    for (const auto& item : *array) {
      if (!first) out += ",\n";
      first = false;
      out += inner;
      write_python(item, depth + 1, out);
    }
    out += "\n" + outer + "]";
  } else {
    out += json::serialize(value);
  }
}

struct Unit {
  std::string_view name;
  Seconds length;
};
constexpr Unit kUnits[] = {
    {"year", 365 * kDay}, {"month", 30 * kDay}, {"week", 7 * kDay}, {"day", kDay}, {"hour", kHour}, {"second", 1},
};

}  // namespace

Result<json::value> parse_export(std::string_view bytes, std::string_view source) {
  const auto bad = [&](std::string what) {
    return fault(HResult::E_INVALIDARG, std::move(what), {std::string(source), 0, 0, {}});
  };
  if (bytes.size() > kMaxExportSize) return bad("the export is larger than 64 MiB");
  std::string converted;
  if (bytes.substr(0, 2) == "\xFF\xFE") {
    bytes.remove_prefix(2);
    if (bytes.size() % 2 != 0) return bad("half a character of UTF-16 at the end");
    std::u16string wide(bytes.size() / 2, u'\0');
    for (std::size_t i = 0; i < wide.size(); ++i)
      wide[i] = static_cast<char16_t>(static_cast<unsigned char>(bytes[2 * i]) |
                                      static_cast<unsigned char>(bytes[2 * i + 1]) << 8);
    auto text = utf16_to_utf8(wide);
    if (!text) return bad("malformed UTF-16");
    converted = *std::move(text);
    bytes = converted;
  } else if (bytes.substr(0, 3) == "\xEF\xBB\xBF") {
    bytes.remove_prefix(3);
  }
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 32;
  json::value value = json::parse({bytes.data(), bytes.size()}, error, {}, options);
  if (error) return bad("not JSON: " + error.message());
  return value;
}

std::string python_json(const json::value& value, bool final_newline) {
  std::string out;
  write_python(value, 0, out);
  return final_newline ? out + "\n" : out;
}

Kept Kept::of(const json::object& found, const json::object& produced) {
  Kept kept;
  for (const auto& member : found) {
    kept.order.emplace_back(member.key());
    const json::value* made = produced.if_contains(member.key());
    if (made == nullptr || *made != member.value()) kept.values[member.key()] = member.value();
  }
  return kept;
}

json::object Kept::restore(const json::object& produced) const {
  if (order.empty()) return produced;
  json::object out;
  for (const std::string& key : order) {
    const json::value* value = values.if_contains(key);
    if (value == nullptr) value = produced.if_contains(key);
    if (value != nullptr) out[key] = *value;
  }
  return out;
}

std::string period_text(Seconds period) {
  for (const Unit& unit : kUnits) {
    if (period <= 0 || period % unit.length != 0) continue;
    const Seconds count = period / unit.length;
    return std::to_string(count) + " " + std::string(unit.name) + (count == 1 ? "" : "s");
  }
  return "0 seconds";
}

std::optional<Seconds> parse_period(std::string_view text) {
  std::int64_t count = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || count > 100'000) return std::nullopt;
  std::string_view name = trim(text.substr(static_cast<std::size_t>(at - text.data())));
  if (!name.empty() && name.back() == 's') name.remove_suffix(1);
  for (const Unit& unit : kUnits)
    if (unit.name == name) return count * unit.length;
  return std::nullopt;
}

std::string purpose_text(const Oid& oid) {
  const std::string_view name = display_name(oid);
  return name.empty() ? oid.dotted() : std::string(name);
}

std::optional<Oid> parse_purpose(std::string_view text) {
  if (const auto oid = Oid::parse(text)) return *oid;
  static const Oid kKnown[] = {
      oids::kClientAuth,
      oids::kServerAuth,
      oids::kSecureEmail,
      oids::kSmartCardLogon,
      oids::kEncryptingFileSystem,
      oids::kCertificateRequestAgent,
      oids::kPkinitClient,
      oids::kPkinitKdc,
      oids::kAnyExtendedKeyUsage,
      Oid("1.3.6.1.5.5.7.3.3"),
      Oid("1.3.6.1.5.5.7.3.9"),
      Oid("1.3.6.1.5.5.8.2.2"),
      Oid("1.3.6.1.4.1.311.10.12.1"),
      Oid("1.3.6.1.4.1.311.10.3.1"),
      Oid("1.3.6.1.4.1.311.10.3.4.1"),
      Oid("1.3.6.1.4.1.311.21.5"),
      Oid("1.3.6.1.4.1.311.21.6"),
      Oid("1.3.6.1.4.1.311.21.19"),
  };
  for (const Oid& oid : kKnown)
    if (!text.empty() && display_name(oid) == text) return oid;
  return std::nullopt;
}

std::vector<std::string> flag_names(std::string_view joined) {
  std::vector<std::string> out;
  if (joined == "0") return out;
  for (const std::string_view part : split(joined, '|')) out.emplace_back(trim(part));
  return out;
}

const json::object* object_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

std::optional<std::string> text_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::int64_t> number_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<bool> bool_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::optional<std::vector<std::string>> texts_member(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::vector<std::string>{std::string(value->get_string())};
  const auto* array = value->if_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& item : *array) {
    if (!item.is_string()) return std::nullopt;
    out.emplace_back(item.get_string());
  }
  return out;
}

json::array to_array(const std::vector<std::string>& values) {
  json::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

}  // namespace mimica::audit
