// The names that the CA's headers give to bits of registry values (CertSrv.h), as certutil prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mimica::ca {

// The name applies when (number & mask) == value. A single bit has mask == value.
struct NamedBits {
  std::string_view name;
  std::uint32_t value = 0;
  std::uint32_t mask = 0;
};

std::span<const NamedBits> edit_flag_names();            // EDITF_
std::span<const NamedBits> crl_flag_names();             // CRLF_
std::span<const NamedBits> interface_flag_names();       // IF_
std::span<const NamedBits> kra_flag_names();             // KRAF_
std::span<const NamedBits> request_disposition_names();  // REQDISP_
std::span<const NamedBits> exit_flag_names();            // EXITPUB_
std::span<const NamedBits> ca_type_names();              // ENUM_
std::span<const NamedBits> publication_flag_names();     // CSURL_, the number of a publication URL

// Without regard to case; nullopt for a name that the list does not hold.
std::optional<NamedBits> named_bits(std::span<const NamedBits> names, std::string_view name);

}  // namespace mimica::ca
