// LDAP messages (RFC 4511) as values, and their BER encoding. The decoder reads hostile bytes: total, bounded in depth
// and count, and never looks outside its input. LDAP's BER allows lengths that are not minimal; the encoder writes
// minimal ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "ldap/directory.h"
#include "ldap/filter.h"

namespace mimica::ldap {

struct Control {
  std::string oid;
  bool critical = false;
  std::optional<std::string> value = {};
  bool operator==(const Control&) const = default;
};

struct BindRequest {
  enum class Method { simple, sasl, sicily_discovery, sicily_negotiate, sicily_response };
  std::int64_t version = 3;
  std::string name;
  Method method = Method::simple;
  std::string credentials;      // simple: the password; SASL and Sicily: the token
  std::string mechanism;        // SASL
  bool has_credentials = true;  // SASL: the token is optional
  bool operator==(const BindRequest&) const = default;
};
struct UnbindRequest {
  bool operator==(const UnbindRequest&) const = default;
};
struct SearchRequestMessage {
  std::string base;
  Scope scope = Scope::base;
  std::int64_t dereference = 0;
  std::int64_t size_limit = 0;
  std::int64_t time_limit = 0;
  bool types_only = false;
  Filter filter;
  std::vector<std::string> attributes;  // as written, with options
  bool operator==(const SearchRequestMessage&) const = default;
};
struct ModifyRequest {
  std::string dn;
  struct Change {
    std::int64_t operation = 0;  // 0 add, 1 delete, 2 replace; others decode and are refused by the session
    Attribute attribute;         // name as written
    bool operator==(const Change&) const = default;
  };
  std::vector<Change> changes;
  bool operator==(const ModifyRequest&) const = default;
};
struct AddRequest {
  std::string dn;
  std::vector<Attribute> attributes;
  bool operator==(const AddRequest&) const = default;
};
struct DeleteRequest {
  std::string dn;
  bool operator==(const DeleteRequest&) const = default;
};
struct ModifyDnRequest {
  std::string dn;
  std::string new_rdn;
  bool delete_old_rdn = true;
  std::optional<std::string> new_superior;
  bool operator==(const ModifyDnRequest&) const = default;
};
struct CompareRequest {
  std::string dn, attribute, value;
  bool operator==(const CompareRequest&) const = default;
};
struct AbandonRequest {
  std::int64_t message_id = 0;
  bool operator==(const AbandonRequest&) const = default;
};
struct ExtendedRequest {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const ExtendedRequest&) const = default;
};

// The COMPONENTS OF LDAPResult that most responses consist of.
struct ResultFields {
  LdapCode code = LdapCode::success;
  std::string matched_dn = {};
  std::string diagnostic = {};
  std::vector<std::string> referrals = {};
  bool operator==(const ResultFields&) const = default;
};
struct BindResponse {
  ResultFields result;
  std::optional<std::string> server_credentials = {};
  bool operator==(const BindResponse&) const = default;
};
struct SearchEntry {
  std::string dn;
  std::vector<Attribute> attributes;  // values may be empty (typesOnly, range retrieval)
  bool operator==(const SearchEntry&) const = default;
};
struct SearchReference {
  std::vector<std::string> urls;
  bool operator==(const SearchReference&) const = default;
};
// SearchResultDone and the responses without fields of their own; `tag` says which.
struct ResultResponse {
  enum class Kind : std::uint8_t { search_done = 5, modify = 7, add = 9, erase = 11, modify_dn = 13, compare = 15 };
  Kind kind = Kind::search_done;
  ResultFields result;
  bool operator==(const ResultResponse&) const = default;
};
struct ExtendedResponse {
  ResultFields result;
  std::optional<std::string> name = {};
  std::optional<std::string> value = {};
  bool operator==(const ExtendedResponse&) const = default;
};

using Operation = std::variant<BindRequest, UnbindRequest, SearchRequestMessage, ModifyRequest, AddRequest,
                               DeleteRequest, ModifyDnRequest, CompareRequest, AbandonRequest, ExtendedRequest,
                               BindResponse, SearchEntry, SearchReference, ResultResponse, ExtendedResponse>;

struct Message {
  std::int64_t id = 0;  // 0..2^31-1
  Operation operation;
  std::vector<Control> controls = {};
  bool operator==(const Message&) const = default;
};

// Length of the first message of a stream, from its first octets: nullopt when more are needed to tell. Fault when the
// octets cannot begin an LDAP message or it would be longer than `limit`.
Result<std::optional<std::size_t>> message_length(BytesView start, std::size_t limit);
// Exactly one message. Faults carry protocolError and the offset.
Result<Message> decode_message(BytesView bytes);

// Control values.
struct PagedResults {
  std::int64_t size = 0;
  std::string cookie;
};
Result<PagedResults> decode_paged_results(BytesView value);
// SEQUENCE { INTEGER }: SD flags, search options.
Result<std::int64_t> decode_flags(BytesView value);

}  // namespace mimica::ldap
