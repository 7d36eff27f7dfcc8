// LDAP messages: what decodes must survive encoding unchanged, and a session must answer anything without harm.
#include <cstdint>
#include <cstdlib>

#include "core/base/entropy.h"
#include "ldap/forest/forest.h"
#include "ldap/wire/message_encode.h"
#include "ldap/wire/session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::ldap;
  static SimClock clock(Timestamp{1732089600});
  static SeededEntropy entropy("fuzz");
  static const std::unique_ptr<Dsa> dsa = *create_forest({}, clock, entropy);
  const BytesView bytes(data, size);
  (void)message_length(bytes, 1 << 20);
  (void)decode_paged_results(bytes);
  (void)decode_flags(bytes);
  const auto message = decode_message(bytes);
  if (message) {
    const auto again = decode_message(encode_message(*message));
    if (!again || !(*again == *message)) std::abort();
  }
  Session session(*dsa);
  (void)session.handle(
      encode_message({1, BindRequest{.name = "CONTOSO\\Administrator", .credentials = "Passw0rd!", .mechanism = ""}}));
  // Requests that would change the forest for the inputs that follow are decoded above but not performed.
  if (message && !std::holds_alternative<AddRequest>(message->operation) &&
      !std::holds_alternative<ModifyRequest>(message->operation) &&
      !std::holds_alternative<DeleteRequest>(message->operation) &&
      !std::holds_alternative<ModifyDnRequest>(message->operation))
    (void)session.handle(bytes);
  return 0;
}
