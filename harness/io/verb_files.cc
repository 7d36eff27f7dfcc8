#include "harness/io/verb_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "harness/io/scenario_files.h"

namespace mimica::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAllKeys = "/*.key";
constexpr std::size_t kMostKeys = 500;
constexpr std::size_t kLargestKey = 64 * 1024;

constexpr LocalSocketOptions kOptions{
    .max_message = certutil::kMaxVerbMessage, .timeout_seconds = 120, .max_connections = 16};

void read_keys(const std::string& folder, VerbCall& call) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; at != end && !error; at.increment(error))
    if (at->path().extension() == ".key") names.push_back(at->path().string());
  std::sort(names.begin(), names.end());
  if (names.size() > kMostKeys) names.resize(kMostKeys);
  for (const std::string& name : names)
    if (const auto content = read_file(name, kLargestKey)) call.files.emplace(name, to_bytes(*content));
}

Result<void> write_secret(const std::string& path, BytesView content) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool done = file >= 0;
  while (done && !content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    done = written > 0;
    if (done) content = content.subspan(static_cast<std::size_t>(written));
  }
  if (file >= 0) done = ::close(file) == 0 && done;
  if (done && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  return fault(HResult::E_FAIL, "'" + path + "' cannot be written", {}, "check the folder and its free space");
}

}  // namespace

Result<void> read_verb_files(VerbProgram program, VerbCall& call) {
  const std::vector<std::string> names = program == VerbProgram::certutil
                                             ? certutil::certutil_input_files(call.arguments)
                                             : certutil::certreq_input_files(call.arguments);
  for (const std::string& name : names) {
    if (call.files.contains(name)) continue;
    if (name.ends_with(kAllKeys)) {
      read_keys(name.substr(0, name.size() - kAllKeys.size()), call);
      continue;
    }
    std::error_code error;
    if (!fs::exists(name, error)) continue;
    MIMICA_TRY(const std::string content, read_file(name));
    call.files.emplace(name, to_bytes(content));
  }
  return {};
}

Result<void> write_verb_files(const VerbResult& result) {
  for (const auto& [name, file] : result.files)
    MIMICA_RETURN_IF_FAULT(file.secret ? write_secret(name, file.content) : write_file(name, file.content));
  return {};
}

std::string verb_socket_path(const std::string& state_directory) { return state_directory + "/mimica.sock"; }

LocalReply VerbSocket::answer(BytesView message) {
  auto call = certutil::parse_verb_call(as_text(message));
  VerbResult result;
  if (!call) {
    result.status = HResult::E_INVALIDARG;
    result.error_text = call.error().describe() + "\n";
  } else {
    const auto turn = lab_.exclusive();
    result = call->first == VerbProgram::certutil ? lab_.certutil(call->second) : lab_.certreq(call->second);
  }
  return {to_bytes(encode(result)), !call};
}

Result<std::unique_ptr<VerbSocket>> VerbSocket::listen(const std::string& path, Lab& lab) {
  std::unique_ptr<VerbSocket> out(new VerbSocket(lab));
  MIMICA_TRY(out->server_,
             LocalServer::listen(path, kOptions, [at = out.get()](BytesView message) { return at->answer(message); }));
  return out;
}

Result<VerbResult> ask_verb(const std::string& path, VerbProgram program, const VerbCall& call) {
  LocalClient client(path, kOptions);
  MIMICA_TRY(const Bytes answer, client.ask(to_bytes(encode(program, call))));
  return certutil::parse_verb_result(as_text(answer));
}

}  // namespace mimica::harness
