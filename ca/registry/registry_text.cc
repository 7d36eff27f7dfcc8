// The registry as certutil prints it.
#include <array>
#include <cstdio>

#include "ca/publication/names.h"
#include "ca/registry/registry.h"
#include "ca/registry/registry_flags.h"

namespace mimica::ca {
namespace {

using Type = RegistryValue::Type;

constexpr std::size_t kOctetsPerLine = 16;

std::span<const NamedBits> names_for(std::string_view entry) {
  using Names = std::span<const NamedBits> (*)();
  static constexpr std::pair<std::string_view, Names> kNames[] = {{"EditFlags", edit_flag_names},
                                                                  {"CRLFlags", crl_flag_names},
                                                                  {"CRLEditFlags", edit_flag_names},
                                                                  {"InterfaceFlags", interface_flag_names},
                                                                  {"KRAFlags", kra_flag_names},
                                                                  {"RequestDisposition", request_disposition_names},
                                                                  {"PublishCertFlags", exit_flag_names},
                                                                  {"CAType", ca_type_names},
                                                                  {"CRLPublicationURLs", publication_flag_names},
                                                                  {"CACertPublicationURLs", publication_flag_names}};
  for (const auto& [name, names] : kNames)
    if (equals_ignore_case(name, entry)) return names();
  return {};
}

std::string flag_lines(std::span<const NamedBits> names, std::uint32_t value) {
  std::string out;
  for (const NamedBits& one : names)
    if ((value & one.mask) == one.value)
      out += "    " + std::string(one.name) + " -- " + registry_number(one.value) + "\n";
  return out;
}

}  // namespace

std::string registry_number(std::uint32_t value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 10 ? "%x" : "%x (%u)", value, value);
  return text.data();
}

std::string hex_lines(BytesView bytes, std::string_view indent) {
  std::string out;
  std::array<char, 32> text{};
  for (std::size_t at = 0; at < bytes.size(); at += kOctetsPerLine) {
    std::snprintf(text.data(), text.size(), "%04zx", at);
    out += std::string(indent) + text.data() + "\t";
    std::string shown;
    for (std::size_t i = at; i < at + kOctetsPerLine; ++i) {
      if (i - at == kOctetsPerLine / 2) out += " ";
      if (i >= bytes.size()) {
        out += "   ";
        continue;
      }
      std::snprintf(text.data(), text.size(), "%02x ", bytes[i]);
      out += text.data();
      shown += bytes[i] > 0x20 && bytes[i] < 0x7F ? static_cast<char>(bytes[i]) : '.';
    }
    out += "  " + shown + "\n";
  }
  return out;
}

std::string show_registry_value(std::string_view entry, const RegistryValue& value, std::size_t width) {
  std::string out = "  " + std::string(entry);
  if (entry.size() < width) out.append(width - entry.size(), ' ');
  out += " " + std::string(to_string(value.type)) + " =";
  const auto names = names_for(entry);
  switch (value.type) {
    case Type::dword:
      return out + " " + registry_number(value.number) + "\n" + flag_lines(names, value.number);
    case Type::sz:
      return out + " " + (value.texts.empty() ? std::string() : value.texts.front()) + "\n";
    case Type::binary:
      return out + "\n" + hex_lines(value.bytes, "    ");
    case Type::multi_sz:
      out += "\n";
      for (std::size_t i = 0; i < value.texts.size(); ++i) {
        if (i > 0 && !names.empty()) out += "\n";
        out += "    " + std::to_string(i) + ": " + value.texts[i] + "\n";
        if (!names.empty()) out += flag_lines(names, parse_publication_url(value.texts[i]).flags);
      }
      return out;
  }
  return out + "\n";
}

}  // namespace mimica::ca
