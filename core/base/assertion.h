// Broken invariants: a bug of this program, never an answer to bad input (that is a Fault) and never a refusal (that is
// a Decision). Checked in every build, because an optimised one is what people run.
#pragma once

namespace mimica {

// Prints "file:line: broken invariant: text" to standard error and aborts.
[[noreturn]] void assertion_failed(const char* text, const char* file, int line) noexcept;

}  // namespace mimica

#define MIMICA_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::mimica::assertion_failed(#condition, __FILE__, __LINE__))
