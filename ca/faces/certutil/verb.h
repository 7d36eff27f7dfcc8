// What `certutil` and `certreq` are asked and what they answer, as values: the same engine serves the library, Python,
// the program and a running lab behind a socket. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/pki/key.h"

namespace mimica::ca {
class CertificationAuthority;
class Database;
}  // namespace mimica::ca
namespace mimica::ldap {
class Directory;
}

namespace mimica::certutil {

struct VerbCall {
  std::vector<std::string> arguments;  // without the program's name
  std::string caller;                  // account name; empty: the CA's own administrator at its console
  std::map<std::string, Bytes> files;  // content of the files that the arguments name, by the name as given
  bool json = false;                   // also answer `json`, where the verb can
};

struct VerbFile {
  Bytes content;
  bool secret = false;  // a private key: for its owner only
  bool operator==(const VerbFile&) const = default;
};

struct VerbResult {
  std::string text;        // what the program prints
  std::string error_text;  // beside it, for people: the rules behind a refusal, hints
  std::string json;
  HResult status = HResult::S_OK;
  std::map<std::string, VerbFile> files;  // to be written, by name
  bool ok() const { return status == HResult::S_OK; }
};

// What the verbs work on. Everything may be null: then only those that need no target work.
struct VerbTarget {
  ca::CertificationAuthority* authority = nullptr;
  ca::Database* database = nullptr;      // of a CA that does not run: for -view alone
  ldap::Directory* directory = nullptr;  // as an administrator of the forest
  KeySource* keys = nullptr;             // for new requests
  Timestamp now;
};

// Files that the caller of the engine has to read into VerbCall::files, as far as they exist. A name that ends in
// "/*.key" means all such files of that folder.
std::vector<std::string> certutil_input_files(const std::vector<std::string>& arguments);
std::vector<std::string> certreq_input_files(const std::vector<std::string>& arguments);
// Whether the arguments name a verb that works without a lab.
bool certutil_needs_target(const std::vector<std::string>& arguments);
bool certreq_needs_target(const std::vector<std::string>& arguments);

VerbResult certutil(const VerbCall& call, const VerbTarget& target);
VerbResult certreq(const VerbCall& call, const VerbTarget& target);

// For the way through a socket: JSON with files in base64. Faults E_INVALIDARG, also for more than 256 arguments.
enum class VerbProgram { certutil, certreq };
std::string encode(VerbProgram program, const VerbCall& call);
Result<std::pair<VerbProgram, VerbCall>> parse_verb_call(std::string_view json);
std::string encode(const VerbResult& result);
Result<VerbResult> parse_verb_result(std::string_view json);
inline constexpr std::size_t kMaxVerbMessage = 64 * 1024 * 1024;

}  // namespace mimica::certutil
