// What MIT's krb5kdc, through our module in it, asks the lab, and what the lab answers. One query and one answer at a
// time over a local socket, each framed by its length. DER, so that both sides read it with the project's own bounded
// reader (docs/decisions/0005).
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica::kdc::krb5kdc {

inline constexpr std::size_t kFrameHeader = 4;           // length of the message, big-endian
inline constexpr std::size_t kMaxMessage = 1024 * 1024;  // octets
inline constexpr std::size_t kMaxElements = 64;          // name components, certificates, keys

// RFC 4120 5.2.2 name types that matter here.
namespace name_type {
inline constexpr int kPrincipal = 1, kService = 2, kEnterprise = 10;
}  // namespace name_type

struct Principal {
  int type = name_type::kPrincipal;
  std::vector<std::string> components;
  std::string realm;
  bool operator==(const Principal&) const = default;
};
std::string to_string(const Principal& name);  // "HTTP/web.contoso.com@CONTOSO.COM"

// Who is it? Asked for clients and services alike, several times in each exchange.
struct PrincipalQuery {
  Principal name;
  bool client = false;
  bool operator==(const PrincipalQuery&) const = default;
};
// May this certificate log on as this client? krb5kdc has verified that the request is signed with its key.
struct AuthorizeQuery {
  Principal client;
  Bytes certificate;                 // DER
  std::vector<Bytes> intermediates;  // DER, sent along by the client
  bool operator==(const AuthorizeQuery&) const = default;
};
// An AS request was answered. `error` is the Kerberos error, 0 for a ticket.
struct AuditNotice {
  Principal client, server;
  int error = 0;
  std::string address;        // of the client, "127.0.0.1"; krb5kdc does not tell its modules the port
  std::uint32_t options = 0;  // KDCOptions of the request
  bool operator==(const AuditNotice&) const = default;
};
using Query = std::variant<PrincipalQuery, AuthorizeQuery, AuditNotice>;

struct Key {
  int encryption_type = 0;  // 18 aes256-cts-hmac-sha1-96, 17 aes128-cts-hmac-sha1-96
  Bytes value;
  std::string salt;
  bool operator==(const Key&) const = default;
};
struct PrincipalAnswer {
  bool found = false;
  Principal name;  // canonical
  int key_version = 0;
  std::vector<Key> keys;         // empty: only a certificate logs on
  bool requires_preauth = true;  // DONT_REQ_PREAUTH of userAccountControl is clear
  bool may_be_service = false;   // has a servicePrincipalName, or is a computer
  int refusal = 0;               // Kerberos error for a client that may not log on at all, with any credential
  std::string refusal_text;
  bool operator==(const PrincipalAnswer&) const = default;
};
struct AuthorizeAnswer {
  int error = 0;
  std::string text;                     // for the KDC's log: deciding rule and what was found
  std::vector<std::string> indicators;  // authentication indicators of the ticket
  bool operator==(const AuthorizeAnswer&) const = default;
};
struct AuditAnswer {
  bool operator==(const AuditAnswer&) const = default;
};
// The question could not be answered.
struct FailureAnswer {
  std::string text;
  bool operator==(const FailureAnswer&) const = default;
};
using Answer = std::variant<PrincipalAnswer, AuthorizeAnswer, AuditAnswer, FailureAnswer>;

Bytes encode(const Query& query);
Bytes encode(const Answer& answer);
// Faults carry the offset. Trailing octets, unknown kinds and more than kMaxElements elements are faults.
Result<Query> parse_query(BytesView message);
Result<Answer> parse_answer(BytesView message);

}  // namespace mimica::kdc::krb5kdc
