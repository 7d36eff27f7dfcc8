// Verbs on files that need no CA.
#include <array>

#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/verbs.h"
#include "core/base/number.h"
#include "core/pki/certificate.h"

namespace mimica::certutil::verbs {
namespace {

constexpr std::pair<std::string_view, Digest> kDigests[] = {
    {"SHA1", Digest::sha1}, {"SHA256", Digest::sha256}, {"SHA384", Digest::sha384}, {"SHA512", Digest::sha512}};

void print_lengths(const VerbContext& context, std::size_t in, std::size_t out) {
  context.line("Input Length = " + std::to_string(in));
  context.line("Output Length = " + std::to_string(out));
}

Result<void> write(const VerbContext& context, std::string_view name, Bytes content) {
  context.result.files[std::string(name)] = {std::move(content)};
  return {};
}

}  // namespace

// certutil puts the lines of a certificate around everything it encodes.
Result<void> encode_file(const VerbContext& context) {
  MIMICA_TRY(const Bytes in, context.file(context.arguments.values[0]));
  const std::string text = to_pem("CERTIFICATE", in);
  print_lengths(context, in.size(), text.size());
  return write(context, context.arguments.values[1], to_bytes(text));
}

Result<void> decode_file(const VerbContext& context) {
  MIMICA_TRY(const Bytes in, context.file(context.arguments.values[0]));
  std::string body;
  bool inside = false, marked = false;
  for (const std::string_view line : split(as_text(in), '\n')) {
    const std::string_view text = trim(line);
    if (text.starts_with("-----")) {
      if (inside) break;
      inside = marked = true;
      body.clear();
    } else if (inside || !marked) {
      body += text;
    }
  }
  auto out = from_base64(body);
  if (!out) return fault(HResult::ERROR_INVALID_DATA, "the file holds no base64");
  print_lengths(context, in.size(), out->size());
  return write(context, context.arguments.values[1], *std::move(out));
}

Result<void> hash_file(const VerbContext& context) {
  MIMICA_TRY(const Bytes in, context.file(context.arguments.values[0]));
  const std::string_view wanted = context.arguments.values.size() > 1 ? context.arguments.value(1) : "SHA1";
  std::optional<Bytes> hash;
  if (equals_ignore_case(wanted, "MD5")) hash = md5(in);
  for (const auto& [name, algorithm] : kDigests)
    if (equals_ignore_case(name, wanted)) hash = digest(algorithm, in);
  if (!hash)
    return fault(HResult::NTE_BAD_ALGID, "'" + std::string(wanted.substr(0, 40)) + "' is no hash algorithm", {},
                 "use MD5, SHA1, SHA256, SHA384 or SHA512");
  context.line(to_upper(wanted) + " hash of " + context.arguments.values[0] + ":");
  context.line(to_hex(*hash));
  return {};
}

Result<void> dump(const VerbContext& context) {
  MIMICA_TRY(const Bytes in, context.file(context.arguments.values[0]));
  MIMICA_TRY(const std::string text, dump_file(in, context.arguments.option("p")));
  context.print(text);
  if (context.call.json)
    if (auto json = dump_json(in, context.arguments.option("p"))) context.result.json = *std::move(json);
  return {};
}

Result<void> error_text(const VerbContext& context) {
  const std::string_view text = context.arguments.value(0);
  std::optional<HResult> status;
  if (const auto code = code_named(text); code && std::holds_alternative<HResult>(*code))
    status = std::get<HResult>(*code);
  if (!status) {
    MIMICA_TRY(const std::int64_t value, require_number<std::int64_t>(text, "error code"));
    if (value > 0xFFFFFFFFLL || value < -0x80000000LL) return not_a_number(text, "error code");
    auto bits = static_cast<std::uint32_t>(value);
    if (bits != 0 && bits <= 0xFFFF) bits |= 0x80070000;  // a Win32 code
    status = static_cast<HResult>(bits);
  }
  const std::string name = symbol(*status);
  const std::string_view meaning = sentence(*status);
  context.line(show_status(*status) + " -- " + static_cast<std::string>(name));
  context.line("Error message text: " + (meaning.empty() ? "(none)" : std::string(meaning)));
  return {};
}

}  // namespace mimica::certutil::verbs
