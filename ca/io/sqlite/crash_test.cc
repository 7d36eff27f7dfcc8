// A CA is killed (SIGKILL) at random moments while several threads issue, deny, resubmit, revoke and publish CRLs. What
// it handed out reaches the parent through a pipe after the call returned; the parent then opens the database again.
//
//   MIMICA_CRASH_KILLS=1000 ca_test --gtest_filter='RandomKill*'      (default 220, at least 50 however slow the build)
#include <gtest/gtest.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "ca/testing/test_lab.h"
#include "ca/views/view.h"

namespace mimica::ca {
namespace {

using SteadyClock = std::chrono::steady_clock;

// What the child tells; messages are shorter than PIPE_BUF, so that threads cannot mix them and none arrives in half.
struct Message {
  enum Kind : std::uint8_t { ready, issued, denied, pending, resolved, revoked, crl } kind = ready;
  std::int64_t number = 0;  // request id or CRL number
  std::uint32_t size = 0;   // of the octets that follow: a certificate, the SHA-256 of a CRL
};

class Child {
 public:
  Child(TestLab& lab, const std::string& path, int out) : out_(out) {
    must_open(lab, path);
    tell({Message::ready, 0, 0}, {});
  }

  [[noreturn]] void run() {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([this, i] { request(i); });
    threads.emplace_back([this] { manage(); });
    threads.emplace_back([this] { publish(); });
    for (std::thread& thread : threads) thread.join();
    ::_exit(4);
  }

 private:
  void must_open(TestLab& lab, const std::string& path) {
    CaEnvironment environment = lab.environment();
    database_ = must(open_database(path));
    environment.database = database_.get();
    ca_ = must(CertificationAuthority::open(lab.config, lab.options, lab.ca->identity(), environment));
  }

  void tell(Message message, BytesView octets) {
    char buffer[PIPE_BUF];
    message.size = static_cast<std::uint32_t>(octets.size());
    if (sizeof message + octets.size() > sizeof buffer) ::_exit(5);
    std::memcpy(buffer, &message, sizeof message);
    if (!octets.empty()) std::memcpy(buffer + sizeof message, octets.data(), octets.size());
    const auto size = static_cast<ssize_t>(sizeof message + octets.size());
    if (::write(out_, buffer, static_cast<std::size_t>(size)) != size) ::_exit(6);
  }

  void request(int thread) {
    const Bytes der = request_der(fixed_key("p-256", static_cast<std::size_t>(thread)), "CN=load");
    const char* const templates[] = {"Crash", "Crash", "CrashPending", "WebServer"};  // the last one is denied
    for (int n = thread;; ++n) {
      const auto outcome = ca_->submit({"LOAD$", der, std::string("CertificateTemplate:") + templates[n % 4]});
      if (!outcome) ::_exit(7);
      if (outcome->disposition == Disposition::issued) {
        tell({Message::issued, *outcome->request_id, 0}, outcome->certificate);
      } else if (outcome->disposition == Disposition::denied) {
        tell({Message::denied, *outcome->request_id, 0}, {});
      } else {
        tell({Message::pending, *outcome->request_id, 0}, {});
      }
    }
  }

  // The certificate manager: pending requests are issued or denied by turns, some certificates are revoked.
  void manage() {
    for (int n = 0;; ++n) {
      Database::View view;
      view.disposition = n % 3 == 0 ? DbDisposition::issued : DbDisposition::pending;
      view.limit = 4;
      view.after_request_id = n % 3 == 0 ? n : 0;
      const auto rows = database_->view(view);
      if (!rows) ::_exit(8);
      for (const RequestRecord& row : *rows) {
        if (row.certificate) {
          const auto done = ca_->revoke(row.certificate->SerialNumber, 1, "");
          if (!done) ::_exit(9);
          if (*done) tell({Message::revoked, row.request.RequestID, 0}, {});
        } else if (row.request.RequestID % 2 == 0) {
          const auto outcome = ca_->resubmit(row.request.RequestID, "");
          if (!outcome) ::_exit(10);
          if (outcome->disposition == Disposition::issued)
            tell({Message::resolved, row.request.RequestID, 0}, outcome->certificate);
        } else if (!ca_->deny(row.request.RequestID, "")) {
          ::_exit(11);
        }
      }
    }
  }

  void publish() {
    for (;;) {
      const auto row = ca_->publish_crl("");
      if (!row) ::_exit(12);
      const CrlRow& crl = *row->granted;
      tell({Message::crl, crl.CRLNumber, 0}, digest(Digest::sha256, crl.CRLRawCRL));
    }
  }

  const int out_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<CertificationAuthority> ca_;
};

// What was handed out by the CA of one database file, over all its kills.
struct HandedOut {
  std::map<std::int64_t, Bytes> certificates;  // by request id
  std::set<std::string> serials;
  std::set<std::int64_t> requests;  // ids of submissions
  std::set<std::int64_t> revoked;
  std::map<std::int64_t, Bytes> crls;  // by number
};

class RandomKill : public testing::Test {
 protected:
  RandomKill() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-crash-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    lab_.start();
    lab_.add_computer("LOAD");
    templates::CertificateTemplate value = lab_.add_intune_template("Crash", "LOAD$");
    value.minimal_key_size = 256;
    lab_.write_template(value);
    value = lab_.add_intune_template("CrashPending", "LOAD$");
    value.minimal_key_size = 256;
    value.enrollment_flags.set(templates::EnrollmentFlag::pend_all_requests);
    lab_.write_template(value);
  }
  ~RandomKill() override { std::filesystem::remove_all(folder_); }

  // Forks a CA on `path`, kills it `delay` after it is ready (or after its start) and returns what it said.
  std::string run_and_kill(const std::string& path, std::chrono::microseconds delay, bool wait_until_ready) {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe[0]);
      try {
        Child(lab_, path, pipe[1]).run();
      } catch (const std::exception& failure) {
        (void)!::write(STDERR_FILENO, failure.what(), std::strlen(failure.what()));
      }
      ::_exit(2);
    }
    ::close(pipe[1]);
    std::string said;
    char buffer[65536];
    std::optional<SteadyClock::time_point> end;
    if (!wait_until_ready) end = SteadyClock::now() + delay;
    for (;;) {
      int left = 1000;
      if (end) {
        const auto rest = std::chrono::ceil<std::chrono::milliseconds>(*end - SteadyClock::now()).count();
        if (rest <= 0) break;
        left = static_cast<int>(rest);
      }
      pollfd waiting{pipe[0], POLLIN, 0};
      if (::poll(&waiting, 1, left) <= 0) continue;
      const ssize_t count = ::read(pipe[0], buffer, sizeof buffer);
      if (count <= 0) break;  // the child ended by itself: the exit status says why
      said.append(buffer, static_cast<std::size_t>(count));
      if (!end) end = SteadyClock::now() + delay;
    }
    ::kill(child, SIGKILL);
    for (ssize_t count = 0; (count = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
      said.append(buffer, static_cast<std::size_t>(count));
    ::close(pipe[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "exit status " << WEXITSTATUS(status);
    return said;
  }

  // Files the messages; returns the ids and numbers that are new.
  void take(const std::string& said, HandedOut& out, std::vector<std::int64_t>& fresh, std::int64_t& messages) {
    for (std::size_t at = 0; at < said.size();) {
      Message message;
      ASSERT_LE(at + sizeof message, said.size());
      std::memcpy(&message, said.data() + at, sizeof message);
      at += sizeof message;
      ASSERT_LE(at + message.size, said.size());
      const Bytes octets = to_bytes(std::string_view(said).substr(at, message.size));
      at += message.size;
      ++messages;
      switch (message.kind) {
        case Message::ready:
          break;
        case Message::issued:
        case Message::resolved: {
          const auto certificate = Certificate::parse(octets);
          ASSERT_TRUE(certificate);
          EXPECT_TRUE(out.serials.insert(certificate->serial_hex()).second) << "serial number twice";
          EXPECT_TRUE(out.certificates.emplace(message.number, octets).second) << "request id twice";
          if (message.kind == Message::issued) {
            EXPECT_TRUE(out.requests.insert(message.number).second) << "request id twice";
          }
          fresh.push_back(message.number);
          break;
        }
        case Message::denied:
        case Message::pending:
          EXPECT_TRUE(out.requests.insert(message.number).second) << "request id twice";
          break;
        case Message::revoked:
          out.revoked.insert(message.number);
          break;
        case Message::crl:
          EXPECT_TRUE(out.crls.empty() || message.number > out.crls.rbegin()->first) << "CRL number went back";
          out.crls.emplace(message.number, octets);
          break;
      }
    }
  }

  static void check_integrity(const std::string& path) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
    std::string answer;
    sqlite3_exec(
        handle, "PRAGMA integrity_check",
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) += values[0];
          return 0;
        },
        &answer, nullptr);
    sqlite3_close(handle);
    EXPECT_EQ(answer, "ok");
  }

  void check(const std::string& path, const HandedOut& out, const std::vector<std::int64_t>& fresh) {
    const auto database = open_database(path);
    ASSERT_TRUE(database) << database.error().describe();
    for (const std::int64_t id : fresh) {
      const Bytes& der = out.certificates.at(id);
      const auto row = must((*database)->by_request_id(id));
      ASSERT_TRUE(row && row->certificate) << "request " << id << " was handed out without its row";
      EXPECT_EQ(row->certificate->RawCertificate, der);
      EXPECT_EQ(row->certificate->SerialNumber, must(Certificate::parse(der)).serial_hex());
      EXPECT_FALSE(row->trace_json.empty());
      EXPECT_FALSE(row->extensions.empty());
    }
    for (const std::int64_t id : out.revoked) {
      EXPECT_EQ(must((*database)->by_request_id(id))->request.Disposition, DbDisposition::revoked) << id;
    }
    if (!out.crls.empty()) {
      EXPECT_GE(must((*database)->highest_crl_number()), out.crls.rbegin()->first);
      const auto& [number, hash] = *out.crls.rbegin();
      const ViewQuery query =
          must(parse_view({ViewName::crl, "CRLNumber=" + std::to_string(number) + ",CRLMinBase=0", "CRLRawCRL"}, {}));
      const ViewPage page = must((*database)->select(query, {}, 2));
      ASSERT_EQ(page.rows.size(), 1U);
      EXPECT_EQ(digest(Digest::sha256, std::get<Bytes>(page.rows[0].values[0])), hash);
    }
    if (!out.requests.empty()) {
      EXPECT_GT(must((*database)->next_request_id()), *out.requests.rbegin());
    }
  }

  TestLab lab_;
  std::filesystem::path folder_;
};

TEST_F(RandomKill, LosesAndRepeatsNothing) {
  constexpr int kLeast = 50, kKillsOfOneFile = 10;
  constexpr auto kTimeBox = std::chrono::seconds(75);
  const char* const wanted = std::getenv("MIMICA_CRASH_KILLS");
  const int kills = wanted == nullptr ? 220 : std::max(1, std::atoi(wanted));
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  std::string path;
  HandedOut out;
  std::int64_t messages = 0, certificates = 0, crls = 0, before_ready = 0;
  const auto start = SteadyClock::now();
  int done = 0;
  for (; done < kills; ++done) {
    if (wanted == nullptr && done >= kLeast && SteadyClock::now() - start > kTimeBox) break;
    if (done % kKillsOfOneFile == 0) {
      certificates += static_cast<std::int64_t>(out.certificates.size());
      crls += static_cast<std::int64_t>(out.crls.size());
      if (!path.empty()) std::filesystem::remove(path);
      path = (folder_ / ("ca" + std::to_string(done) + ".db")).string();
      out = {};
    }
    const bool wait_until_ready = random() % 4 != 0;
    const std::chrono::microseconds delay(random() % (wait_until_ready ? 160'000U : 20'000U));
    const std::string said = run_and_kill(path, delay, wait_until_ready);
    if (said.empty()) ++before_ready;
    std::vector<std::int64_t> fresh;
    take(said, out, fresh, messages);
    if (HasFatalFailure()) break;
    check_integrity(path);
    check(path, out, fresh);
    if (HasFailure()) break;
  }
  certificates += static_cast<std::int64_t>(out.certificates.size());
  crls += static_cast<std::int64_t>(out.crls.size());
  std::cout << done << " kills, seed " << seed << ": " << messages << " answers, " << certificates << " certificates, "
            << crls << " CRLs; " << before_ready << " kills while opening\n";
  RecordProperty("kills", done);
  if (wanted == nullptr) {
    EXPECT_GE(done, kLeast);
  }
  EXPECT_GT(certificates, done);
  EXPECT_GT(crls, 0);
}

}  // namespace
}  // namespace mimica::ca
