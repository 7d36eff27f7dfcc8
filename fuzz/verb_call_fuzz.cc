// What a client of a lab's socket sends, and what a lab answers: total, and the same after encoding again.
#include <cstdint>
#include <cstdlib>

#include "ca/faces/certutil/verb.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::certutil;
  const std::string_view text = as_text({data, size});
  if (const auto call = parse_verb_call(text)) {
    const auto again = parse_verb_call(encode(call->first, call->second));
    if (!again || again->second.files.size() != call->second.files.size()) std::abort();
    // Verbs on files run on anything; the others have no target here.
    (void)certutil_input_files(call->second.arguments);
    (void)certreq_input_files(call->second.arguments);
    const VerbResult result =
        call->first == VerbProgram::certutil ? certutil::certutil(call->second, {}) : certreq(call->second, {});
    if (!parse_verb_result(encode(result))) std::abort();
  }
  if (const auto result = parse_verb_result(text); result && !parse_verb_result(encode(*result))) std::abort();
  return 0;
}
