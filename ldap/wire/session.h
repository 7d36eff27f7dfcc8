// One LDAP connection as a state machine without a socket: messages in, messages out (RFC 4511, MS-ADTS 3.1.1.3).
#pragma once

#include <map>
#include <memory>

#include "ldap/dsa/dsa.h"
#include "ldap/wire/message.h"

namespace mimica::ldap {

class Session {
 public:
  explicit Session(Dsa& dsa) : dsa_(dsa) {}  // the Dsa must outlive the session

  struct Output {
    Bytes octets;        // to be sent, possibly several messages, possibly none
    bool close = false;  // close the connection after sending
  };
  // Exactly one message, as message_length() cuts them. Octets that are no message end the connection with a notice.
  Output handle(BytesView message);

  // What a server sends before it closes a connection on its own account (RFC 4511 4.4.1).
  static Bytes notice_of_disconnection(LdapCode code, std::string_view diagnostic);

  const Caller& caller() const { return caller_; }

 private:
  struct Controls {
    std::optional<PagedResults> paged;
    std::optional<std::uint32_t> sd_flags;
    bool show_deleted = false, domain_scope = false, phantom_root = false, permissive = false, tree_delete = false;
  };
  // Results of a paged search that were not sent yet.
  struct PendingPages {
    std::vector<Entry> entries;  // in reverse order
    std::vector<std::string> references;
    bool size_limit_exceeded = false;
  };

  Result<Controls> read_controls(const std::vector<Control>& controls) const;
  void perform(const Message& message, Output& out);
  void bind(std::int64_t id, const BindRequest& request, Output& out);
  void search(std::int64_t id, const SearchRequestMessage& request, const Controls& controls, Output& out);
  void extended(std::int64_t id, const ExtendedRequest& request, Output& out);
  Result<void> modify(const ModifyRequest& request, const Controls& controls);
  ResultFields result_of(const Fault& fault, std::string_view dn) const;

  Dsa& dsa_;
  Caller caller_;
  std::map<std::string, PendingPages> pages_;  // by cookie
  std::uint64_t next_cookie_ = 1;
};

}  // namespace mimica::ldap
