// Who may do what at the certification authority.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ca/authority/state.h"

namespace mimica::ca {

struct Administrator {
  std::string name;  // for messages
  Token token;
  bool console = false;
};

// Looks callers up in the directory; has no lock.
class Rights {
 public:
  explicit Rights(const AuthorityState& state) : state_(state) {}

  // Whether the caller holds that right (ca_access::kManageCa or kIssueAndManage).
  Result<bool> has_right(std::string_view caller, std::uint32_t right, Administrator& who, Trace& trace) const;
  // Restricted certificate managers: whether `who` may handle this row.
  Result<bool> may_handle(const Administrator& who, const RequestRecord& record, Trace& trace) const;
  Result<Decision<Unit>> may(std::uint32_t right, std::string_view caller) const;
  Result<Decision<Unit>> may_read(std::string_view caller) const;

 private:
  Result<std::optional<Administrator>> administrator(std::string_view caller, Trace& trace) const;

  const AuthorityState& state_;
};

}  // namespace mimica::ca
