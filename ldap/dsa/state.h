// What the embedded directory holds. The functions of this room work on it and take no lock: Dsa (dsa.h) holds it.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ldap/dsa/dsa.h"
#include "ldap/store/store.h"

namespace mimica::ldap::dsa {

struct State {
  State(const Clock& lab_clock, Entropy& source)
      : clock(lab_clock), entropy(source), class_descriptors(Schema::active_directory().classes().size()) {}

  const Clock& clock;
  Entropy& entropy;

  // Set when the forest is built and never changed.
  NamingContexts contexts;
  std::string schema_key;  // normalised DN of the schema naming context
  Sid domain_sid;
  std::string netbios_name, dns_name, dc_host, dc_dn, server_dn;
  std::string schema_seed;

  Store store;
  std::unordered_map<RecordId, Dsa::Password> passwords;
  std::int64_t usn = 4096;
  std::uint32_t next_rid = 1103;  // 1000 is the domain controller, 1101 and 1102 the DNS groups
  std::atomic<bool> schema_loaded = false;
  std::vector<std::optional<SecurityDescriptor>> class_descriptors;  // parsed defaultSecurityDescriptor by class index
};

}  // namespace mimica::ldap::dsa
