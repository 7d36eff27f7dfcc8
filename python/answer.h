// What lab operations answer, as the module's Report class.
#pragma once

#include <optional>
#include <utility>

#include "harness/lab/lab.h"
#include "python/bindings.h"

namespace mimica::python {

// The report, and its certificate with the template name its lab gives it.
struct Answer {
  harness::Report report;
  std::optional<NamedCertificate> certificate;
};

NamedCertificate named(harness::Lab& lab, const Certificate& certificate);
Answer answer(harness::Lab& lab, harness::Report report);
// Without the lab: the template name comes from the report's own summary.
Answer answer(harness::Report report);

}  // namespace mimica::python
