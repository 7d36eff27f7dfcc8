// Which account a Kerberos principal name means.
#pragma once

#include <optional>
#include <string_view>

#include "ldap/account.h"
#include "ldap/directory.h"

namespace mimica::kdc {

// The outcome of a look-up that may meet several accounts.
struct FoundAccount {
  std::optional<ldap::Account> account;
  bool ambiguous = false;
};

// A fault constraintViolation, which says that several accounts match, as a value.
Result<FoundAccount> unless_ambiguous(Result<std::optional<ldap::Account>> looked_up);

// The client of an AS request (MS-KILE 3.3.5.6.1, MS-ADTS 3.1.1.13.7). `cname` is "jane", "LAPTOP-01" or "LAPTOP-01$",
// or an enterprise name "jane@contoso.com"; `realm` is the DNS name of the domain.
Result<FoundAccount> find_client(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                 std::string_view cname, std::string_view realm);

// The account that has the servicePrincipalName "HTTP/web.contoso.com". A service class that Windows maps to "host"
// (sPNMappings: http, cifs, rpcss ...) is also answered by the account with host/<name>.
Result<FoundAccount> find_service(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                  std::string_view service_principal_name);

// A principal that is not a client: a name with '/' is a service's, any other an account's.
Result<FoundAccount> find_principal(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                    std::string_view name, std::string_view realm);

}  // namespace mimica::kdc
