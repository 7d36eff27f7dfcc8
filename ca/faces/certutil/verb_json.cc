// Calls and results as JSON, for the socket of a running lab.
#include <boost/json.hpp>

#include "ca/faces/certutil/verb.h"

namespace mimica::certutil {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostArguments = 256;
constexpr std::size_t kMostFiles = 1024;

// UTF-8 for JSON; octets that are not become \xNN, as they would be printed.
json::string text_of(std::string_view text) {
  if (is_valid_utf8(text)) return json::string(text);
  std::string out;
  for (const char c : text)
    out += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\\x" + to_hex(as_bytes(std::string_view(&c, 1)));
  return json::string(out);
}

Fault malformed(std::string what) {
  return fault(HResult::E_INVALIDARG, "the message is malformed: " + std::move(what));
}

Result<json::object> parse_object(std::string_view text) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 8;
  json::value value = json::parse(text, error, {}, options);
  if (error) return malformed(error.message());
  if (!value.is_object()) return malformed("it is no object");
  return std::move(value.get_object());
}

Result<std::string> member_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return malformed("'" + std::string(name) + "' is no text");
  return std::string(value->get_string());
}

Result<Bytes> octets(const json::value& value) {
  auto bytes = value.is_string() ? from_base64(std::string_view(value.get_string())) : std::nullopt;
  if (!bytes) return malformed("a file is no base64");
  return *std::move(bytes);
}

Result<const json::object*> member_files(const json::object& object) {
  const json::value* files = object.if_contains("files");
  if (files == nullptr || !files->is_object() || files->get_object().size() > kMostFiles)
    return malformed("'files' is no object or too large");
  return &files->get_object();
}

}  // namespace

std::string encode(VerbProgram program, const VerbCall& call) {
  json::array arguments;
  for (const std::string& argument : call.arguments) arguments.emplace_back(text_of(argument));
  json::object files;
  for (const auto& [name, content] : call.files) files[text_of(name)] = to_base64(content);
  return json::serialize(json::object{{"program", program == VerbProgram::certutil ? "certutil" : "certreq"},
                                      {"arguments", std::move(arguments)},
                                      {"caller", text_of(call.caller)},
                                      {"json", call.json},
                                      {"files", std::move(files)}});
}

Result<std::pair<VerbProgram, VerbCall>> parse_verb_call(std::string_view text) {
  MIMICA_TRY(const json::object object, parse_object(text));
  VerbCall call;
  MIMICA_TRY(const std::string program, member_text(object, "program"));
  if (program != "certutil" && program != "certreq")
    return malformed("there is no program '" + program.substr(0, 40) + "'");
  MIMICA_TRY(call.caller, member_text(object, "caller"));
  const json::value* arguments = object.if_contains("arguments");
  if (arguments == nullptr || !arguments->is_array() || arguments->get_array().size() > kMostArguments)
    return malformed("'arguments' is no list or too long");
  for (const json::value& argument : arguments->get_array()) {
    if (!argument.is_string()) return malformed("an argument is no text");
    call.arguments.emplace_back(argument.get_string());
  }
  const json::value* as_json = object.if_contains("json");
  call.json = as_json != nullptr && as_json->is_bool() && as_json->get_bool();
  MIMICA_TRY(const json::object* files, member_files(object));
  for (const auto& file : *files) {
    MIMICA_TRY(call.files[std::string(file.key())], octets(file.value()));
  }
  return std::pair(program == "certutil" ? VerbProgram::certutil : VerbProgram::certreq, std::move(call));
}

std::string encode(const VerbResult& result) {
  json::object files;
  for (const auto& [name, file] : result.files)
    files[text_of(name)] = json::object{{"content", to_base64(file.content)}, {"secret", file.secret}};
  return json::serialize(json::object{{"text", text_of(result.text)},
                                      {"error_text", text_of(result.error_text)},
                                      {"json", text_of(result.json)},
                                      {"status", static_cast<std::int64_t>(result.status)},
                                      {"files", std::move(files)}});
}

Result<VerbResult> parse_verb_result(std::string_view text) {
  MIMICA_TRY(const json::object object, parse_object(text));
  VerbResult result;
  MIMICA_TRY(result.text, member_text(object, "text"));
  MIMICA_TRY(result.error_text, member_text(object, "error_text"));
  MIMICA_TRY(result.json, member_text(object, "json"));
  const json::value* status = object.if_contains("status");
  if (status == nullptr || !status->is_int64() || status->get_int64() < 0 || status->get_int64() > 0xFFFFFFFFLL)
    return malformed("'status' is no HRESULT");
  result.status = static_cast<HResult>(status->get_int64());
  MIMICA_TRY(const json::object* files, member_files(object));
  for (const auto& file : *files) {
    const json::object* about = file.value().if_object();
    const json::value* content = about == nullptr ? nullptr : about->if_contains("content");
    if (content == nullptr) return malformed("a file has no content");
    VerbFile& out = result.files[std::string(file.key())];
    MIMICA_TRY(out.content, octets(*content));
    const json::value* secret = about->if_contains("secret");
    out.secret = secret != nullptr && secret->is_bool() && secret->get_bool();
  }
  return result;
}

}  // namespace mimica::certutil
