#include "harness/lab/test_keys.h"

#include "harness/test_keys_data.h"

namespace mimica::harness {

Result<PrivateKey> TestKeys::key(const KeySpec& spec) {
  const std::string kind = to_lower(to_string(spec));
  const detail::TestKey* found = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (const detail::TestKey& candidate : detail::kTestKeys) {
      if (candidate.kind == kind && used_.insert(&candidate).second) {
        found = &candidate;
        break;
      }
    }
  }
  return found == nullptr ? PrivateKey::generate(spec) : PrivateKey::from_pem(found->pem);
}

}  // namespace mimica::harness
