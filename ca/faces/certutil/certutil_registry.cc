// -getreg, -setreg, -delreg.
#include "ca/authority/authority.h"
#include "ca/faces/certutil/verbs.h"
#include "ca/registry/registry.h"

namespace mimica::certutil::verbs {
namespace {

constexpr std::size_t kNameColumn = 24;

void print_change(const VerbContext& context, const ca::RegistryChange& change) {
  context.line(change.path + ":");
  context.line("");
  if (change.before) {
    context.line("Old Value:");
    context.line(ca::show_registry_value(change.entry, *change.before));
  }
  if (change.after) {
    context.line("New Value:");
    context.print(ca::show_registry_value(change.entry, *change.after));
  }
}

}  // namespace

Result<void> get_reg(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  const ca::CaConfig config = context.authority().registry();
  const std::string_view wanted = context.arguments.values.empty() ? "CA" : context.arguments.value(0);
  MIMICA_TRY(ca::RegistryName name, ca::parse_registry_name(wanted));
  if (name.entry.empty()) {
    context.line(ca::registry_path(config, name) + ":");
    context.line("");
    if (name.node == ca::RegistryNode::ca) context.print("Keys:\n  ExitModules\n  PolicyModules\n\n");
    context.line("Values:");
    for (const std::string& entry : ca::registry_entries(config, name.node))
      context.print(ca::show_registry_value(entry, *ca::read_registry(config, {name.node, entry}), kNameColumn));
    return {};
  }
  const auto value = ca::read_registry(config, name, &name.entry);
  context.line(ca::registry_path(config, name) + ":");
  context.line("");
  if (!value) return fault(HResult::ERROR_FILE_NOT_FOUND, "The system cannot find the file specified.");
  context.print(ca::show_registry_value(name.entry, *value));
  return {};
}

Result<void> set_reg(const VerbContext& context) {
  MIMICA_TRY(const ca::RegistryName name, ca::parse_registry_name(context.arguments.values[0]));
  std::string argument = context.arguments.values[1];
  if (argument.starts_with('@')) {
    MIMICA_TRY(const Bytes content, context.file(std::string_view(argument).substr(1)));
    argument = to_hex(content);
  }
  MIMICA_TRY(const ca::RegistryChange change,
             granted(context, context.authority().change_registry(
                                  [&](ca::CaConfig& config) { return ca::change_registry(config, name, argument); },
                                  context.call.caller)));
  print_change(context, change);
  return {};
}

Result<void> del_reg(const VerbContext& context) {
  MIMICA_TRY(const ca::RegistryName name, ca::parse_registry_name(context.arguments.values[0]));
  MIMICA_TRY(const ca::RegistryChange change,
             granted(context, context.authority().change_registry(
                                  [&](ca::CaConfig& config) { return ca::delete_registry(config, name); },
                                  context.call.caller)));
  print_change(context, change);
  return {};
}

}  // namespace mimica::certutil::verbs
