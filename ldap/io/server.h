// Serves a Dsa over LDAP on a TCP port.
#pragma once

#include <memory>
#include <string>

#include "ldap/dsa/dsa.h"

namespace mimica::ldap {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: a free one
  std::size_t max_message_size = 10 * 1024 * 1024;
  int idle_seconds = 900;
};

// Listens and answers on its own threads until destroyed. The Dsa must outlive it.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(Dsa& dsa, const ServerOptions& options);
  virtual ~Server() = default;
  virtual int port() const = 0;
  std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port()); }
};

}  // namespace mimica::ldap
