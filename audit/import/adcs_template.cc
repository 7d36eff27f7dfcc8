#include "audit/import/adcs_template.h"

#include <boost/json.hpp>

#include "core/base/json_text.h"
#include "core/base/number.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

// The module exports these, in this order.
enum class Shape { text, number, texts, octets };
struct Exported {
  std::string_view name;
  Shape shape;
};
constexpr Exported kExported[] = {
    {"name", Shape::text},
    {"displayName", Shape::text},
    {"objectClass", Shape::text},
    {"flags", Shape::number},
    {"revision", Shape::number},
    {"msPKI-Cert-Template-OID", Shape::text},
    {"msPKI-Certificate-Application-Policy", Shape::texts},
    {"msPKI-Certificate-Name-Flag", Shape::number},
    {"msPKI-Certificate-Policy", Shape::texts},
    {"msPKI-Enrollment-Flag", Shape::number},
    {"msPKI-Minimal-Key-Size", Shape::number},
    {"msPKI-Private-Key-Flag", Shape::number},
    {"msPKI-RA-Application-Policies", Shape::texts},
    {"msPKI-RA-Policies", Shape::texts},
    {"msPKI-RA-Signature", Shape::number},
    {"msPKI-Supersede-Templates", Shape::texts},
    {"msPKI-Template-Minor-Revision", Shape::number},
    {"msPKI-Template-Schema-Version", Shape::number},
    {"pKICriticalExtensions", Shape::texts},
    {"pKIDefaultCSPs", Shape::texts},
    {"pKIDefaultKeySpec", Shape::number},
    {"pKIExpirationPeriod", Shape::octets},
    {"pKIExtendedKeyUsage", Shape::texts},
    {"pKIKeyUsage", Shape::octets},
    {"pKIMaxIssuingDepth", Shape::number},
    {"pKIOverlapPeriod", Shape::octets},
};
constexpr std::string_view kAnywhere = "CN=Configuration";  // such an export names no forest

json::object produce(const templates::CertificateTemplate& value) {
  const ldap::Entry entry = encode(value, kAnywhere);
  json::object out;
  for (const Exported& one : kExported) {
    if (one.name == "objectClass") {
      out[one.name] = "pKICertificateTemplate";
      continue;
    }
    const ldap::Attribute* attribute = entry.find(one.name);
    if (attribute == nullptr) continue;
    switch (one.shape) {
      case Shape::text:
        out[one.name] = attribute->values.front();
        break;
      case Shape::number:
        out[one.name] = parse_decimal<std::int64_t>(attribute->values.front()).value();
        break;
      case Shape::texts:
        out[one.name] = to_array(attribute->values);
        break;
      case Shape::octets: {
        json::array octets;
        for (const std::uint8_t octet : as_bytes(attribute->values.front())) octets.emplace_back(std::int64_t{octet});
        out[one.name] = std::move(octets);
        break;
      }
    }
  }
  return out;
}

// The directory's values of one member; nullopt for a shape that no attribute has.
std::optional<std::vector<std::string>> values_of(const Exported& one, const json::value& value) {
  std::vector<const json::value*> items;
  if (const auto* array = value.if_array())
    for (const json::value& item : *array) items.push_back(&item);
  else
    items.push_back(&value);
  std::vector<std::string> out;
  std::string octets;
  for (const json::value* item : items) {
    if (one.shape == Shape::octets) {
      if (!item->is_int64() || item->get_int64() < 0 || item->get_int64() > 255) return std::nullopt;
      octets.push_back(static_cast<char>(item->get_int64()));
    } else if (item->is_int64()) {
      out.push_back(std::to_string(item->get_int64()));
    } else if (item->is_string()) {
      out.emplace_back(item->get_string());
    } else {
      return std::nullopt;
    }
  }
  if (one.shape == Shape::octets) out.push_back(std::move(octets));
  return out;
}

// ConvertTo-Json of Windows PowerShell 5.1 indents what is nested by four columns beyond the place of its bracket.
constexpr JsonStyle kPowerShell{.indent = 4,
                                .colon = ":  ",
                                .newline = "\r\n",
                                .short_lists_on_one_line = false,
                                .indents_from_bracket = true,
                                .breaks_empty = true,
                                .final_newline = true};

}  // namespace

Result<AdcsTemplateExport> read_adcs_template(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(const json::value parsed, parse_export(bytes, source));
  const auto bad = [&](const std::string& what) {
    return fault(HResult::E_INVALIDARG, what, {std::string(source), 0, 0, {}},
                 "Export-ADCSTemplate writes one object with the attributes of one template");
  };
  const json::object* object = parsed.if_object();
  if (object == nullptr) return bad("the export is not a JSON object");
  const auto name = text_member(*object, "name");
  if (!name || name->empty()) return bad("the export has no name");
  ldap::Entry entry(templates::template_dn(*name, kAnywhere));
  entry.set("cn", *name);
  for (const Exported& one : kExported) {
    const json::value* value = object->if_contains(one.name);
    if (value == nullptr) continue;
    if (one.name == "objectClass") {
      if (!value->is_string() || !equals_ignore_case(std::string_view(value->get_string()), "pKICertificateTemplate"))
        return bad("the export is not of a certificate template");
      entry.set(one.name, std::vector<std::string>{"top", "pKICertificateTemplate"});
      continue;
    }
    auto values = values_of(one, *value);
    if (!values) return bad(std::string(one.name) + " has a value that the attribute cannot have");
    entry.set(one.name, *std::move(values));
  }
  AdcsTemplateExport out;
  MIMICA_TRY(out.value, templates::decode(entry));
  out.kept = Kept::of(*object, produce(out.value));
  return out;
}

std::string write_adcs_template(const AdcsTemplateExport& document) {
  const std::string text = json_text(document.kept.restore(produce(document.value)), kPowerShell);
  return "\xFF\xFE" + std::string(as_text(utf16_le(utf8_to_utf16(text).value_or(u""))));
}

std::string write_adcs_template(const templates::CertificateTemplate& value) {
  return write_adcs_template({value, {}});
}

}  // namespace mimica::audit
