// The command line of certutil and certreq: one verb, options that may stand before and after it, and the rest.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ca/faces/certutil/text.h"
#include "ca/faces/certutil/verb.h"
#include "core/base/decision.h"
#include "core/base/fault.h"

namespace mimica::certutil {

struct VerbArguments {
  std::vector<std::string> values;                          // after the verb
  std::map<std::string, std::string, std::less<>> options;  // lower case, without '-'; flags have an empty value
  bool has(std::string_view option) const { return options.find(option) != options.end(); }
  std::string_view option(std::string_view name) const {
    const auto at = options.find(name);
    return at == options.end() ? std::string_view() : std::string_view(at->second);
  }
  // The value at that place, empty when there are fewer.
  std::string_view value(std::size_t at) const { return at < values.size() ? std::string_view(values[at]) : ""; }
};

// What a verb adds to its result; a Fault becomes the FAILED line.
struct VerbContext {
  const VerbCall& call;
  const VerbTarget& target;
  const VerbArguments& arguments;
  VerbResult& result;

  ca::CertificationAuthority& authority() const { return *target.authority; }
  // The content of an input file; Fault ERROR_FILE_NOT_FOUND.
  Result<Bytes> file(std::string_view name) const;
  void print(std::string_view text) const { result.text += text; }
  void line(std::string_view text) const { (result.text += text) += "\n"; }
};
// The value of a decision; a refusal becomes a Fault with its code, its trace goes to error_text.
template <typename T>
Result<T> granted(const VerbContext& context, Result<Decision<T>> answer) {
  if (!answer) return std::move(answer).error();
  if (*answer) return *std::move(answer->granted);
  context.result.error_text += why(answer->trace);
  return fault(answer->code, std::string(sentence(answer->code)));
}

// Whether -config, if given, names the CA of the target. Faults: RPC_S_SERVER_UNAVAILABLE, E_INVALIDARG.
Result<void> check_config(const VerbContext& context);

struct Verb {
  std::string_view name;  // as certutil spells it in its last line
  Result<void> (*run)(const VerbContext&);
  bool online = true;
  std::size_t least = 0;  // values
  std::size_t most = 0;
  std::string_view usage = {};  // the values
  bool has_input = false;       // the first value is a file to read
  std::string_view note = {};   // printed after the last line
};

struct ParsedVerb {
  const Verb* verb = nullptr;  // null: none was given
  VerbArguments arguments;
};
// Options that take a value; every other known option is a flag. Verbs and options in any case, with '-' or '/'. After
// the verb an argument with '-' that is no option is a value ("-EDITF_…", "-1").
Result<ParsedVerb> parse_verb(std::span<const std::string> arguments, std::span<const Verb> verbs,
                              std::span<const std::string_view> options_with_value,
                              std::span<const std::string_view> flags);

}  // namespace mimica::certutil
