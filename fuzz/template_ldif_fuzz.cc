// Certificate templates in LDIF: what is decoded must be encoded and decoded again without change, and every question
// about it must have an answer.
#include <cstdint>
#include <cstdlib>

#include "audit/lint/template_linter.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"
#include "templates/edit.h"
#include "templates/published.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const auto records = ldap::parse_ldif(as_text(BytesView(data, size)));
  if (!records) return 0;
  for (const ldap::LdifRecord& record : *records) {
    const auto value = templates::decode(record.entry);
    if (!value) continue;
    const auto again = templates::decode(templates::encode(*value, "CN=Configuration,DC=contoso,DC=com"));
    require(again && *again == *value);

    const Token token{sids::kEveryone, {sids::kEveryone, sids::kAuthenticatedUsers}};
    const auto enroll = templates::decide_enroll(*value, token, "everyone");
    require(static_cast<bool>(enroll) == templates::holds(*value, token, templates::Right::enroll));
    require(!audit::lint(*value, {}).empty());
    const auto published = templates::decide_published(value->cn, {&*value, 1}, {"CA", {value->cn}, 6});
    require(published || published.trace.deciding() != nullptr);
    const auto copy = templates::duplicate(*value, {"Copy", "", Oid("1.2.3"), sids::kSystem});
    require(!copy || copy->schema_version > 1);
  }
  return 0;
}
