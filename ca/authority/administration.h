// The registry, the security and the published templates of a running CA.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/authority/rights.h"
#include "ca/authority/state.h"
#include "ca/registry/registry.h"

namespace mimica::ca {

// Comments on the operations: ca/authority/authority.h.
class Administration {
 public:
  Administration(AuthorityState& state, const Rights& rights) : state_(state), rights_(rights) {}

  Result<Decision<Unit>> set_template_published(std::string_view cn, bool published, std::string_view caller);
  Result<std::vector<std::string>> published_templates() const;
  Result<Decision<Unit>> set_security(const SecurityDescriptor& security, std::string_view caller);
  Result<Decision<Unit>> set_rights(std::string_view account, std::uint32_t rights, bool granted,
                                    std::string_view caller);
  Result<Decision<Unit>> remove_from_security(std::string_view account, std::string_view caller);
  Result<Decision<Unit>> set_restrictions(bool of_agents, const std::optional<SecurityDescriptor>& restrictions,
                                          std::string_view caller);
  CaConfig registry() const;
  Result<Decision<RegistryChange>> change_registry(const std::function<Result<RegistryChange>(CaConfig&)>& edit,
                                                   std::string_view caller);

 private:
  Result<Decision<Unit>> edit_security(const std::function<void(SecurityDescriptor&)>& edit, std::string_view caller);
  Result<Sid> account_sid(std::string_view account) const;

  AuthorityState& state_;
  const Rights& rights_;
  std::mutex mutex_;  // the list of published templates
};

}  // namespace mimica::ca
