#include <signal.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "core/windows/event_text.h"
#include "harness/cli/commands.h"
#include "harness/cli/lab_file.h"
#include "harness/io/krb5kdc_process.h"
#include "harness/io/verb_files.h"
#include "harness/report/event_document.h"

namespace mimica::harness::cli {
namespace {

struct UpArguments {
  std::string file;
  int ldap_port = 0;
  int http_port = 0;
  int kdc_port = 0;
  bool no_kerberos = false;
  std::string state;
  bool json = false;
  std::string events;
};

Result<LabSpec> spec_of(const UpArguments& arguments) {
  LabSpec spec;
  bool clock_given = false;
  if (!arguments.file.empty()) {
    MIMICA_TRY(Scenario file, lab_of_file(arguments.file));
    note_steps(file, "`mimica run` runs them");
    spec = std::move(file.lab);
    clock_given = file.clock_given;
  }
  if (!clock_given) spec.clock = machine_time();
  spec.clock_runs = true;
  spec.directory_over_ldap = true;
  spec.ldap_port = arguments.ldap_port;
  spec.http_port = arguments.http_port;
  spec.state_directory = arguments.state;
  spec.kerberos.port = arguments.kdc_port;
  spec.kerberos.enabled = !arguments.no_kerberos && !spec.ca.standalone;
  if (spec.kerberos.enabled)
    if (const auto program = find_krb5kdc(); !program) {
      std::fprintf(stderr, "without Kerberos: %s\n", program.error().describe().c_str());
      spec.kerberos.enabled = false;
    }
  return spec;
}

void announce(const Lab& lab, bool as_json) {
  if (as_json) {
    boost::json::array endpoints;
    for (const Endpoint& endpoint : lab.endpoints()) {
      boost::json::array commands;
      for (const std::string& command : endpoint.commands) commands.emplace_back(command);
      endpoints.emplace_back(
          boost::json::object{{"name", endpoint.name}, {"url", endpoint.url}, {"commands", std::move(commands)}});
    }
    const boost::json::object line{{"format", "mimica.up"},
                                   {"version", 1},
                                   {"pid", static_cast<std::int64_t>(getpid())},
                                   {"domain", lab.spec().domain.dns_name},
                                   {"ca", lab.spec().ca.host + "\\" + lab.spec().ca.name},
                                   {"clock", to_iso(lab.now())},
                                   {"endpoints", std::move(endpoints)}};
    std::printf("%s\n", boost::json::serialize(line).c_str());
  } else {
    std::printf("%s is up: domain %s, CA %s\\%s, lab time %s\n\n", lab.spec().name.c_str(),
                lab.spec().domain.dns_name.c_str(), lab.spec().ca.host.c_str(), lab.spec().ca.name.c_str(),
                to_iso(lab.now()).c_str());
    for (const Endpoint& endpoint : lab.endpoints()) {
      std::printf("%-8s %s\n", endpoint.name.c_str(), endpoint.url.c_str());
      for (const std::string& command : endpoint.commands) std::printf("         %s\n", command.c_str());
      std::printf("\n");
    }
    std::printf("Ctrl-C stops it.\n");
  }
  std::fflush(stdout);
}

// Writes what the parties log: to a file from the lab's start on, or a line each on standard error from now on.
class Follower {
 public:
  Follower(const EventLog& log, std::FILE* file, EventFormat format)
      : log_(log), file_(file), document_(format), seen_(file == nullptr ? log.last_record_id() : 0) {
    put(document_.begin());
  }
  ~Follower() {
    if (file_ == nullptr) return;
    put(document_.end());
    std::fclose(file_);
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void poll() {
    const std::vector<Event> events = log_.query({.after = seen_});
    if (events.empty()) return;
    seen_ = events.back().record_id;
    if (file_ == nullptr) {
      for (const Event& event : events) std::fprintf(stderr, "%s\n", event_line(event).c_str());
      return;
    }
    for (const Event& event : events) put(document_.add(event));
    std::fflush(file_);
  }

 private:
  void put(const std::string& text) {
    if (file_ != nullptr) std::fwrite(text.data(), 1, text.size(), file_);
  }
  const EventLog& log_;
  std::FILE* const file_;
  EventDocument document_;
  std::uint64_t seen_;
};

ExitCode up_command(const UpArguments& arguments) {
  auto spec = spec_of(arguments);
  if (!spec) return complain(spec.error());
  EventFormat format = EventFormat::text;
  std::FILE* file = nullptr;
  if (!arguments.events.empty()) {
    auto named = event_format(arguments.events);
    if (!named) return complain(named.error());
    format = *named;
    file = std::fopen(arguments.events.c_str(), "w");
    if (file == nullptr)
      return worst(complain(fault("'" + arguments.events + "' cannot be written")), ExitCode::environment);
  }
  // The lab's threads inherit the mask, so that only this one takes the signals.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  auto lab = Lab::start(*spec);
  if (!lab) return complain(lab.error());
  std::unique_ptr<VerbSocket> verbs;
  if (!arguments.state.empty()) {
    auto listening = VerbSocket::listen(verb_socket_path(arguments.state), **lab);
    if (!listening) return worst(complain(listening.error()), ExitCode::environment);
    verbs = *std::move(listening);
  }
  {
    Follower events((*lab)->event_log(), file, format);
    announce(**lab, arguments.json);
    constexpr timespec kInterval{0, 200'000'000};
    int signal = 0;
    do {
      events.poll();
      signal = sigtimedwait(&stop, nullptr, &kInterval);
    } while (signal < 0);
    events.poll();
  }
  verbs.reset();
  lab->reset();
  if (!arguments.json) std::fprintf(stderr, "stopped\n");
  return ExitCode::as_expected;
}

}  // namespace

void add_up(CLI::App& app, ExitCode& exit) {
  auto arguments = std::make_shared<UpArguments>();
  CLI::App* command = app.add_subcommand("up", "Start a lab's servers and wait");
  command->add_option("lab", arguments->file,
                      "Scenario file whose lab is started, without its steps; without a file: the default lab");
  command->add_option("--ldap-port", arguments->ldap_port, "Port of the directory; 0: a free one")
      ->check(CLI::Range(0, 65535));
  command->add_option("--http-port", arguments->http_port, "Port of the web server; 0: a free one")
      ->check(CLI::Range(0, 65535));
  command->add_option("--kdc-port", arguments->kdc_port, "TCP and UDP port of krb5kdc; 0: a free one")
      ->check(CLI::Range(0, 65535));
  command->add_flag("--no-kerberos", arguments->no_kerberos, "Start no krb5kdc");
  command->add_option("--state", arguments->state,
                      "Folder for the CA database and the socket of `mimica certutil`; without it: in memory");
  command->add_option("--events", arguments->events,
                      "Write events to this file (.xml, .json or .txt) as they come, instead of a line each on "
                      "standard error");
  command->add_flag("--json", arguments->json, "Print the endpoints as one line of JSON");
  command->callback([arguments, &exit] { exit = up_command(*arguments); });
}

}  // namespace mimica::harness::cli
