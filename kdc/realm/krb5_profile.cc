#include "kdc/realm/krb5_profile.h"

namespace mimica::kdc {
namespace {

std::string line(int depth, const std::string& text) {
  return std::string(static_cast<std::size_t>(depth) * 4, ' ') + text + "\n";
}

std::string address(const RealmFiles& files) { return "127.0.0.1:" + std::to_string(files.port); }

std::string lib_defaults(const RealmFiles& files) {
  return "[libdefaults]\n" + line(1, "default_realm = " + files.realm) + line(1, "dns_lookup_kdc = false") +
         line(1, "dns_lookup_realm = false") + line(1, "dns_canonicalize_hostname = false") + line(1, "rdns = false") +
         line(1, "udp_preference_limit = 1");
}

}  // namespace

std::string client_profile(const RealmFiles& files) {
  std::string out = lib_defaults(files);
  // Heimdal counts group 14 as 1760 bits and wants more than this; MIT keeps its default of 2048.
  out += line(1, "pkinit_dh_min_bits = 1536");
  out += "\n[realms]\n" + line(1, files.realm + " = {");
  out += line(2, "kdc = " + address(files));
  out += line(2, "primary_kdc = " + address(files));
  out += line(2, "pkinit_anchors = FILE:" + files.anchors());
  out += line(2, "pkinit_pool = FILE:" + files.pool());
  out += line(2, "pkinit_require_krbtgt_otherName = false");  // Heimdal: a Windows KDC's certificate has DNS names only
  for (const std::string& name : files.kdc_host_names) out += line(2, "pkinit_kdc_hostname = " + name);
  out += line(1, "}");
  // Heimdal reads its PKINIT settings here.
  out += "\n[appdefaults]\n" + line(1, "pkinit_anchors = FILE:" + files.anchors()) +
         line(1, "pkinit_pool = FILE:" + files.pool());
  out += "\n[domain_realm]\n" + line(1, "." + files.domain + " = " + files.realm) +
         line(1, files.domain + " = " + files.realm);
  return out;
}

std::string server_profile(const RealmFiles& files) {
  std::string out = lib_defaults(files);
  out +=
      "\n[kdcdefaults]\n" + line(1, "kdc_listen = " + address(files)) + line(1, "kdc_tcp_listen = " + address(files));
  out += "\n[realms]\n" + line(1, files.realm + " = {");
  out += line(2, "database_module = lab");
  if (files.has_kdc_certificate) {
    out += line(2, "pkinit_identity = FILE:" + files.kdc_certificate() + "," + files.kdc_key());
    out += line(2, "pkinit_anchors = FILE:" + files.anchors());
    out += line(2, "pkinit_pool = FILE:" + files.pool());
    out += line(2, "pkinit_eku_checking = none");
    out += line(2, "pkinit_dh_min_bits = 1024");
  }
  out += line(2, "supported_enctypes = aes256-cts:normal aes128-cts:normal");
  out += line(1, "}");
  out += "\n[dbmodules]\n" + line(1, "db_module_dir = " + files.module_folder) + line(1, "lab = {") +
         line(2, "db_library = mimica_krb5kdc") + line(1, "}");
  // enable_only: MIT's own modules would refuse what Windows takes (UPNs in lower case, clientAuth alone).
  out += "\n[plugins]\n" + line(1, "certauth = {") +
         line(2, "module = mimica:" + files.module_folder + "/mimica_krb5kdc.so") + line(2, "enable_only = mimica") +
         line(1, "}");
  out += "\n[mimica]\n" + line(1, "socket = " + files.socket);
  out += "\n[logging]\n" + line(1, "kdc = FILE:" + files.log());
  return out;
}

}  // namespace mimica::kdc
