#include "ca/faces/certutil/arguments.h"

#include <algorithm>

namespace mimica::certutil {
namespace {

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view one) { return equals_ignore_case(one, name); });
}

}  // namespace

Result<Bytes> VerbContext::file(std::string_view name) const {
  const auto at = call.files.find(std::string(name));
  if (at == call.files.end())
    return fault(HResult::ERROR_FILE_NOT_FOUND, "the file '" + std::string(name) + "' cannot be read");
  return at->second;
}

Result<ParsedVerb> parse_verb(std::span<const std::string> arguments, std::span<const Verb> verbs,
                              std::span<const std::string_view> options_with_value,
                              std::span<const std::string_view> flags) {
  ParsedVerb out;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    const bool dashed = argument.size() > 1 && (argument[0] == '-' || (argument[0] == '/' && out.verb == nullptr));
    const std::string_view name = dashed ? std::string_view(argument).substr(1) : std::string_view();
    if (dashed && contains(options_with_value, name)) {
      if (at + 1 == arguments.size()) return fault(HResult::E_INVALIDARG, "the option " + argument + " needs a value");
      out.arguments.options[to_lower(name)] = arguments[++at];
    } else if (dashed && contains(flags, name)) {
      out.arguments.options[to_lower(name)];
    } else if (out.verb == nullptr) {
      const auto verb = std::find_if(verbs.begin(), verbs.end(),
                                     [&](const Verb& one) { return dashed && equals_ignore_case(one.name, name); });
      if (verb == verbs.end())
        return fault(HResult::E_INVALIDARG, "'" + argument.substr(0, 80) + "' is no verb that is known here", {},
                     "docs/certutil.md lists them");
      out.verb = &*verb;
    } else {
      out.arguments.values.push_back(argument);
    }
  }
  if (out.verb == nullptr) return out;
  const std::size_t count = out.arguments.values.size();
  if (count < out.verb->least || count > out.verb->most)
    return fault(HResult::E_INVALIDARG,
                 "-" + std::string(out.verb->name) + " takes " + std::to_string(out.verb->least) +
                     (out.verb->most == out.verb->least ? "" : " to " + std::to_string(out.verb->most)) +
                     " values, not " + std::to_string(count),
                 {}, "usage: -" + std::string(out.verb->name) + " " + std::string(out.verb->usage));
  return out;
}

}  // namespace mimica::certutil
