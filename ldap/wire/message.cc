#include "ldap/wire/message.h"

#include "ldap/wire/ber_reader.h"
#include "ldap/wire/ber_tags.h"
#include "ldap/wire/filter_decode.h"

namespace mimica::ldap {
namespace {

using namespace ber;

constexpr std::size_t kMaxItems = 1'000'000;  // values, attributes or changes of one message
constexpr std::int64_t kMaxMessageId = 0x7FFFFFFF;

Result<Attribute> read_attribute(BerReader& list) {
  MIMICA_TRY(auto inner, list.enter(kSequence, "an attribute"));
  Attribute out;
  MIMICA_TRY(out.name, inner.text(kOctetString, "an attribute name"));
  MIMICA_TRY(auto values, inner.enter(kSet, "attribute values"));
  MIMICA_RETURN_IF_FAULT(inner.finish("an attribute"));
  while (!values.at_end()) {
    if (out.values.size() == kMaxItems) return values.bad("too many values");
    MIMICA_TRY(auto value, values.text(kOctetString, "an attribute value"));
    out.values.push_back(std::move(value));
  }
  return out;
}

Result<Operation> read_bind(BerReader& reader) {
  BindRequest out;
  MIMICA_TRY(out.version, reader.number(kInteger, "the version"));
  MIMICA_TRY(out.name, reader.text(kOctetString, "the bind name"));
  MIMICA_TRY(const auto choice, reader.next());
  BerReader inner = reader.inside(choice);
  switch (choice.tag) {
    case context(0):
      out.method = BindRequest::Method::simple;
      break;
    case context_constructed(3): {
      out.method = BindRequest::Method::sasl;
      MIMICA_TRY(out.mechanism, inner.text(kOctetString, "the SASL mechanism"));
      out.has_credentials = !inner.at_end();
      if (out.has_credentials) {
        MIMICA_TRY(out.credentials, inner.text(kOctetString, "SASL credentials"));
      }
      MIMICA_RETURN_IF_FAULT(inner.finish("SASL credentials"));
      MIMICA_RETURN_IF_FAULT(reader.finish("the bind request"));
      return Operation{std::move(out)};
    }
    case context(9):
      out.method = BindRequest::Method::sicily_discovery;
      break;
    case context(10):
      out.method = BindRequest::Method::sicily_negotiate;
      break;
    case context(11):
      out.method = BindRequest::Method::sicily_response;
      break;
    default:
      return reader.bad("unknown kind of authentication");
  }
  out.credentials = to_string(choice.content);
  MIMICA_RETURN_IF_FAULT(reader.finish("the bind request"));
  return Operation{std::move(out)};
}

Result<Operation> read_search(BerReader& reader) {
  SearchRequestMessage out;
  MIMICA_TRY(out.base, reader.text(kOctetString, "the base"));
  MIMICA_TRY(const auto scope, reader.number(kEnumerated, "the scope"));
  if (scope < 0 || scope > 2) return reader.bad("unknown scope");
  out.scope = static_cast<Scope>(scope);
  MIMICA_TRY(out.dereference, reader.number(kEnumerated, "derefAliases"));
  if (out.dereference < 0 || out.dereference > 3) return reader.bad("unknown derefAliases");
  MIMICA_TRY(out.size_limit, reader.number(kInteger, "the size limit"));
  MIMICA_TRY(out.time_limit, reader.number(kInteger, "the time limit"));
  if (out.size_limit < 0 || out.size_limit > kMaxMessageId || out.time_limit < 0 || out.time_limit > kMaxMessageId)
    return reader.bad("a limit is out of range");
  MIMICA_TRY(out.types_only, reader.boolean(kBoolean, "typesOnly"));
  MIMICA_TRY(out.filter, read_filter(reader));
  MIMICA_TRY(auto list, reader.enter(kSequence, "the attribute list"));
  while (!list.at_end()) {
    if (out.attributes.size() == kMaxItems) return list.bad("too many attributes");
    MIMICA_TRY(auto name, list.text(kOctetString, "an attribute name"));
    out.attributes.push_back(std::move(name));
  }
  MIMICA_RETURN_IF_FAULT(reader.finish("the search request"));
  return Operation{std::move(out)};
}

Result<Operation> read_modify(BerReader& reader) {
  ModifyRequest out;
  MIMICA_TRY(out.dn, reader.text(kOctetString, "the entry"));
  MIMICA_TRY(auto list, reader.enter(kSequence, "the changes"));
  MIMICA_RETURN_IF_FAULT(reader.finish("the modify request"));
  while (!list.at_end()) {
    if (out.changes.size() == kMaxItems) return list.bad("too many changes");
    MIMICA_TRY(auto inner, list.enter(kSequence, "a change"));
    ModifyRequest::Change change;
    MIMICA_TRY(change.operation, inner.number(kEnumerated, "the kind of change"));
    MIMICA_TRY(change.attribute, read_attribute(inner));
    MIMICA_RETURN_IF_FAULT(inner.finish("a change"));
    out.changes.push_back(std::move(change));
  }
  return Operation{std::move(out)};
}

Result<std::vector<Attribute>> read_attributes(BerReader& reader) {
  std::vector<Attribute> out;
  MIMICA_TRY(auto list, reader.enter(kSequence, "the attributes"));
  while (!list.at_end()) {
    if (out.size() == kMaxItems) return list.bad("too many attributes");
    MIMICA_TRY(auto attribute, read_attribute(list));
    out.push_back(std::move(attribute));
  }
  return out;
}

Result<Operation> read_add(BerReader& reader) {
  AddRequest out;
  MIMICA_TRY(out.dn, reader.text(kOctetString, "the entry"));
  MIMICA_TRY(out.attributes, read_attributes(reader));
  MIMICA_RETURN_IF_FAULT(reader.finish("the add request"));
  return Operation{std::move(out)};
}

Result<Operation> read_modify_dn(BerReader& reader) {
  ModifyDnRequest out;
  MIMICA_TRY(out.dn, reader.text(kOctetString, "the entry"));
  MIMICA_TRY(out.new_rdn, reader.text(kOctetString, "the new name"));
  MIMICA_TRY(out.delete_old_rdn, reader.boolean(kBoolean, "deleteoldrdn"));
  if (!reader.at_end()) {
    MIMICA_TRY(out.new_superior, reader.text(context(0), "the new superior"));
  }
  MIMICA_RETURN_IF_FAULT(reader.finish("the modify DN request"));
  return Operation{std::move(out)};
}

Result<Operation> read_compare(BerReader& reader) {
  CompareRequest out;
  MIMICA_TRY(out.dn, reader.text(kOctetString, "the entry"));
  MIMICA_TRY(auto inner, reader.enter(kSequence, "the assertion"));
  MIMICA_TRY(out.attribute, inner.text(kOctetString, "the attribute"));
  MIMICA_TRY(out.value, inner.text(kOctetString, "the value"));
  MIMICA_RETURN_IF_FAULT(inner.finish("the assertion"));
  MIMICA_RETURN_IF_FAULT(reader.finish("the compare request"));
  return Operation{std::move(out)};
}

Result<Operation> read_extended(BerReader& reader) {
  ExtendedRequest out;
  MIMICA_TRY(out.name, reader.text(context(0), "the request name"));
  if (!reader.at_end()) {
    MIMICA_TRY(out.value, reader.text(context(1), "the request value"));
  }
  MIMICA_RETURN_IF_FAULT(reader.finish("the extended request"));
  return Operation{std::move(out)};
}

Result<ResultFields> read_result(BerReader& reader) {
  ResultFields out;
  MIMICA_TRY(const auto code, reader.number(kEnumerated, "the result code"));
  if (code < 0 || code > kMaxMessageId) return reader.bad("the result code is out of range");
  out.code = static_cast<LdapCode>(code);
  MIMICA_TRY(out.matched_dn, reader.text(kOctetString, "the matched DN"));
  MIMICA_TRY(out.diagnostic, reader.text(kOctetString, "the diagnostic message"));
  if (reader.peek() == context_constructed(3)) {
    MIMICA_TRY(auto list, reader.enter(context_constructed(3), "referrals"));
    while (!list.at_end()) {
      MIMICA_TRY(auto url, list.text(kOctetString, "a referral"));
      out.referrals.push_back(std::move(url));
    }
  }
  return out;
}

Result<Operation> read_response(std::uint8_t number, BerReader& reader) {
  if (number == 4) {
    SearchEntry out;
    MIMICA_TRY(out.dn, reader.text(kOctetString, "the entry"));
    MIMICA_TRY(out.attributes, read_attributes(reader));
    MIMICA_RETURN_IF_FAULT(reader.finish("the entry"));
    return Operation{std::move(out)};
  }
  if (number == 19) {
    SearchReference out;
    while (!reader.at_end()) {
      MIMICA_TRY(auto url, reader.text(kOctetString, "a URL"));
      out.urls.push_back(std::move(url));
    }
    return Operation{std::move(out)};
  }
  MIMICA_TRY(auto result, read_result(reader));
  if (number == 1) {
    BindResponse out{std::move(result)};
    if (!reader.at_end()) {
      MIMICA_TRY(out.server_credentials, reader.text(context(7), "server credentials"));
    }
    MIMICA_RETURN_IF_FAULT(reader.finish("the bind response"));
    return Operation{std::move(out)};
  }
  if (number == 24) {
    ExtendedResponse out{std::move(result)};
    if (reader.peek() == context(10)) {
      MIMICA_TRY(out.name, reader.text(context(10), "the response name"));
    }
    if (reader.peek() == context(11)) {
      MIMICA_TRY(out.value, reader.text(context(11), "the response value"));
    }
    MIMICA_RETURN_IF_FAULT(reader.finish("the extended response"));
    return Operation{std::move(out)};
  }
  MIMICA_RETURN_IF_FAULT(reader.finish("the result"));
  return Operation{ResultResponse{static_cast<ResultResponse::Kind>(number), std::move(result)}};
}

Result<Operation> read_operation(BerReader& outer) {
  MIMICA_TRY(const auto element, outer.next());
  BerReader inner = outer.inside(element);
  switch (element.tag) {
    case application(0):
      return read_bind(inner);
    case application_primitive(2):
      return Operation{UnbindRequest{}};
    case application(3):
      return read_search(inner);
    case application(6):
      return read_modify(inner);
    case application(8):
      return read_add(inner);
    case application_primitive(10):
      return Operation{DeleteRequest{to_string(element.content)}};
    case application(12):
      return read_modify_dn(inner);
    case application(14):
      return read_compare(inner);
    case application_primitive(16): {
      std::int64_t id = 0;
      if (element.content.empty() || element.content.size() > 4)
        return outer.bad("the abandoned message has no usable id");
      for (const std::uint8_t octet : element.content) id = id << 8 | octet;
      if (id > kMaxMessageId) return outer.bad("the abandoned message has no usable id");
      return Operation{AbandonRequest{id}};
    }
    case application(23):
      return read_extended(inner);
    case application(1):
    case application(4):
    case application(5):
    case application(7):
    case application(9):
    case application(11):
    case application(13):
    case application(15):
    case application(19):
    case application(24):
      return read_response(static_cast<std::uint8_t>(element.tag & 0x1F), inner);
    default:
      return outer.bad("unknown operation");
  }
}

Result<Control> read_control(BerReader& list) {
  MIMICA_TRY(auto inner, list.enter(kSequence, "a control"));
  Control out;
  MIMICA_TRY(out.oid, inner.text(kOctetString, "a control type"));
  if (inner.peek() == kBoolean) {
    MIMICA_TRY(out.critical, inner.boolean(kBoolean, "a criticality"));
  }
  if (!inner.at_end()) {
    MIMICA_TRY(out.value, inner.text(kOctetString, "a control value"));
  }
  MIMICA_RETURN_IF_FAULT(inner.finish("a control"));
  return out;
}

}  // namespace

Result<std::optional<std::size_t>> message_length(BytesView start, std::size_t limit) {
  const auto bad = [](const char* what) {
    return fault(LdapCode::protocolError, std::string("not an LDAP message: ") + what);
  };
  if (start.empty()) return std::optional<std::size_t>{};
  if (start[0] != kSequence) return bad("it does not begin with a SEQUENCE");
  if (start.size() < 2) return std::optional<std::size_t>{};
  std::size_t length = start[1];
  std::size_t header = 2;
  if (length == 0x80) return bad("its length is indefinite");
  if (length > 0x80) {
    const std::size_t count = length & 0x7F;
    constexpr std::size_t kMostLengthOctets = 8;
    if (count > kMostLengthOctets) return bad("its length is too long");
    if (start.size() < 2 + count) return std::optional<std::size_t>{};
    header += count;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (length > limit) return bad("it is too long");
      length = length << 8 | start[2 + i];
    }
  }
  if (length > limit || header + length > limit) return bad("it is too long");
  return std::optional<std::size_t>{header + length};
}

Result<Message> decode_message(BytesView bytes) {
  BerReader whole(bytes, 0);
  MIMICA_TRY(auto reader, whole.enter(kSequence, "a message"));
  MIMICA_RETURN_IF_FAULT(whole.finish("the message"));
  Message out;
  MIMICA_TRY(out.id, reader.number(kInteger, "the message id"));
  if (out.id < 0 || out.id > kMaxMessageId) return reader.bad("the message id is out of range");
  MIMICA_TRY(out.operation, read_operation(reader));
  if (reader.peek() == context_constructed(0)) {
    MIMICA_TRY(auto list, reader.enter(context_constructed(0), "controls"));
    constexpr std::size_t kMaxControls = 64;
    while (!list.at_end()) {
      if (out.controls.size() == kMaxControls) return list.bad("too many controls");
      MIMICA_TRY(auto control, read_control(list));
      out.controls.push_back(std::move(control));
    }
  }
  MIMICA_RETURN_IF_FAULT(reader.finish("the operation"));
  return out;
}

Result<PagedResults> decode_paged_results(BytesView value) {
  BerReader whole(value, 0);
  MIMICA_TRY(auto reader, whole.enter(kSequence, "the paged results control"));
  MIMICA_RETURN_IF_FAULT(whole.finish("the control"));
  PagedResults out;
  MIMICA_TRY(out.size, reader.number(kInteger, "the page size"));
  MIMICA_TRY(out.cookie, reader.text(kOctetString, "the cookie"));
  MIMICA_RETURN_IF_FAULT(reader.finish("the control"));
  if (out.size < 0 || out.size > kMaxMessageId) return reader.bad("the page size is out of range");
  return out;
}

Result<std::int64_t> decode_flags(BytesView value) {
  BerReader whole(value, 0);
  MIMICA_TRY(auto reader, whole.enter(kSequence, "the control value"));
  MIMICA_RETURN_IF_FAULT(whole.finish("the control"));
  MIMICA_TRY(const auto flags, reader.number(kInteger, "the flags"));
  MIMICA_RETURN_IF_FAULT(reader.finish("the control"));
  return flags;
}

}  // namespace mimica::ldap
