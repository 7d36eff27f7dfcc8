#include "ca/faces/certutil/inf.h"

#include <algorithm>
#include <optional>

#include "core/base/encoding.h"

namespace mimica::certutil {
namespace {

Fault bad(std::string_view source, int line, std::string what, std::string hint = {}) {
  return fault(HResult::E_INVALIDARG, std::move(what), {std::string(source), line, 0, {}}, std::move(hint));
}

Result<std::string> to_utf8(BytesView text, std::string_view source) {
  if (text.size() > kMaxInfSize) return bad(source, 0, "the file is larger than 1 MiB");
  auto out = decode_text(text);
  if (!out) return bad(source, 0, "the file has " + out.error().what, "save it as UTF-8 or Unicode");
  if (!is_valid_utf8(*out)) return bad(source, 0, "the file is no UTF-8", "save it as UTF-8 or Unicode");
  return *std::move(out);
}

// The line without its comment; nullopt when a quote stays open.
std::optional<std::string_view> without_comment(std::string_view line) {
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (line[at] == ';' && !quoted) return line.substr(0, at);
  }
  if (quoted) return std::nullopt;
  return line;
}

// Quoted and bare parts of a value, one after the other; blanks around bare text go.
std::string unquoted(std::string_view text) {
  text = trim(text);
  std::string out;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"') {
      out += text[at];
    } else if (quoted && at + 1 < text.size() && text[at + 1] == '"') {
      out += '"';
      ++at;
    } else {
      quoted = !quoted;
    }
  }
  return out;
}

// Where the '=' between key and value is: the first outside of quotes.
std::size_t equals_sign(std::string_view line) {
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') quoted = !quoted;
    if (line[at] == '=' && !quoted) return at;
  }
  return std::string_view::npos;
}

bool is_token(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 128 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; });
}

Result<void> put_strings_in(std::string& text, const InfSection* strings, std::string_view source, int line) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const std::size_t end = text.find('%', at + 1);
    const std::string_view token =
        end == std::string::npos ? std::string_view() : std::string_view(text).substr(at + 1, end - at - 1);
    if (end == at + 1) {
      out += '%';
      at = end;
    } else if (is_token(token) && strings != nullptr) {
      const InfEntry* entry = strings->find(token);
      if (entry == nullptr) return bad(source, line, "[Strings] has no '" + std::string(token) + "'");
      out += entry->value;
      at = end;
    } else {
      out += '%';
    }
    if (out.size() > kMaxInfValue) return bad(source, line, "the value is longer than 64 KiB");
  }
  text = std::move(out);
  return {};
}

}  // namespace

const InfEntry* InfSection::find(std::string_view wanted) const {
  const auto at = std::find_if(entries.rbegin(), entries.rend(),
                               [&](const InfEntry& entry) { return equals_ignore_case(entry.key, wanted); });
  return at == entries.rend() ? nullptr : &*at;
}

const InfSection* InfFile::section(std::string_view wanted) const {
  const auto at = std::find_if(sections_.begin(), sections_.end(),
                               [&](const InfSection& one) { return equals_ignore_case(one.name, wanted); });
  return at == sections_.end() ? nullptr : &*at;
}

Result<InfFile> InfFile::parse(BytesView bytes, std::string_view source) {
  MIMICA_TRY(const std::string text, to_utf8(bytes, source));
  const std::vector<std::string_view> lines = split(text, '\n');
  if (lines.size() > kMaxInfLines) return bad(source, 0, "the file has too many lines");
  InfFile file;
  std::size_t current = SIZE_MAX;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const int number = static_cast<int>(at) + 1;
    std::string joined;
    bool more = true;
    for (bool first = true; more; first = false) {
      if (!first && ++at >= lines.size()) break;
      const auto plain = without_comment(lines[at]);
      if (!plain) return bad(source, static_cast<int>(at) + 1, "a quote is not closed");
      std::string_view part = trim(*plain);
      more = part.ends_with('\\');
      if (more) part.remove_suffix(1);
      joined += part;
    }
    const std::string_view line = trim(joined);
    if (line.empty()) continue;
    if (line.front() == '[') {
      if (line.back() != ']' || line.size() < 3) return bad(source, number, "a section is written as [name]");
      const std::string name(trim(line.substr(1, line.size() - 2)));
      const auto known = std::find_if(file.sections_.begin(), file.sections_.end(),
                                      [&](const InfSection& one) { return equals_ignore_case(one.name, name); });
      current = static_cast<std::size_t>(known - file.sections_.begin());
      if (known == file.sections_.end()) file.sections_.push_back({name, number, {}});
      continue;
    }
    if (current == SIZE_MAX) return bad(source, number, "the line stands before the first section");
    std::vector<InfEntry>& entries = file.sections_[current].entries;
    const std::size_t sign = equals_sign(line);
    InfEntry entry;
    entry.line = number;
    if (sign != std::string_view::npos) entry.key = unquoted(line.substr(0, sign));
    entry.value = unquoted(sign == std::string_view::npos ? line : line.substr(sign + 1));
    if (equals_ignore_case(entry.key, "_continue_")) {
      if (entries.empty()) return bad(source, number, "_continue_ has nothing to continue");
      entries.back().value += entry.value;
      if (entries.back().value.size() > kMaxInfValue) return bad(source, number, "the value is longer than 64 KiB");
      continue;
    }
    if (entry.value.size() > kMaxInfValue) return bad(source, number, "the value is longer than 64 KiB");
    entries.push_back(std::move(entry));
  }
  const InfSection* found = file.section("Strings");
  if (found == nullptr) return file;
  const InfSection strings = *found;
  for (InfSection& section : file.sections_) {
    if (equals_ignore_case(section.name, "Strings")) continue;
    for (InfEntry& entry : section.entries) {
      MIMICA_RETURN_IF_FAULT(put_strings_in(entry.key, &strings, source, entry.line));
      MIMICA_RETURN_IF_FAULT(put_strings_in(entry.value, &strings, source, entry.line));
    }
  }
  return file;
}

}  // namespace mimica::certutil
