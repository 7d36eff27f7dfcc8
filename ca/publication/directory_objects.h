// The objects of an Enterprise CA below CN=Public Key Services (MS-WCCE 2.2.2.11), as setup and the first start of a
// Windows Server 2016 CA write them.
#pragma once

#include <string>
#include <string_view>

#include "core/pki/certificate.h"
#include "ldap/directory.h"

namespace mimica::ca {

std::string enrollment_service_dn(const ldap::NamingContexts& contexts, std::string_view ca_name);
// CN=<CA>,CN=<server short name>,CN=CDP,…; for a later key CN=<CA>(n),…
std::string crl_object_dn(const ldap::NamingContexts& contexts, std::string_view ca_name,
                          std::string_view server_dns_name, int key_index = 0);

struct DirectoryPublication {
  std::string ca_name;
  std::string server_dns_name;
  Certificate certificate;
  Certificate root;
  std::string root_name;
  bool install_templates = true;  // when the forest has no templates yet
  bool publish_default_templates = true;
  int key_index = 0;  // of `certificate`
  Bytes cross_pair;   // for crossCertificatePair of the AIA object; empty: none
};
// Joins the CA's host to the domain if it has no account, puts it into Cert Publishers, installs the built-in templates
// and their OIDs, and adds or refreshes the CA's objects. Objects that exist already are kept.
Result<void> publish_authority(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                               const DirectoryPublication& publication);

}  // namespace mimica::ca
