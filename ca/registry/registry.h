// The configuration of a CA as its registry: every value by the path and name that administrators know, read and
// changed as `certutil -getreg`, `-setreg` and `-delreg` do it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/registry/config.h"
#include "ca/registry/registry_value.h"
#include "core/base/fault.h"

namespace mimica::ca {

// Configuration\<CA>, and below it PolicyModules\<active> and ExitModules\<active>.
enum class RegistryNode { ca, policy, exit };

struct RegistryName {
  RegistryNode node = RegistryNode::ca;
  std::string entry;  // "EditFlags"; empty: the whole key
};
// "policy\EditFlags", "CA\CRLPeriodUnits", "ca", "exit\PublishCertFlags", also the long forms below the CA's key
// ("CA\PolicyModules\…\EditFlags"); nodes and names in any case. Faults: ERROR_FILE_NOT_FOUND for another key.
Result<RegistryName> parse_registry_name(std::string_view text);
// "HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\CONTOSO-CA\PolicyModules\…", without the
// entry when the name has none.
std::string registry_path(const CaConfig& config, const RegistryName& name);

// The value; nullopt when the registry does not hold it. Spelling of the entry as the registry has it in `spelling`.
std::optional<RegistryValue> read_registry(const CaConfig& config, const RegistryName& name,
                                           std::string* spelling = nullptr);
// Names of the values of a key, sorted.
std::vector<std::string> registry_entries(const CaConfig& config, RegistryNode node);
// Whether this CA acts on the value; others are kept and shown only (docs/divergences.md).
bool is_honoured(const RegistryName& name);

struct RegistryChange {
  std::string path;  // registry_path() with the entry
  std::string entry;
  std::optional<RegistryValue> before;
  std::optional<RegistryValue> after;  // nullopt: deleted
};
// What `certutil -setreg NAME ARGUMENT` makes of the value. Numbers: decimal or 0x…, "+FLAG" and "-FLAG" with a name or
// a number set and clear bits. Lists: items separated by "\n" (both characters), "+item" and "-item" add and remove.
// Binary: hexadecimal. A value the registry does not know gets the type of the argument. Faults E_INVALIDARG:
// the argument does not fit the value; the value is fixed by the set-up of the CA; there are too many values.
Result<RegistryChange> change_registry(CaConfig& config, const RegistryName& name, std::string_view argument);
// With a value of the right type, for tools that do not speak certutil's notation.
Result<RegistryChange> set_registry(CaConfig& config, const RegistryName& name, const RegistryValue& value);
// Back to what the CA does without the value. Faults: ERROR_FILE_NOT_FOUND, and as above.
Result<RegistryChange> delete_registry(CaConfig& config, const RegistryName& name);

// Two blanks, name, type and data as certutil prints them, with the names of bits; ends with a line feed. `width`: the
// name is padded to it.
std::string show_registry_value(std::string_view entry, const RegistryValue& value, std::size_t width = 0);
// "64 (100)": hexadecimal, and decimal from 10 on.
std::string registry_number(std::uint32_t value);
// 16 octets a line: offset, tab, octets, characters; each line starts with `indent`.
std::string hex_lines(BytesView bytes, std::string_view indent);

inline constexpr std::size_t kMaxRegistryText = 64 * 1024;  // octets of one value
inline constexpr std::size_t kMaxOtherValues = 256;

}  // namespace mimica::ca
