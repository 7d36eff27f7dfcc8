#include "ldap/wire/message_encode.h"

#include "ldap/wire/ber_tags.h"

namespace mimica::ldap {
namespace {

using namespace ber;

// Writing: contents are appended to a string and wrapped.
std::string wrap(std::uint8_t tag, std::string_view content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    out.push_back(static_cast<char>(content.size()));
  } else {
    std::string length;
    for (std::size_t rest = content.size(); rest > 0; rest >>= 8)
      length.insert(length.begin(), static_cast<char>(rest & 0xFF));
    out.push_back(static_cast<char>(0x80 | length.size()));
    out += length;
  }
  out += content;
  return out;
}

std::string octets(std::string_view text) { return wrap(kOctetString, text); }

std::string integer(std::uint8_t tag, std::int64_t value) {
  std::string content;
  bool more = true;
  while (more) {
    content.insert(content.begin(), static_cast<char>(value & 0xFF));
    const bool negative = (value & 0x80) != 0;
    value >>= 8;
    more = !((value == 0 && !negative) || (value == -1 && negative));
  }
  return wrap(tag, content);
}

std::string boolean(std::uint8_t tag, bool value) { return wrap(tag, value ? "\xFF" : std::string_view("\0", 1)); }

std::string write_attribute(const Attribute& attribute) {
  std::string values;
  for (const std::string& value : attribute.values) values += octets(value);
  return wrap(kSequence, octets(attribute.name) + wrap(kSet, values));
}

std::string write_attributes(const std::vector<Attribute>& attributes) {
  std::string out;
  for (const Attribute& attribute : attributes) out += write_attribute(attribute);
  return wrap(kSequence, out);
}

std::string write_filter(const Filter& filter) {
  switch (filter.kind) {
    case Filter::Kind::all:
    case Filter::Kind::any:
    case Filter::Kind::negation: {
      std::string children;
      for (const Filter& child : filter.children) children += write_filter(child);
      return wrap(context_constructed(filter.kind == Filter::Kind::all   ? 0
                                      : filter.kind == Filter::Kind::any ? 1
                                                                         : 2),
                  children);
    }
    case Filter::Kind::present:
      return wrap(context(7), filter.attribute);
    case Filter::Kind::substrings: {
      std::string parts;
      if (!filter.initial.empty()) parts += wrap(context(0), filter.initial);
      for (const std::string& part : filter.middle) parts += wrap(context(1), part);
      if (!filter.final.empty()) parts += wrap(context(2), filter.final);
      return wrap(context_constructed(4), octets(filter.attribute) + wrap(kSequence, parts));
    }
    case Filter::Kind::extensible: {
      std::string out;
      if (!filter.rule.empty()) out += wrap(context(1), filter.rule);
      if (!filter.attribute.empty()) out += wrap(context(2), filter.attribute);
      out += wrap(context(3), filter.value);
      if (filter.dn_attributes) out += boolean(context(4), true);
      return wrap(context_constructed(9), out);
    }
    default:
      break;
  }
  const unsigned number = filter.kind == Filter::Kind::equality           ? 3
                          : filter.kind == Filter::Kind::greater_or_equal ? 5
                          : filter.kind == Filter::Kind::less_or_equal    ? 6
                                                                          : 8;
  return wrap(context_constructed(number), octets(filter.attribute) + octets(filter.value));
}

std::string write_result(const ResultFields& result) {
  std::string out = integer(kEnumerated, static_cast<std::int64_t>(result.code)) + octets(result.matched_dn) +
                    octets(result.diagnostic);
  if (result.referrals.empty()) return out;
  std::string urls;
  for (const std::string& url : result.referrals) urls += octets(url);
  return out + wrap(context_constructed(3), urls);
}

struct Writer {
  std::string operator()(const BindRequest& bind) const {
    std::string choice;
    switch (bind.method) {
      case BindRequest::Method::simple:
        choice = wrap(context(0), bind.credentials);
        break;
      case BindRequest::Method::sasl:
        choice = wrap(context_constructed(3),
                      octets(bind.mechanism) + (bind.has_credentials ? octets(bind.credentials) : std::string()));
        break;
      case BindRequest::Method::sicily_discovery:
        choice = wrap(context(9), bind.credentials);
        break;
      case BindRequest::Method::sicily_negotiate:
        choice = wrap(context(10), bind.credentials);
        break;
      case BindRequest::Method::sicily_response:
        choice = wrap(context(11), bind.credentials);
        break;
    }
    return wrap(application(0), integer(kInteger, bind.version) + octets(bind.name) + choice);
  }
  std::string operator()(const UnbindRequest&) const { return wrap(application_primitive(2), {}); }
  std::string operator()(const SearchRequestMessage& search) const {
    std::string names;
    for (const std::string& name : search.attributes) names += octets(name);
    return wrap(application(3), octets(search.base) + integer(kEnumerated, static_cast<std::int64_t>(search.scope)) +
                                    integer(kEnumerated, search.dereference) + integer(kInteger, search.size_limit) +
                                    integer(kInteger, search.time_limit) + boolean(kBoolean, search.types_only) +
                                    write_filter(search.filter) + wrap(kSequence, names));
  }
  std::string operator()(const ModifyRequest& modify) const {
    std::string changes;
    for (const ModifyRequest::Change& change : modify.changes)
      changes += wrap(kSequence, integer(kEnumerated, change.operation) + write_attribute(change.attribute));
    return wrap(application(6), octets(modify.dn) + wrap(kSequence, changes));
  }
  std::string operator()(const AddRequest& add) const {
    return wrap(application(8), octets(add.dn) + write_attributes(add.attributes));
  }
  std::string operator()(const DeleteRequest& erase) const { return wrap(application_primitive(10), erase.dn); }
  std::string operator()(const ModifyDnRequest& rename) const {
    return wrap(application(12), octets(rename.dn) + octets(rename.new_rdn) + boolean(kBoolean, rename.delete_old_rdn) +
                                     (rename.new_superior ? wrap(context(0), *rename.new_superior) : std::string()));
  }
  std::string operator()(const CompareRequest& compare) const {
    return wrap(application(14),
                octets(compare.dn) + wrap(kSequence, octets(compare.attribute) + octets(compare.value)));
  }
  std::string operator()(const AbandonRequest& abandon) const {
    const std::string number = integer(kInteger, abandon.message_id);
    return wrap(application_primitive(16), std::string_view(number).substr(2));
  }
  std::string operator()(const ExtendedRequest& extended) const {
    return wrap(application(23),
                wrap(context(0), extended.name) + (extended.value ? wrap(context(1), *extended.value) : std::string()));
  }
  std::string operator()(const BindResponse& bind) const {
    return wrap(application(1),
                write_result(bind.result) +
                    (bind.server_credentials ? wrap(context(7), *bind.server_credentials) : std::string()));
  }
  std::string operator()(const SearchEntry& entry) const {
    return wrap(application(4), octets(entry.dn) + write_attributes(entry.attributes));
  }
  std::string operator()(const SearchReference& reference) const {
    std::string urls;
    for (const std::string& url : reference.urls) urls += octets(url);
    return wrap(application(19), urls);
  }
  std::string operator()(const ResultResponse& response) const {
    return wrap(application(static_cast<unsigned>(response.kind)), write_result(response.result));
  }
  std::string operator()(const ExtendedResponse& extended) const {
    return wrap(application(24), write_result(extended.result) +
                                     (extended.name ? wrap(context(10), *extended.name) : std::string()) +
                                     (extended.value ? wrap(context(11), *extended.value) : std::string()));
  }
};

}  // namespace

Bytes encode_message(const Message& message) {
  std::string content = integer(kInteger, message.id) + std::visit(Writer{}, message.operation);
  if (!message.controls.empty()) {
    std::string controls;
    for (const Control& control : message.controls)
      controls += wrap(kSequence, octets(control.oid) + (control.critical ? boolean(kBoolean, true) : std::string()) +
                                      (control.value ? octets(*control.value) : std::string()));
    content += wrap(context_constructed(0), controls);
  }
  return to_bytes(wrap(kSequence, content));
}

std::string encode_paged_results(const PagedResults& value) {
  return wrap(kSequence, integer(kInteger, value.size) + octets(value.cookie));
}

std::string encode_flags(std::int64_t flags) { return wrap(kSequence, integer(kInteger, flags)); }

}  // namespace mimica::ldap
