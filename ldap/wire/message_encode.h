// LDAP messages and control values as octets (RFC 4511 5.1).
#pragma once

#include "ldap/wire/message.h"

namespace mimica::ldap {

Bytes encode_message(const Message& message);

std::string encode_paged_results(const PagedResults& value);
std::string encode_flags(std::int64_t flags);

}  // namespace mimica::ldap
