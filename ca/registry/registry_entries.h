// The values that the registry of a CA is known to hold, and the fields of its configuration behind them.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "ca/registry/registry.h"
#include "ca/registry/registry_flags.h"

namespace mimica::ca {

// One value that the registry of a CA is known to hold. `read` and `write` reach the field behind it; without them the
// value is kept in OtherValues and starts as `initial`.
struct RegistryEntry {
  RegistryNode node;
  std::string_view name;
  RegistryValue::Type type;
  std::optional<RegistryValue> (*read)(const CaConfig&) = nullptr;
  Result<void> (*write)(CaConfig&, const RegistryValue&) = nullptr;  // null with `read`: fixed by the set-up
  std::span<const NamedBits> (*names)() = nullptr;
  std::optional<RegistryValue> initial = std::nullopt;
  void (*clear)(CaConfig&) = nullptr;  // null: the value cannot be missing
};

std::span<const RegistryEntry> known_registry_entries();

// E_INVALIDARG: a value that does not fit.
Fault unfit_registry_value(std::string what, std::string hint = {});

}  // namespace mimica::ca
