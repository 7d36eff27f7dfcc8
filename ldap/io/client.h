// The Directory interface over libldap: works against the embedded server, OpenLDAP slapd, Samba AD DC and real AD.
#pragma once

#include <memory>
#include <string>

#include "ldap/directory.h"

namespace mimica::ldap {

struct ClientOptions {
  std::string url;             // ldap://host:port
  std::string bind_name = {};  // DN (works everywhere), UPN or DOMAIN\user; empty: anonymous
  std::string password = {};
  int timeout_seconds = 10;
  std::size_t page_size = 500;
};

// Connects and binds. Reconnects once when the connection was lost between operations. One operation at a time;
// thread-safe by a lock.
Result<std::unique_ptr<Directory>> connect(const ClientOptions& options);

}  // namespace mimica::ldap
