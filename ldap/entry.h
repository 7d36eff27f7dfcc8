// Directory entries as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/windows/guid.h"
#include "core/windows/sid.h"

namespace mimica::ldap {

// Values are raw octets in the order the directory returns them.
struct Attribute {
  std::string name;  // lDAPDisplayName spelling, without options
  std::vector<std::string> values;
  bool operator==(const Attribute&) const = default;
};

// A DN and attributes. Attribute names compare case-insensitively and without options such as ";binary".
class Entry {
 public:
  Entry() = default;
  explicit Entry(std::string dn) : dn_(std::move(dn)) {}
  const std::string& dn() const { return dn_; }  // RFC 4514, as the directory spells it
  void set_dn(std::string dn) { dn_ = std::move(dn); }
  const std::vector<Attribute>& attributes() const { return attributes_; }
  bool operator==(const Entry&) const = default;

  const Attribute* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // First value; empty view when absent.
  std::string_view first(std::string_view name) const;
  std::vector<std::string> values(std::string_view name) const;  // empty when absent
  // Typed readings of the first value: nullopt when absent, Fault (LDAP invalidAttributeSyntax) when malformed.
  Result<std::optional<std::int64_t>> integer(std::string_view name) const;
  Result<std::optional<Sid>> sid(std::string_view name) const;
  Result<std::optional<Guid>> guid(std::string_view name) const;
  Result<std::optional<Timestamp>> time(std::string_view name) const;  // GeneralizedTime
  // True when objectClass holds that class (case-insensitive).
  bool is_a(std::string_view object_class) const;

  void set(std::string_view name, std::vector<std::string> values);  // replaces; an empty list removes
  void set(std::string_view name, std::string value) { set(name, std::vector<std::string>{std::move(value)}); }
  void set(std::string_view name, BytesView value) { set(name, to_string(value)); }
  void add(std::string_view name, std::string value);  // appends; no duplicate check
  void remove(std::string_view name);

 private:
  std::string dn_;
  std::vector<Attribute> attributes_;
};

// The attribute name without options: "userCertificate;binary" -> "userCertificate".
std::string_view base_name(std::string_view attribute_description);

}  // namespace mimica::ldap
