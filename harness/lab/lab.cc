#include "harness/lab/lab.h"

namespace mimica::harness {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::issued:
      return "issued";
    case Outcome::allowed:
      return "allowed";
    case Outcome::done:
      return "done";
    case Outcome::pending:
      return "pending";
    case Outcome::refused:
      return "refused";
    case Outcome::failed:
      return "failed";
  }
  return "";
}

std::string_view Report::rule() const {
  const Step* step = trace.deciding();
  return ok() || step == nullptr ? std::string_view{} : step->rule->id;
}

}  // namespace mimica::harness
