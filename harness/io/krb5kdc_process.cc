#include "harness/io/krb5kdc_process.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "core/base/bytes.h"

extern char** environ;

namespace mimica::harness {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kStartLimit{10'000}, kStopLimit{3'000}, kPoll{2};
constexpr std::size_t kQuotedLog = 2000;

Fault missing(const std::string& what, const std::string& package) {
  return fault(what + " is not installed", {}, "apt-get install " + package);
}

// A folder of this machine's architecture, as Debian's packages name it.
std::vector<fs::path> library_folders() {
  std::error_code ignored;
  std::vector<fs::path> out = {"/usr/lib", "/usr/local/lib"};
  for (const auto& entry : fs::directory_iterator("/usr/lib", ignored))
    if (entry.path().filename().string().find("-linux-gnu") != std::string::npos) out.push_back(entry.path());
  return out;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Socket {
 public:
  explicit Socket(int type) : fd_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }
  bool bind(int port) {
    const sockaddr_in address = loopback(port);
    return ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }
  bool connect(int port) {
    const sockaddr_in address = loopback(port);
    return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

 private:
  int fd_;
};

std::string end_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  return all.size() <= kQuotedLog ? all : all.substr(all.size() - kQuotedLog);
}

// What the child needs, made before fork(): after it only async-signal-safe calls are allowed.
struct Command {
  std::vector<std::string> arguments, environment;
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  }
};

std::vector<std::string> merged(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string text = *one;
    if (!added.contains(text.substr(0, text.find('=')))) out.push_back(text);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

}  // namespace

Result<std::string> find_krb5kdc() {
  std::vector<std::string> folders = {"/usr/sbin", "/usr/local/sbin"};
  if (const char* path = std::getenv("PATH"))
    for (const std::string_view folder : split(path, ':')) folders.emplace_back(folder);
  bool pkinit = false;
  for (const fs::path& folder : library_folders())
    pkinit = pkinit || fs::exists(folder / "krb5/plugins/preauth/pkinit.so");
  if (!pkinit) return missing("MIT's PKINIT plugin", "krb5-pkinit");
  for (const std::string& folder : folders)
    if (::access((folder + "/krb5kdc").c_str(), X_OK) == 0) return folder + "/krb5kdc";
  return missing("krb5kdc", "krb5-kdc krb5-pkinit");
}

Result<std::string> find_kdc_module() {
  Dl_info here{};
  if (::dladdr(reinterpret_cast<const void*>(&find_kdc_module), &here) == 0 || here.dli_fname == nullptr)
    return fault("the folder of this program is unknown");
  std::error_code failed;
  fs::path self = fs::canonical(here.dli_fname, failed);
  if (failed) self = fs::canonical("/proc/self/exe", failed);
  const fs::path folder = self.parent_path();
  for (const fs::path& candidate : {folder, folder / "../kdc", folder / "../../kdc", folder / "../lib/mimica"})
    if (fs::exists(candidate / "mimica_krb5kdc.so")) return fs::canonical(candidate / "mimica_krb5kdc.so").string();
  return fault("mimica_krb5kdc.so is not beside " + self.string(), {}, "build the target mimica_krb5kdc");
}

Result<std::string> find_libfaketime() {
  for (const fs::path& folder : library_folders())
    if (const fs::path found = folder / "faketime/libfaketime.so.1"; fs::exists(found)) return found.string();
  return missing("libfaketime, which gives Kerberos the lab's time,", "libfaketime");
}

Result<int> free_kerberos_port() {
  constexpr int kAttempts = 50;
  for (int i = 0; i < kAttempts; ++i) {
    Socket tcp(SOCK_STREAM), udp(SOCK_DGRAM);
    if (!tcp.bind(0)) break;
    sockaddr_in bound{};
    socklen_t size = sizeof(bound);
    ::getsockname(tcp.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    const int port = ntohs(bound.sin_port);
    if (udp.bind(port)) return port;
  }
  return fault("no free port at 127.0.0.1");
}

Result<std::unique_ptr<Krb5kdcProcess>> Krb5kdcProcess::start(const kdc::RealmFiles& files,
                                                              const std::map<std::string, std::string>& environment) {
  MIMICA_TRY(const std::string program, find_krb5kdc());
  Command command;
  const std::string pid_file = files.folder + "/krb5kdc.pid";  // written when krb5kdc is ready
  std::error_code ignored;
  fs::remove(pid_file, ignored);
  command.arguments = {program, "-n", "-P", pid_file};
  command.environment = merged(environment);
  const std::vector<char*> arguments = Command::pointers(command.arguments);
  const std::vector<char*> variables = Command::pointers(command.environment);

  const pid_t child = ::fork();
  if (child < 0) return fault(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    // The starting thread may block signals (`mimica up` does); the terminal's Ctrl-C is for the lab, which stops us.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setsid();
    const int in = ::open("/dev/null", O_RDONLY);
    const int out = ::open(files.output().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::close_range(3, ~0U, 0);
    ::execve(arguments[0], arguments.data(), variables.data());
    constexpr int kNotExecutable = 127;
    ::_exit(kNotExecutable);
  }

  std::unique_ptr<Krb5kdcProcess> process(new Krb5kdcProcess(child));
  const auto until = steady_clock::now() + kStartLimit;
  while (steady_clock::now() < until && process->running()) {
    if (Socket probe(SOCK_STREAM); fs::exists(pid_file) && probe.connect(files.port)) return process;
    std::this_thread::sleep_for(kPoll);
  }
  return fault("krb5kdc did not start: " + end_of_file(files.output()) + end_of_file(files.log()));
}

bool Krb5kdcProcess::running() {
  if (reaped_) return false;
  int status = 0;
  reaped_ = ::waitpid(pid_, &status, WNOHANG) == pid_;
  return !reaped_;
}

Krb5kdcProcess::~Krb5kdcProcess() {
  if (!running()) return;
  ::kill(pid_, SIGTERM);
  const auto until = steady_clock::now() + kStopLimit;
  while (running()) {
    if (steady_clock::now() > until) {
      ::kill(pid_, SIGKILL);
      int status = 0;
      ::waitpid(pid_, &status, 0);
      return;
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace mimica::harness
