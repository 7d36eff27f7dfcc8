#include "audit/import/live_diff.h"

#include <boost/json.hpp>

#include "core/windows/security_descriptor.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

enum class AttributeShape { text, octets, descriptor, boolean, time };
AttributeShape shape_of(std::string_view attribute) {
  constexpr std::string_view kOctets[] = {"pKIKeyUsage",
                                          "pKIExpirationPeriod",
                                          "pKIOverlapPeriod",
                                          "cACertificate",
                                          "certificateRevocationList",
                                          "authorityRevocationList",
                                          "deltaRevocationList",
                                          "objectGUID",
                                          "userCertificate"};
  for (const std::string_view one : kOctets)
    if (equals_ignore_case(one, attribute)) return AttributeShape::octets;
  if (equals_ignore_case(attribute, "nTSecurityDescriptor")) return AttributeShape::descriptor;
  if (equals_ignore_case(attribute, "showInAdvancedViewOnly")) return AttributeShape::boolean;
  if (equals_ignore_case(attribute, "whenCreated")) return AttributeShape::time;
  return AttributeShape::text;
}

// "48 130 5"
std::optional<std::string> read_octets(std::string_view text) {
  std::string out;
  for (const std::string_view part : split(text, ' ')) {
    unsigned value = 0;
    if (part.empty() || part.size() > 3) return std::nullopt;
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 255) return std::nullopt;
    out.push_back(static_cast<char>(value));
  }
  return out;
}
std::string write_octets(std::string_view octets) {
  std::string out;
  for (const char c : octets)
    out += (out.empty() ? "" : " ") + std::to_string(static_cast<unsigned>(static_cast<unsigned char>(c)));
  return out;
}

// "06/10/2023 04:10:16" to "20230610041016.0Z" and back.
std::optional<std::string> read_time(std::string_view text) {
  if (text.size() != 19 || text[2] != '/' || text[5] != '/' || text[10] != ' ' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  std::string out;
  for (const auto& [at, length] : {std::pair{6, 4}, {0, 2}, {3, 2}, {11, 2}, {14, 2}, {17, 2}})
    out += text.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(length));
  for (const char c : out)
    if (c < '0' || c > '9') return std::nullopt;
  return out + ".0Z";
}
std::string write_time(std::string_view time) {
  if (time.size() < 14) return std::string(time);
  const auto part = [&](std::size_t at, std::size_t length) { return std::string(time.substr(at, length)); };
  return part(4, 2) + "/" + part(6, 2) + "/" + part(0, 4) + " " + part(8, 2) + ":" + part(10, 2) + ":" + part(12, 2);
}

std::optional<std::string> to_directory(AttributeShape shape, const std::string& text, const Sid& domain) {
  switch (shape) {
    case AttributeShape::text:
      return text;
    case AttributeShape::octets:
      return read_octets(text);
    case AttributeShape::descriptor: {
      const auto sd = SecurityDescriptor::from_sddl(text, domain, domain);
      return sd ? std::optional<std::string>(std::string(as_text(sd->to_binary()))) : std::nullopt;
    }
    case AttributeShape::boolean:
      return text == "True"    ? std::optional<std::string>("TRUE")
             : text == "False" ? std::optional<std::string>("FALSE")
                               : std::nullopt;
    case AttributeShape::time:
      return read_time(text);
  }
  return std::nullopt;
}

std::string to_text(AttributeShape shape, const std::string& value, const Sid& domain) {
  switch (shape) {
    case AttributeShape::text:
      return value;
    case AttributeShape::octets:
      return write_octets(value);
    case AttributeShape::descriptor: {
      const auto sd = SecurityDescriptor::from_binary(as_bytes(value));
      // .NET writes the forest's own groups as SIDs.
      return sd ? sd->to_sddl(domain, Sid()) : value;
    }
    case AttributeShape::boolean:
      return value == "TRUE" ? "True" : "False";
    case AttributeShape::time:
      return write_time(value);
  }
  return value;
}

json::object produce_attributes(const LiveDiffObject& one, const Sid& domain) {
  json::object out;
  for (const ldap::Attribute& attribute : one.entry.attributes()) {
    json::array values;
    for (const std::string& value : attribute.values)
      values.emplace_back(to_text(shape_of(attribute.name), value, domain));
    out[attribute.name] = std::move(values);
  }
  return out;
}

json::object produce(const LiveDiffObject& one, const Sid& domain) {
  json::object out;
  out["dn"] = one.entry.dn();
  const std::vector<std::string> classes = one.entry.values("objectClass");
  if (!classes.empty()) out["class"] = classes.back();
  out["attributes"] = one.kept_attributes.restore(produce_attributes(one, domain));
  return out;
}

json::object produce(const LiveDiff& document) {
  json::array objects;
  for (const LiveDiffObject& one : document.objects) objects.push_back(one.kept.restore(produce(one, document.domain)));
  json::object out;
  out["domainSid"] = document.domain.to_string();
  out["objects"] = std::move(objects);
  return out;
}

}  // namespace

Result<LiveDiff> read_live_diff(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(const json::value parsed, parse_export(bytes, source));
  const auto bad = [&](const std::string& what) {
    return fault(HResult::E_INVALIDARG, what, {std::string(source), 0, 0, {}});
  };
  const json::object* object = parsed.if_object();
  const json::value* objects = object == nullptr ? nullptr : object->if_contains("objects");
  if (objects == nullptr || !objects->is_array()) return bad("the export has no list of objects");
  LiveDiff out;
  if (const auto sid = Sid::parse(text_member(*object, "domainSid").value_or(""))) out.domain = *sid;
  for (const json::value& item : objects->get_array()) {
    const json::object* found = item.if_object();
    const auto dn = found == nullptr ? std::nullopt : text_member(*found, "dn");
    if (!dn || dn->empty()) return bad("an object of the export has no DN");
    LiveDiffObject one;
    one.entry.set_dn(*dn);
    const json::value* attributes = found->if_contains("attributes");
    if (attributes != nullptr && attributes->is_object()) {
      for (const auto& member : attributes->get_object()) {
        const auto texts = texts_member(attributes->get_object(), member.key());
        if (!texts || texts->empty()) continue;
        std::vector<std::string> values;
        for (const std::string& text : *texts)
          if (auto value = to_directory(shape_of(member.key()), text, out.domain)) values.push_back(*std::move(value));
        if (values.size() == texts->size()) one.entry.set(member.key(), std::move(values));
      }
      one.kept_attributes = Kept::of(attributes->get_object(), produce_attributes(one, out.domain));
    }
    // The script prints the most derived class only.
    if (const auto object_class = text_member(*found, "class"); object_class && !one.entry.has("objectClass"))
      one.entry.set("objectClass", std::vector<std::string>{"top", *object_class});
    one.kept = Kept::of(*found, produce(one, out.domain));
    out.objects.push_back(std::move(one));
  }
  out.kept = Kept::of(*object, produce(out));
  return out;
}

std::string write_live_diff(const LiveDiff& document) {
  return python_json(document.kept.restore(produce(document)), true);
}

}  // namespace mimica::audit
