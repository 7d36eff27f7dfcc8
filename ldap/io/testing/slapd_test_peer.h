// OpenLDAP slapd as a peer of the directory tests: Active Directory's attributes on a server that knows nothing else of
// it.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include "ldap/io/client.h"
#include "ldap/io/testing/test_process.h"
#include "ldap/schema/schema.h"

namespace mimica::ldap::testing {

class SlapdPeer {
 public:
  static bool installed() { return !find_program("slapd").empty(); }

  SlapdPeer()
      : folder_(std::filesystem::temp_directory_path() / ("mimica-slapd-" + std::to_string(getpid()))),
        port_(free_port()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "domain");
    std::filesystem::create_directories(folder_ / "configuration");
    std::ofstream(folder_ / "ad.schema") << schema();
    std::ofstream(folder_ / "rootdse.ldif") << "dn:\ndefaultNamingContext: DC=lab,DC=example\n"
                                               "configurationNamingContext: CN=Configuration,DC=lab,DC=example\n"
                                               "schemaNamingContext: CN=Schema,CN=Configuration,DC=lab,DC=example\n"
                                               "rootDomainNamingContext: DC=lab,DC=example\n";
    const std::string here = folder_.string();
    std::ofstream(folder_ / "slapd.conf")
        << "include " << here << "/ad.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb.so\npidfile " << here
        << "/slapd.pid\nrootDSE " << here << "/rootdse.ldif\nsizelimit unlimited\n"
        << "database mdb\nsuffix \"CN=Configuration,DC=lab,DC=example\"\nrootdn \"" << manager() << "\"\ndirectory "
        << here << "/configuration\nmaxsize 16777216\naccess to * by * read\n"
        << "database mdb\nsuffix \"DC=lab,DC=example\"\nrootdn \"" << manager() << "\"\nrootpw secret\ndirectory "
        << here << "/domain\nmaxsize 67108864\naccess to * by users read by anonymous auth\n";
    process_ = std::make_unique<Process>(
        std::vector<std::string>{find_program("slapd"), "-f", here + "/slapd.conf", "-h", url(), "-d", "0"});
  }
  ~SlapdPeer() {
    process_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string manager() { return "CN=Manager,DC=lab,DC=example"; }
  std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  // Tries until the server answers.
  Result<std::unique_ptr<Directory>> connect_as_manager(std::size_t page_size) const {
    constexpr int kTries = 500;
    constexpr int kPauseMilliseconds = 20;
    for (int i = 0; i < kTries; ++i) {
      auto directory = connect({.url = url(), .bind_name = manager(), .password = "secret", .page_size = page_size});
      if (directory) return directory;
      poll(nullptr, 0, kPauseMilliseconds);
    }
    return fault(LdapCode::unavailable, "slapd does not answer");
  }

 private:
  static std::string schema() {
    constexpr std::string_view kAttributes[] = {"objectSid",
                                                "objectGUID",
                                                "sAMAccountName",
                                                "sAMAccountType",
                                                "userPrincipalName",
                                                "dNSHostName",
                                                "mail",
                                                "displayName",
                                                "member",
                                                "primaryGroupID",
                                                "userAccountControl",
                                                "altSecurityIdentities",
                                                "userCertificate",
                                                "groupType",
                                                "msDS-KeyCredentialLink",
                                                "whenCreated",
                                                "nTSecurityDescriptor",
                                                "flags",
                                                "dc",
                                                "ou",
                                                "nCName",
                                                "dnsRoot",
                                                "nETBIOSName",
                                                "cACertificate",
                                                "servicePrincipalName"};
    std::string out;
    for (const std::string_view name : kAttributes) {
      const AttributeType& type = *Schema::active_directory().attribute(name);
      const std::string syntax = "1.3.6.1.4.1.1466.115.121.1.";
      std::string rules = "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX " + syntax + "15";
      switch (type.syntax) {
        case Syntax::integer:
        case Syntax::enumeration:
        case Syntax::large_integer:
          rules = "EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX " + syntax + "27";
          break;
        case Syntax::octets:
        case Syntax::sid:
        case Syntax::security_descriptor:
          rules = "EQUALITY octetStringMatch SYNTAX " + syntax + "40";
          break;
        case Syntax::dn:
          rules = "EQUALITY distinguishedNameMatch SYNTAX " + syntax + "12";
          break;
        case Syntax::generalized_time:
          rules = "EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX " + syntax + "24";
          break;
        default:
          break;
      }
      out += "attributetype ( " + std::string(type.oid) + " NAME '" + std::string(name) + "' " + rules +
             (type.single_valued ? " SINGLE-VALUE )\n" : " )\n");
    }
    int number = 1;
    for (const std::string_view name :
         {"defaultNamingContext", "configurationNamingContext", "schemaNamingContext", "rootDomainNamingContext"})
      out += "attributetype ( 1.3.6.1.4.1.4203.666.99.1." + std::to_string(number++) + " NAME '" + std::string(name) +
             "' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )\n";
    const std::string any =
        "MAY ( cn $ displayName $ description $ objectGUID $ objectSid $ sAMAccountName $ sAMAccountType $ "
        "userPrincipalName $ "
        "dNSHostName $ mail $ primaryGroupID $ userAccountControl $ altSecurityIdentities $ userCertificate $ "
        "msDS-KeyCredentialLink $ whenCreated $ nTSecurityDescriptor $ flags $ member $ groupType $ nCName $ dnsRoot $ "
        "nETBIOSName $ cACertificate $ servicePrincipalName $ dc $ ou ) )\n";
    for (const std::string_view name : {"user", "computer", "group", "container", "organizationalUnit", "domainDNS",
                                        "configuration", "crossRefContainer", "crossRef", "pKICertificateTemplate"})
      out += "objectclass ( " + std::string(Schema::active_directory().object_class(name)->oid) + " NAME '" +
             std::string(name) + "' SUP " + (name == "computer" ? "user" : "top") + " STRUCTURAL " + any;
    return out;
  }

  std::filesystem::path folder_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace mimica::ldap::testing
