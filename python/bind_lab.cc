#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/scenario_files.h"
#include "python/lab_handle.h"

namespace mimica::python {
namespace {

using harness::Lab;
using harness::LabSpec;

EventLevel event_level(const std::string& name) {
  for (const EventLevel level : {EventLevel::critical, EventLevel::error, EventLevel::warning, EventLevel::information})
    if (equals_ignore_case(name, to_string(level))) return level;
  throw py::value_error("level must be 'critical', 'error', 'warning' or 'information'");
}

void bind_clock(LabClass& lab) {
  lab.def("now", [](LabHandle& self) { return self.run([](Lab& l) { return l.now(); }).seconds; })
      .def(
          "set_clock",
          [](LabHandle& self, std::int64_t seconds) {
            const Timestamp t = checked_timestamp(seconds);
            self.run([t](Lab& l) { l.set_clock(t); });
          },
          py::arg("seconds"))
      .def(
          "advance",
          [](LabHandle& self, std::int64_t seconds) {
            self.run([seconds](Lab& l) {
              std::int64_t target = 0;
              if (__builtin_add_overflow(l.now().seconds, seconds, &target))
                throw FaultError(fault("the lab clock cannot advance that far"));
              checked_timestamp(target);
              l.advance(seconds);
            });
          },
          py::arg("seconds"));
}

}  // namespace

Answer LabHandle::run_operation(const std::string& verb, const std::string& fields, const std::string& id) {
  return run([&](Lab& lab) {
    const harness::FileReader files = [](const std::string& path) { return harness::read_file(path); };
    return answer(lab, unwrap(session_.run(lab, verb, fields, id, files)));
  });
}

void bind_lab(py::module_& m) {
  bind_answers(m);
  LabClass lab(m, "LabHandle");
  // The copy is made under the interpreter lock: another thread may be editing the spec.
  lab.def(py::init([](const LabSpec& spec) { return std::make_unique<LabHandle>(LabSpec(spec)); }), py::arg("spec"))
      .def("close", &LabHandle::close)
      .def_property_readonly("closed", &LabHandle::closed)
      .def("run", &LabHandle::run_operation, py::arg("verb"), py::arg("fields"), py::kw_only(), py::arg("id"))
      .def("endpoints", [](LabHandle& self) { return self.run([](Lab& l) { return l.endpoints(); }); })
      .def(
          "events",
          [](LabHandle& self, const std::string& channel, const std::string& provider, const std::string& party,
             std::vector<int> ids, const std::optional<std::string>& level, std::optional<std::int64_t> since,
             std::optional<std::int64_t> until, const std::map<std::string, std::string>& data, std::uint64_t after,
             std::optional<std::size_t> limit, bool newest_first) {
            EventQuery query{channel, provider, party, std::move(ids)};
            if (level) query.level_at_most = event_level(*level);
            if (since) query.since = Timestamp{*since};
            if (until) query.until = Timestamp{*until};
            for (const auto& [name, value] : data) query.data.push_back({name, value});
            query.after = after;
            if (limit) query.limit = *limit;
            query.newest_first = newest_first;
            return self.run([&](Lab& l) { return l.event_log().query(query); });
          },
          py::kw_only(), py::arg("channel"), py::arg("provider"), py::arg("party"), py::arg("ids"), py::arg("level"),
          py::arg("since"), py::arg("until"), py::arg("data"), py::arg("after"), py::arg("limit"),
          py::arg("newest_first"))
      .def("spec", [](LabHandle& self) { return self.run([](Lab& l) { return LabSpec(l.spec()); }); });
  bind_clock(lab);
  bind_directory(lab);
  bind_authority(lab);
  bind_flow(lab);
}

}  // namespace mimica::python
