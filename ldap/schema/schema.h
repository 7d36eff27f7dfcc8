// The part of Active Directory's schema that this directory knows: attributes with their syntaxes and classes with
// their attributes (MS-ADA1, MS-ADA2, MS-ADA3, MS-ADSC; the tables are schema_attributes.def and schema_classes.def).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/windows/guid.h"

namespace mimica::ldap {

enum class Syntax : std::uint8_t {  // MS-ADTS 3.1.1.2.2.2
  unicode,
  integer,
  enumeration,
  large_integer,
  octets,
  sid,
  dn,
  dn_binary,
  dn_string,
  security_descriptor,
  generalized_time,
  utc_time,
  boolean,
  oid,
  teletex,
  case_string,
  ia5,
  printable,
  numeric,
  presentation_address,
  replica_link,
};

// Property sets (MS-ADTS 3.1.1.2.3.3): object ACEs may name one instead of a single attribute.
enum class PropertySet : std::uint8_t {
  none,
  general,
  personal,
  public_information,
  web,
  account_restrictions,
  logon,
  membership,
  mail_options,
  remote_access,
  dns_host_name,
  domain_password,
  domain_other,
  terminal_server,
  private_information,
  msmq,
};
Guid property_set_guid(PropertySet set);

struct AttributeType {
  std::string_view name;  // lDAPDisplayName
  std::string_view cn;    // of its attributeSchema object
  std::string_view oid;
  Syntax syntax = Syntax::unicode;
  bool single_valued = false;
  bool system_only = false;  // clients may not write it
  bool indexed = false;
  bool anr = false;          // part of ambiguous name resolution
  bool constructed = false;  // computed on reading; not stored, not in "*", not usable in filters
  bool operational = false;
  bool confidential = false;
  std::uint32_t link_id = 0;  // even and not 0: forward link; odd: back link
  PropertySet property_set = PropertySet::none;
  std::string_view guid;    // schemaIDGUID, text form
  std::uint16_t index = 0;  // position in Schema::attributes()
  bool forward_link() const { return link_id != 0 && link_id % 2 == 0; }
  bool back_link() const { return link_id % 2 == 1; }
};

struct ObjectClass {
  enum class Kind : std::uint8_t { class88 = 0, structural = 1, abstract = 2, auxiliary = 3 };
  std::string_view name;  // lDAPDisplayName
  std::string_view cn;
  std::string_view oid;
  Kind kind = Kind::structural;
  std::string_view superclass;
  std::string_view naming_attribute;
  std::string_view guid;
  std::string_view default_category;  // cn of the classSchema object that objectCategory names
  bool hidden = false;                // new objects get showInAdvancedViewOnly
  std::vector<std::string_view> auxiliary, must, may, superiors;  // as declared by the class itself
  std::string_view default_sddl;
  std::uint16_t index = 0;
};

class Schema {
 public:
  // Built once for the process and shared by every forest.
  static const Schema& active_directory();

  // By lDAPDisplayName (any case, options ignored) or dotted OID; nullptr when unknown.
  const AttributeType* attribute(std::string_view name) const;
  const ObjectClass* object_class(std::string_view name) const;
  const std::vector<AttributeType>& attributes() const { return attributes_; }
  const std::vector<ObjectClass>& classes() const { return classes_; }
  // The other end of a link; nullptr when it is not in the table.
  const AttributeType* linked(const AttributeType& type) const;
  // From top to the class itself.
  std::vector<const ObjectClass*> chain(const ObjectClass& object_class) const;
  // Attributes of the class, its superclasses and all their auxiliary classes.
  bool allows(const ObjectClass& object_class, const AttributeType& type) const;
  const std::vector<const AttributeType*>& required(const ObjectClass& object_class) const;
  // Whether objects of `parent` class may hold objects of `child` class.
  bool may_contain(const ObjectClass& parent, const ObjectClass& child) const;

  // Values of the subschema entry, in the grammar of MS-ADTS 3.1.1.3.1.1.1.
  std::vector<std::string> attribute_type_texts() const;
  std::vector<std::string> object_class_texts() const;
  std::vector<std::string> content_rule_texts() const;
  std::vector<std::string> extended_class_texts() const;
  std::vector<std::string> extended_attribute_texts() const;

 private:
  Schema();
  struct Closure {
    std::vector<const AttributeType*> must;
    std::vector<bool> allowed;  // by AttributeType::index
  };
  void close(const ObjectClass& object_class, Closure& out, int depth) const;

  std::vector<AttributeType> attributes_;
  std::vector<ObjectClass> classes_;
  std::unordered_map<std::string, std::uint16_t> attribute_by_name_;
  std::unordered_map<std::string, std::uint16_t> class_by_name_;
  std::unordered_map<std::uint32_t, std::uint16_t> by_link_;
  std::vector<Closure> closures_;  // by ObjectClass::index
};

// The SYNTAX of a subschema description, and the attributeSyntax and oMSyntax of an attributeSchema object.
struct SyntaxCodes {
  std::string_view ldap_oid;
  std::string_view attribute_syntax;
  int om_syntax;
};
SyntaxCodes syntax_codes(Syntax syntax);

}  // namespace mimica::ldap
