// The attributeSchema and classSchema objects. Hundreds of entries that few clients read: they are made when a request
// first names the schema naming context, with GUIDs that depend on the forest alone.
#include "ldap/dsa/schema_objects.h"

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/known_attributes.h"

namespace mimica::ldap::dsa {
namespace {

std::vector<std::string> strings(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

std::string wire_guid(std::string_view text) {
  const auto guid = Guid::parse(text);
  return guid ? to_string(guid->to_binary()) : std::string();
}

Entry describe(const AttributeType& type) {
  constexpr int kIndexed = 1, kAnr = 4, kConfidential = 128;
  Entry out;
  const SyntaxCodes codes = syntax_codes(type.syntax);
  out.set("lDAPDisplayName", std::string(type.name));
  out.set("attributeID", std::string(type.oid));
  out.set("attributeSyntax", std::string(codes.attribute_syntax));
  out.set("oMSyntax", std::to_string(codes.om_syntax));
  out.set("isSingleValued", type.single_valued ? "TRUE" : "FALSE");
  out.set("systemOnly", type.system_only ? "TRUE" : "FALSE");
  out.set("searchFlags", std::to_string((type.indexed ? kIndexed : 0) | (type.anr ? kAnr : 0) |
                                        (type.confidential ? kConfidential : 0)));
  if (type.link_id != 0) out.set("linkID", std::to_string(type.link_id));
  if (type.property_set != PropertySet::none)
    out.set("attributeSecurityGUID", to_string(property_set_guid(type.property_set).to_binary()));
  if (type.constructed) out.set("systemFlags", "4");
  return out;
}

Entry describe(const ObjectClass& entry, std::string_view schema_dn) {
  Entry out;
  out.set("lDAPDisplayName", std::string(entry.name));
  out.set("governsID", std::string(entry.oid));
  out.set("subClassOf", std::string(entry.superclass));
  out.set("objectClassCategory", std::to_string(static_cast<int>(entry.kind)));
  out.set("rDNAttID", std::string(entry.naming_attribute));
  out.set("defaultObjectCategory", "CN=" + std::string(entry.default_category) + "," + std::string(schema_dn));
  out.set("defaultHidingValue", entry.hidden ? "TRUE" : "FALSE");
  if (!entry.default_sddl.empty()) out.set("defaultSecurityDescriptor", std::string(entry.default_sddl));
  out.set("systemAuxiliaryClass", strings(entry.auxiliary));
  out.set("systemMustContain", strings(entry.must));
  out.set("systemMayContain", strings(entry.may));
  out.set("systemPossSuperiors", strings(entry.superiors));
  return out;
}

}  // namespace

bool needs_schema_objects(const State& state, std::string_view dn) {
  if (state.schema_loaded) return false;
  const std::string key = normalise_dn(dn);
  return key.size() >= state.schema_key.size() && key.ends_with(state.schema_key) &&
         key != "cn=aggregate," + state.schema_key;
}

void load_schema_objects(State& state) {
  if (state.schema_loaded) return;
  const Schema& schema = Schema::active_directory();
  const Record* head = state.store.find(state.contexts.schema);
  if (head == nullptr) return;
  const RecordId parent = head->id;
  const std::string when(head->first(known().when_created));
  const std::string usn(head->first(known().usn_created));
  SeededEntropy entropy(state.schema_seed);
  const auto make = [&](std::string_view class_name, std::string_view cn, const Entry& details, std::string_view guid) {
    const ObjectClass& object_class = *schema.object_class(class_name);
    Record record;
    record.parent = parent;
    record.naming_context = parent;
    record.dn = "CN=" + std::string(cn) + "," + state.contexts.schema;
    record.key = normalise_dn(record.dn);
    record.object_class = &object_class;
    record.guid = Guid::random(entropy);
    record.set(known().object_class, {"top", std::string(class_name)});
    record.set(known().cn, {std::string(cn)});
    record.set(known().name, {std::string(cn)});
    record.set(known().instance_type, {"4"});
    record.set(known().when_created, {when});
    record.set(known().when_changed, {when});
    record.set(known().usn_created, {usn});
    record.set(known().usn_changed, {usn});
    record.set(known().hidden, {"TRUE"});
    record.set(known().object_guid, {to_string(record.guid.to_binary())});
    record.set(known().object_category,
               {"CN=" + std::string(object_class.default_category) + "," + state.contexts.schema});
    record.set(*schema.attribute("schemaIDGUID"), {wire_guid(guid)});
    for (const Attribute& attribute : details.attributes())
      record.set(*schema.attribute(attribute.name), attribute.values);
    record.set(known().descriptor, {new_descriptor(state, Caller::system(), state.store.get(parent), object_class,
                                                   std::string_view(), false)});
    state.store.insert(std::move(record));
  };
  for (const AttributeType& type : schema.attributes()) make("attributeSchema", type.cn, describe(type), type.guid);
  for (const ObjectClass& entry : schema.classes())
    make("classSchema", entry.cn, describe(entry, state.contexts.schema), entry.guid);
  state.schema_loaded = true;
}

}  // namespace mimica::ldap::dsa
