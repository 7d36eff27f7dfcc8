#include "ldap/ad_fault.h"

#include <cstdio>

namespace mimica::ldap {
namespace {

std::string hex8(std::uint32_t value) {
  char text[9];
  std::snprintf(text, sizeof text, "%08X", value);
  return text;
}

// The DSID identifies a line of the server's source and differs with every build; nothing reads it.
Fault make(LdapCode code, std::uint32_t win32, std::string_view rest, std::string hint) {
  return fault(code, hex8(win32) + ": " + std::string(rest), {}, std::move(hint));
}

}  // namespace

Fault name_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string_view detail,
                 std::string hint) {
  return make(code, win32, "NameErr: DSID-0310028B, problem " + std::string(problem) + std::string(detail),
              std::move(hint));
}

Fault update_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string hint) {
  return make(code, win32, "UpdErr: DSID-03050438, problem " + std::string(problem) + ", data 0", std::move(hint));
}

Fault attribute_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string_view attribute,
                      std::string hint) {
  return make(code, win32,
              "AtrErr: DSID-03152392, #1: 0: " + hex8(win32) + ": DSID-03152392, problem " + std::string(problem) +
                  ", data 0, Att (" + std::string(attribute) + ")",
              std::move(hint));
}

Fault service_error(LdapCode code, std::uint32_t win32, std::string hint) {
  return make(code, win32, "SvcErr: DSID-031A1236, problem 5003 (WILL_NOT_PERFORM), data 0", std::move(hint));
}

Fault security_error(std::string hint) {
  return make(LdapCode::insufficientAccessRights, win32::kInsufficientRights,
              "SecErr: DSID-031514B3, problem 4003 (INSUFF_ACCESS_RIGHTS), data 0", std::move(hint));
}

Fault protocol_error(LdapCode code, std::uint32_t win32, std::string_view comment, std::string hint) {
  return make(code, win32, "LdapErr: DSID-0C090C91, comment: " + std::string(comment) + ", data 0, v3839",
              std::move(hint));
}

Fault bind_error(std::uint32_t data, std::string hint) {
  char text[16];
  std::snprintf(text, sizeof text, "%x", data);
  return fault(
      LdapCode::invalidCredentials,
      "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data " + std::string(text) + ", v3839",
      {}, std::move(hint));
}

Fault not_authenticated() {
  return make(
      LdapCode::operationsError, win32::kNotAuthenticated,
      "LdapErr: DSID-0C090A5A, comment: In order to perform this operation a successful bind must be completed on "
      "the connection., data 0, v3839",
      "bind first: without a bind only the rootDSE and the schema can be read");
}

Fault no_such_object(std::string_view dn, std::string_view best_match) {
  return name_error(LdapCode::noSuchObject, win32::kObjectNotFound, "2001 (NO_OBJECT), data 0, best match of:\n\t'",
                    std::string(best_match) + "'\n", "there is no entry " + std::string(dn));
}

}  // namespace mimica::ldap
