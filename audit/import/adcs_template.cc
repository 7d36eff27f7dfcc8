#include "audit/import/adcs_template.h"

#include <algorithm>
#include <boost/json.hpp>

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
        out[one.name] = static_cast<std::int64_t>(std::stoll(attribute->values.front()));
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
void write_convert_to_json(const json::value& value, std::size_t column, std::string& out) {
  const std::string inner(column + 4, ' ');
  if (const auto* object = value.if_object()) {
    out += "{\r\n";
    bool first = true;
    for (const auto& member : *object) {
      if (!first) out += ",\r\n";
      first = false;
      const std::string key = json::serialize(member.key());
      out += inner + key + ":  ";
      write_convert_to_json(member.value(), inner.size() + key.size() + 3, out);
    }
    out += "\r\n" + std::string(column, ' ') + "}";
  } else if (const auto* array = value.if_array()) {
    out += "[\r\n";
    bool first = true;
    for (const json::value& item : *array) {
      if (!first) out += ",\r\n";
      first = false;
      out += inner;
      write_convert_to_json(item, inner.size(), out);
    }
    out += "\r\n" + std::string(column, ' ') + "]";
  } else {
    out += json::serialize(value);
  }
}

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
  std::string text;
  write_convert_to_json(document.kept.restore(produce(document.value)), 0, text);
  text += "\r\n";
  return "\xFF\xFE" + std::string(as_text(utf16_le(utf8_to_utf16(text).value_or(u""))));
}

std::string write_adcs_template(const templates::CertificateTemplate& value) {
  return write_adcs_template({value, {}});
}

}  // namespace mimica::audit
