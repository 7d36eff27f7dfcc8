// Long-term keys and keytabs by libkrb5.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kdc/realm/realm.h"

namespace mimica::kdc {

// aes256-cts-hmac-sha1-96 and aes128-cts-hmac-sha1-96, as a domain controller makes them from a password.
std::unique_ptr<KeyMaker> make_key_maker();

struct KeytabEntry {
  std::string principal;  // "HTTP/web.contoso.com@CONTOSO.COM"
  int key_version = 0;
  std::vector<krb5kdc::Key> keys;
};
// Writes a new keytab file, readable by its owner only. Faults name the file.
Result<void> write_keytab(const std::string& path, const std::vector<KeytabEntry>& entries);

}  // namespace mimica::kdc
