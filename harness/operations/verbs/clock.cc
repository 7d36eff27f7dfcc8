// Lab time.
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"

namespace mimica::harness {
namespace step {

namespace {
struct SetClock {
  Timestamp to;
  std::string title() const { return "clock to " + to_iso(to); }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.set_clock(to), Report{}; }
};

struct AdvanceClock {
  Seconds by = 0;
  std::string title() const { return "clock forward " + to_text(by); }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.advance(by), Report{}; }
};
}  // namespace

}  // namespace step

std::vector<Operation> clock_operations() {
  using schema::View;
  return {
      {"clock", 60,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("clock", "Moves the lab clock.",
                         {verb("set", v.time, "To this instant."), verb("advance", v.duration, "By this time.")},
                         "clock: {set: 2025-09-10T08:00:00Z}");
       },
       [](OperationReader&, const View& f) -> Action {
         if (f["set"]) return step::SetClock{parse_iso(f["set"].text()).value_or({})};
         return step::AdvanceClock{parse_duration(f["advance"].text()).value_or(0)};
       }},
  };
}

}  // namespace mimica::harness
