#include "core/base/refusal.h"

namespace mimica {

Fault refused_by(const Rule& rule, Fault refusal) {
  refusal.rule = &rule;
  return refusal;
}

Trace trace_of(const Fault& refusal) {
  Trace out;
  if (refusal.rule == nullptr) return out;
  if (std::holds_alternative<LdapCode>(refusal.code) && !refusal.hint.empty())
    out.fail(*refusal.rule, refusal.code, refusal.hint, {{"diagnostic", refusal.what}});
  else
    out.fail(*refusal.rule, refusal.code, refusal.what, {}, refusal.hint);
  return out;
}

}  // namespace mimica
