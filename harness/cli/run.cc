#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/cli/artefacts.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"
#include "harness/report/event_document.h"
#include "harness/report/report.h"

namespace mimica::harness::cli {
namespace {

struct RunArguments {
  std::vector<std::string> paths;
  bool json = false;
  std::string junit;
  std::string events;
  bool explain = false;
  std::string keep;
  unsigned jobs = 1;
  ColourOption colour;
};

double since_start() {
  static const auto start = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Says on standard error how far a long run is: at most one line a second, on a terminal always the same line.
class Progress {
 public:
  explicit Progress(std::size_t total) : total_(total), terminal_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() { clear(); }

  void step(const std::string& name, std::size_t done, std::size_t of) {
    const std::lock_guard lock(mutex_);
    const double now = since_start();
    if (now - last_ < (terminal_ ? 0.1 : 1.0)) return;
    last_ = now;
    const std::string line = "running " + std::to_string(finished_ + 1) + " of " + std::to_string(total_) + ": " +
                             name + ", step " + std::to_string(done) + " of " + std::to_string(of);
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K%.*s", 118, line.c_str());
      std::fflush(stderr);
      shown_ = true;
    } else {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
  }
  void finished() {
    const std::lock_guard lock(mutex_);
    ++finished_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    if (shown_) std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    shown_ = false;
  }

 private:
  std::mutex mutex_;
  const std::size_t total_;
  const bool terminal_;
  std::size_t finished_ = 0;
  double last_ = 0.5;  // the first half second passes in silence
  bool shown_ = false;
};

// One case to run, or a file that could not be loaded.
struct Job {
  std::optional<Scenario> scenario;
  std::vector<Fault> faults;
  std::string source;
  std::string folder;  // for artefacts; empty: none are kept
};

std::vector<Job> load(const std::vector<std::string>& files, const std::string& keep) {
  std::vector<Job> out;
  for (const std::string& file : files) {
    LoadedScenarios loaded = load_scenario_file(file);
    if (!loaded.ok()) out.push_back({std::nullopt, std::move(loaded.faults), file, {}});
    for (Scenario& scenario : loaded.cases) out.push_back({std::move(scenario), {}, file, {}});
  }
  if (keep.empty()) return out;
  std::vector<const Scenario*> scenarios;
  for (const Job& job : out)
    if (job.scenario) scenarios.push_back(&*job.scenario);
  const std::vector<std::string> names = folder_names(scenarios);
  std::size_t next = 0;
  for (Job& job : out) {
    if (!job.scenario) continue;
    job.folder = keep + "/" + names[next++];
    job.scenario->lab.state_directory = job.folder;
  }
  return out;
}

// `events` receives the lab's log; it may be null.
CaseRecord perform(const Job& job, Progress& progress, std::vector<Event>* events) {
  if (!job.scenario) return unreadable(job.source, job.faults);
  if (!job.folder.empty())
    if (auto prepared = prepare_folder(job.folder); !prepared) return unreadable(job.source, {prepared.error()});
  RunOptions options;
  options.stopwatch = since_start;
  const std::string name = job.scenario->full_name();
  const std::size_t steps = job.scenario->steps.size();
  options.after_step = [&](const StepRecord& step, Lab&) { progress.step(name, step.number, steps); };
  std::optional<Fault> not_kept;
  options.before_end = [&](const CaseRecord& record, Lab& lab) {
    if (events != nullptr) *events = lab.event_log().query();
    if (job.folder.empty()) return;
    if (auto kept = keep_artefacts(record, lab, job.folder); !kept) not_kept = kept.error();
  };
  CaseRecord record = run(
      *job.scenario, [](const LabSpec& spec) { return Lab::start(spec); }, options);
  if (not_kept) {
    record.fault = std::move(not_kept);
    record.exit = worst(record.exit, ExitCode::environment);
  }
  return record;
}

std::vector<CaseRecord> perform_all(const std::vector<Job>& jobs, const RunArguments& arguments,
                                    const TextOptions& text, std::vector<std::vector<Event>>& events) {
  Progress progress(jobs.size());
  std::vector<std::optional<CaseRecord>> records(jobs.size());
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      CaseRecord record = perform(jobs[i], progress, arguments.events.empty() ? nullptr : &events[i]);
      progress.finished();
      const std::lock_guard lock(mutex);
      records[i] = std::move(record);
      changed.notify_all();
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::min<std::size_t>(std::max(1U, arguments.jobs), jobs.size()); ++i)
    threads.emplace_back(work);
  std::vector<CaseRecord> out;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return records[i].has_value(); });
    out.push_back(*std::move(records[i]));
    lock.unlock();
    if (!arguments.json) {
      progress.clear();
      if (i > 0) std::fputs("\n", stdout);
      std::fputs(timeline(out.back(), text).c_str(), stdout);
      std::fflush(stdout);
    }
  }
  for (std::thread& thread : threads) thread.join();
  return out;
}

std::string event_document(EventFormat format, const std::vector<CaseRecord>& records,
                           const std::vector<std::vector<Event>>& events) {
  EventDocument document(format);
  std::string out = document.begin();
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records.size() > 1) out += document.heading(records[i].name);
    for (const Event& event : events[i]) out += document.add(event);
  }
  return out + document.end();
}

ExitCode run_command(const RunArguments& arguments) {
  since_start();
  EventFormat format = EventFormat::text;
  if (!arguments.events.empty()) {
    auto named = event_format(arguments.events);
    if (!named) return complain(named.error());
    format = *named;
  }
  auto files = scenario_files(arguments.paths);
  if (!files) return complain(files.error());
  const std::vector<Job> jobs = load(*files, arguments.keep);
  TextOptions text;
  text.colour = arguments.colour.choose();
  text.explain = arguments.explain;
  std::vector<std::vector<Event>> events(jobs.size());
  const std::vector<CaseRecord> records = perform_all(jobs, arguments, text, events);
  if (arguments.json)
    std::fputs(report_json(records).c_str(), stdout);
  else if (records.size() > 1)
    std::fputs(("\n" + summary(records, text)).c_str(), stdout);
  ExitCode exit = ExitCode::as_expected;
  for (const CaseRecord& record : records) exit = worst(exit, record.exit);
  if (!arguments.junit.empty())
    if (auto written = write_file(arguments.junit, as_bytes(report_junit(records))); !written)
      exit = worst(exit, worst(complain(written.error()), ExitCode::environment));
  if (!arguments.events.empty())
    if (auto written = write_file(arguments.events, as_bytes(event_document(format, records, events))); !written)
      exit = worst(exit, worst(complain(written.error()), ExitCode::environment));
  return exit;
}

}  // namespace

void add_run(CLI::App& app, ExitCode& exit) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command = app.add_subcommand("run", "Run scenarios and print what happened");
  command->add_option("scenario", arguments->paths, "Scenario files, or folders with them")->required();
  command->add_flag("--json", arguments->json, "Print JSON instead of the timeline (docs/report-format.md)");
  command->add_option("--junit", arguments->junit, "Write a JUnit XML report to this file");
  command->add_option("--events", arguments->events,
                      "Write the event log of the run to this file: .xml, .json or .txt (docs/events.md)");
  command->add_flag("--explain", arguments->explain, "Print every rule that was tried, for every step");
  command->add_option("--keep", arguments->keep,
                      "Write certificates, PFX files, CRLs, the directory and the CA database below this folder");
  command->add_option("--jobs", arguments->jobs, "Scenarios to run at the same time")->check(CLI::Range(1U, 256U));
  arguments->colour.add(*command);
  command->callback([arguments, &exit] { exit = run_command(*arguments); });
}

}  // namespace mimica::harness::cli
