// The files that verbs read and write, and the socket through which a running lab takes verbs.
#pragma once

#include <memory>
#include <string>

#include "ca/faces/certutil/verb.h"
#include "harness/lab/lab.h"
#include "net/io/local_socket.h"

namespace mimica::harness {

// Reads what the arguments name and `call.files` lacks; files that cannot be read stay absent, for the verb to say so.
// Fault: a file is too large.
Result<void> read_verb_files(VerbProgram program, VerbCall& call);
// Writes the files of a result; those with private keys with mode 0600.
Result<void> write_verb_files(const VerbResult& result);

// "DIR/mimica.sock", where a lab with that state folder listens.
std::string verb_socket_path(const std::string& state_directory);

// Takes calls for a lab, one after the other, until it is destroyed; the lab must outlive it. Others hold a turn
// (Lab::exclusive) while they use the lab.
class VerbSocket {
 public:
  static Result<std::unique_ptr<VerbSocket>> listen(const std::string& path, Lab& lab);

 private:
  explicit VerbSocket(Lab& lab) : lab_(lab) {}
  LocalReply answer(BytesView message);
  Lab& lab_;
  std::unique_ptr<LocalServer> server_;
};
// Asks the lab behind a socket.
Result<VerbResult> ask_verb(const std::string& path, VerbProgram program, const VerbCall& call);

}  // namespace mimica::harness
