#include <algorithm>
#include <cstdio>
#include <memory>

#include "audit/import/adcs_template.h"
#include "audit/import/export_documents.h"
#include "audit/import/formats.h"
#include "core/base/text.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"
#include "ldap/provision.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"

namespace mimica::harness::cli {
namespace {

struct TemplatesArguments {
  std::vector<std::string> files;
  std::string in, out, format;
  std::vector<std::string> only;
  std::string configuration = "CN=Configuration,DC=contoso,DC=com";
};

Result<std::vector<templates::CertificateTemplate>> read_templates(const std::string& file,
                                                                   const std::vector<std::string>& only,
                                                                   templates::NameOf* name_of = nullptr) {
  MIMICA_TRY(const std::string content, read_file(file));
  MIMICA_TRY(audit::ReadExport read, audit::read_export(content, file));
  for (const Fault& unreadable : read.unreadable) complain(unreadable);
  if (!only.empty())
    std::erase_if(read.templates, [&](const templates::CertificateTemplate& value) {
      return std::none_of(only.begin(), only.end(),
                          [&](const std::string& name) { return equals_ignore_case(name, value.cn); });
    });
  if (read.templates.empty())
    return fault("no certificate template in '" + file + "'", {file, 0, 0, {}},
                 "export pKICertificateTemplate objects with all attributes");
  if (name_of != nullptr) *name_of = read.name_of;
  return std::move(read.templates);
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && equals_ignore_case(std::string_view(text).substr(text.size() - end.size()), end);
}

Result<std::string> converted(const TemplatesArguments& arguments) {
  templates::NameOf name_of;
  MIMICA_TRY(const auto all, read_templates(arguments.in, arguments.only, &name_of));
  const std::string format = !arguments.format.empty()           ? arguments.format
                             : ends_with(arguments.out, ".json") ? "certipy"
                                                                 : "ldif";
  if (format == "ldif") {
    std::vector<ldap::Entry> entries;
    for (const auto& value : all) entries.push_back(templates::encode(value, arguments.configuration));
    return ldap::write_ldif(entries);
  }
  if (format == "adcstemplate") {
    if (all.size() != 1)
      return fault("ADCSTemplate files hold one template, here are " + std::to_string(all.size()), {},
                   "choose one with --template");
    return audit::write_adcs_template(all.front());
  }
  if (format == "bloodhound") {
    const std::string domain = ldap::dns_name_of(arguments.configuration.substr(
        std::min(arguments.configuration.size(), to_lower(arguments.configuration).find("dc="))));
    return audit::write_bloodhound_templates(audit::bloodhound_document(all, domain, Sid()));
  }
  const auto style = format == "certipy-4" ? audit::CertipyStyle::v4_8 : audit::CertipyStyle::v5;
  return audit::write_certipy(audit::certipy_document(all, name_of, style));
}

ExitCode convert_command(const TemplatesArguments& arguments) {
  auto text = converted(arguments);
  if (!text) return complain(text.error());
  if (arguments.out == "-") {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return ExitCode::as_expected;
  }
  if (auto written = write_file(arguments.out, as_bytes(*text)); !written) return complain(written.error());
  return ExitCode::as_expected;
}

// One line for each attribute as the directory holds it, binary ones as people read them.
void show(const templates::CertificateTemplate& value) {
  std::printf("%s (%s)\n", value.cn.c_str(), value.display_name.c_str());
  const ldap::Entry entry = templates::encode(value, "CN=Configuration");
  for (const ldap::Attribute& attribute : entry.attributes()) {
    std::string text = join(attribute.values, "; ");
    if (attribute.name == "nTSecurityDescriptor") text = value.security->to_sddl(Sid(), Sid());
    if (attribute.name == "pKIKeyUsage") text = join(value.key_usage.names(), ", ");
    if (attribute.name == "pKIExpirationPeriod") text = to_text(value.validity);
    if (attribute.name == "pKIOverlapPeriod") text = to_text(value.overlap);
    if (attribute.name == "flags") text += " (" + to_string(value.flags) + ")";
    if (attribute.name == "msPKI-Enrollment-Flag") text += " (" + to_string(value.enrollment_flags) + ")";
    if (attribute.name == "msPKI-Private-Key-Flag") text += " (" + to_string(value.private_key_flags) + ")";
    if (attribute.name == "msPKI-Certificate-Name-Flag") text += " (" + to_string(value.name_flags) + ")";
    if (attribute.name == "objectGUID")
      if (const auto guid = Guid::from_binary(as_bytes(attribute.values.front()))) text = guid->to_string();
    std::printf("  %-38s %s\n", attribute.name.c_str(), text.c_str());
  }
}

ExitCode show_command(const TemplatesArguments& arguments) {
  ExitCode exit = ExitCode::as_expected;
  for (const std::string& file : arguments.files) {
    const auto all = read_templates(file, arguments.only);
    if (!all) {
      exit = worst(exit, complain(all.error()));
      continue;
    }
    for (const auto& value : *all) show(value);
  }
  return exit;
}

}  // namespace

void add_templates(CLI::App& app, ExitCode& exit) {
  CLI::App* group = app.add_subcommand("templates", "Certificate templates in the files of other programs");
  group->require_subcommand(1);
  constexpr const char* kInput = "LDIF, or JSON of Certipy, SharpHound, ADCSTemplate or a live diff";

  auto shown = std::make_shared<TemplatesArguments>();
  CLI::App* show = group->add_subcommand("show", "Print the templates of files, attribute by attribute");
  show->add_option("file", shown->files, kInput)->required();
  show->add_option("--template", shown->only, "Only templates of these names (cn)");
  show->callback([shown, &exit] { exit = show_command(*shown); });

  auto given = std::make_shared<TemplatesArguments>();
  CLI::App* convert = group->add_subcommand("convert", "Write the templates of a file in another format");
  convert->add_option("in", given->in, kInput)->required();
  convert->add_option("out", given->out, "File to write; - for standard output")->required();
  convert->add_option("--format", given->format, "Default: certipy for .json, else ldif")
      ->check(CLI::IsMember({"ldif", "adcstemplate", "certipy", "certipy-4", "bloodhound"}));
  convert->add_option("--template", given->only, "Only templates of these names (cn)");
  convert->add_option("--configuration", given->configuration,
                      "Configuration naming context of LDIF that is written; {ConfigNC} is fine");
  convert->callback([given, &exit] { exit = convert_command(*given); });
}

}  // namespace mimica::harness::cli
