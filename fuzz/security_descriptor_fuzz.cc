// Security descriptors in both forms. What is read must be written and read again without change.
#include <cstdint>
#include <cstdlib>

#include "core/windows/security_descriptor.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  static const Sid domain = *Sid::parse("S-1-5-21-1000000001-2000000002-3000000003");
  const BytesView bytes(data, size);

  if (const auto sd = SecurityDescriptor::from_binary(bytes)) {
    const Bytes octets = sd->to_binary();
    const auto again = SecurityDescriptor::from_binary(octets);
    require(again && *again == *sd && again->to_binary() == octets);
    const std::string sddl = sd->to_sddl(domain, domain);
    if (const auto read = SecurityDescriptor::from_sddl(sddl, domain, domain)) {
      require(read->to_sddl(domain, domain) == sddl);
    }
    const Token token{sids::kEveryone, {sids::kEveryone, sids::kAuthenticatedUsers}};
    const AccessResult result = check_access(*sd, token, access::kControlAccess, guids::kEnroll);
    require(!result.granted || result.granted_mask == access::kControlAccess);
    if (sd->dacl) {
      SecurityDescriptor sorted = *sd;
      sort_as_directory(*sorted.dacl);
      require(sorted.dacl->aces.size() == sd->dacl->aces.size());
    }
  }

  if (const auto sd = SecurityDescriptor::from_sddl(as_text(bytes), domain, domain)) {
    const std::string sddl = sd->to_sddl(domain, domain);
    const auto again = SecurityDescriptor::from_sddl(sddl, domain, domain);
    require(again && *again == *sd && again->to_sddl(domain, domain) == sddl);
    const auto binary = SecurityDescriptor::from_binary(sd->to_binary());
    require(binary && *binary == *sd);
  }
  return 0;
}
