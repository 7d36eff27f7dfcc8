// The configuration files of a lab's realm: one for its clients (krb5.conf of MIT and Heimdal), one for krb5kdc.
#pragma once

#include <string>
#include <vector>

namespace mimica::kdc {

struct RealmFiles {
  std::string realm;                        // "CONTOSO.COM"
  std::string domain;                       // "contoso.com"
  std::vector<std::string> kdc_host_names;  // dNSNames that clients accept in the KDC's certificate
  int port = 0;                             // TCP and UDP at 127.0.0.1
  std::string folder;                       // absolute; holds the files below
  std::string module_folder;                // where mimica_krb5kdc.so is
  std::string socket;                       // of the lab
  bool has_kdc_certificate = true;          // without one PKINIT is off
  std::string anchors() const { return folder + "/anchors.pem"; }      // root certificates
  std::string pool() const { return folder + "/pool.pem"; }            // issuing CAs, which clients send along
  std::string kdc_certificate() const { return folder + "/kdc.pem"; }  // KDC certificate, its issuers, its key
  std::string kdc_key() const { return folder + "/kdc-key.pem"; }
  std::string client_profile() const { return folder + "/krb5.conf"; }
  std::string server_profile() const { return folder + "/kdc.conf"; }
  std::string log() const { return folder + "/krb5kdc.log"; }
  std::string output() const { return folder + "/krb5kdc.out"; }
  std::string credentials_cache() const { return folder + "/krb5cc"; }
};

// krb5.conf. Nothing is looked up in DNS; requests go over TCP, since PKINIT does not fit a datagram.
std::string client_profile(const RealmFiles& files);
// The one file that krb5kdc reads as KRB5_CONFIG and KRB5_KDC_PROFILE. Diffie-Hellman groups from 1024 bits are
// accepted, as a domain controller does.
std::string server_profile(const RealmFiles& files);

}  // namespace mimica::kdc
