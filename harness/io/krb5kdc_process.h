// MIT's krb5kdc as a child process: started unprivileged on a loopback port, stopped with its lab.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>

#include "core/base/fault.h"
#include "kdc/realm/krb5_profile.h"

namespace mimica::harness {

// Where the programs and modules of this machine are. Faults say which Debian package brings what is missing.
Result<std::string> find_krb5kdc();
Result<std::string> find_kdc_module();  // mimica_krb5kdc.so beside this program or in the build tree it belongs to
Result<std::string> find_libfaketime();

// A free port for both TCP and UDP at 127.0.0.1.
Result<int> free_kerberos_port();

class Krb5kdcProcess {
 public:
  // Writes nothing: the files named by `files` are there. `environment` is added to the child's. Waits until the port
  // answers; a fault quotes the end of krb5kdc's log.
  static Result<std::unique_ptr<Krb5kdcProcess>> start(const kdc::RealmFiles& files,
                                                       const std::map<std::string, std::string>& environment);
  ~Krb5kdcProcess();
  Krb5kdcProcess(const Krb5kdcProcess&) = delete;
  Krb5kdcProcess& operator=(const Krb5kdcProcess&) = delete;
  bool running();
  pid_t pid() const { return pid_; }

 private:
  explicit Krb5kdcProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
  bool reaped_ = false;
};

}  // namespace mimica::harness
