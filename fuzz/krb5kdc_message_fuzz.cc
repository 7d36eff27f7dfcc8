// Messages between krb5kdc's module and the lab: what is read comes back the same after writing.
#include <cstdlib>

#include "kdc/krb5/krb5kdc_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica::kdc;
  const mimica::BytesView message{data, size};
  if (const auto query = krb5kdc::parse_query(message)) {
    const auto again = krb5kdc::parse_query(krb5kdc::encode(*query));
    if (!again || *again != *query) std::abort();
  }
  if (const auto answer = krb5kdc::parse_answer(message)) {
    const auto again = krb5kdc::parse_answer(krb5kdc::encode(*answer));
    if (!again || *again != *answer) std::abort();
  }
  return 0;
}
