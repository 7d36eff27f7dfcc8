#include "ldap/entry.h"

#include <algorithm>

#include "core/base/number.h"

namespace mimica::ldap {
namespace {

Fault malformed(std::string_view name, std::string_view kind) {
  return fault(LdapCode::invalidAttributeSyntax,
               "attribute " + std::string(name) + " does not hold " + std::string(kind));
}

}  // namespace

std::string_view base_name(std::string_view attribute_description) {
  return attribute_description.substr(0, attribute_description.find(';'));
}

const Attribute* Entry::find(std::string_view name) const {
  const std::string_view wanted = base_name(name);
  const auto found = std::find_if(attributes_.begin(), attributes_.end(), [&](const Attribute& attribute) {
    return equals_ignore_case(base_name(attribute.name), wanted);
  });
  return found == attributes_.end() ? nullptr : &*found;
}

std::string_view Entry::first(std::string_view name) const {
  const Attribute* attribute = find(name);
  return attribute == nullptr || attribute->values.empty() ? std::string_view{} : attribute->values.front();
}

std::vector<std::string> Entry::values(std::string_view name) const {
  const Attribute* attribute = find(name);
  return attribute == nullptr ? std::vector<std::string>{} : attribute->values;
}

Result<std::optional<std::int64_t>> Entry::integer(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr || attribute->values.empty()) return std::optional<std::int64_t>{};
  const auto value = parse_decimal<std::int64_t>(attribute->values.front());
  if (!value) return malformed(name, "an integer");
  return value;
}

Result<std::optional<Sid>> Entry::sid(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr || attribute->values.empty()) return std::optional<Sid>{};
  auto sid = Sid::from_binary(as_bytes(attribute->values.front()));
  if (!sid) return malformed(name, "a security identifier");
  return std::optional<Sid>{*std::move(sid)};
}

Result<std::optional<Guid>> Entry::guid(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr || attribute->values.empty()) return std::optional<Guid>{};
  auto guid = Guid::from_binary(as_bytes(attribute->values.front()));
  if (!guid) return malformed(name, "a GUID");
  return std::optional<Guid>{*guid};
}

Result<std::optional<Timestamp>> Entry::time(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr || attribute->values.empty()) return std::optional<Timestamp>{};
  auto time = parse_generalized(attribute->values.front());
  if (!time) return malformed(name, "a GeneralizedTime");
  return std::optional<Timestamp>{*time};
}

bool Entry::is_a(std::string_view object_class) const {
  const Attribute* attribute = find("objectClass");
  return attribute != nullptr &&
         std::any_of(attribute->values.begin(), attribute->values.end(),
                     [&](const std::string& value) { return equals_ignore_case(value, object_class); });
}

void Entry::set(std::string_view name, std::vector<std::string> values) {
  if (values.empty()) {
    remove(name);
    return;
  }
  const std::string_view wanted = base_name(name);
  for (Attribute& attribute : attributes_) {
    if (!equals_ignore_case(base_name(attribute.name), wanted)) continue;
    attribute.values = std::move(values);
    return;
  }
  attributes_.push_back({std::string(wanted), std::move(values)});
}

void Entry::add(std::string_view name, std::string value) {
  const std::string_view wanted = base_name(name);
  for (Attribute& attribute : attributes_) {
    if (!equals_ignore_case(base_name(attribute.name), wanted)) continue;
    attribute.values.push_back(std::move(value));
    return;
  }
  attributes_.push_back({std::string(wanted), {std::move(value)}});
}

void Entry::remove(std::string_view name) {
  const std::string_view wanted = base_name(name);
  std::erase_if(attributes_,
                [&](const Attribute& attribute) { return equals_ignore_case(base_name(attribute.name), wanted); });
}

}  // namespace mimica::ldap
