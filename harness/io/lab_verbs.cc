// certutil and certreq against a lab.
#include "harness/io/lab_impl.h"

namespace mimica::harness {

VerbTarget LabImpl::verb_target() { return {ca_.get(), database_.get(), console_.get(), keys_.get(), clock_.now()}; }

VerbResult LabImpl::certutil(const VerbCall& call) {
  VerbResult result = certutil::certutil(call, verb_target());
  follow_renewal();
  return result;
}

VerbResult LabImpl::certreq(const VerbCall& call) { return certutil::certreq(call, verb_target()); }

}  // namespace mimica::harness
