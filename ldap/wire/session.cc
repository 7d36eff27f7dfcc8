#include "ldap/wire/session.h"

#include <algorithm>

#include "core/base/number.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/protocol.h"
#include "ldap/wire/message_encode.h"

namespace mimica::ldap {
namespace {

constexpr std::string_view kCriticalUnsupported =
    "00000057: LdapErr: DSID-0C0909A2, comment: Error processing control, data 0, v3839";

void send(Session::Output& out, std::int64_t id, Operation operation, std::vector<Control> controls = {}) {
  const Bytes octets = encode_message({id, std::move(operation), std::move(controls)});
  out.octets.insert(out.octets.end(), octets.begin(), octets.end());
}

// The response that belongs to a request; nullopt for requests without one.
std::optional<Operation> response_to(const Operation& request, ResultFields result) {
  using Kind = ResultResponse::Kind;
  if (std::holds_alternative<BindRequest>(request)) return BindResponse{std::move(result)};
  if (std::holds_alternative<ExtendedRequest>(request)) return ExtendedResponse{std::move(result)};
  if (std::holds_alternative<SearchRequestMessage>(request))
    return ResultResponse{Kind::search_done, std::move(result)};
  if (std::holds_alternative<ModifyRequest>(request)) return ResultResponse{Kind::modify, std::move(result)};
  if (std::holds_alternative<AddRequest>(request)) return ResultResponse{Kind::add, std::move(result)};
  if (std::holds_alternative<DeleteRequest>(request)) return ResultResponse{Kind::erase, std::move(result)};
  if (std::holds_alternative<ModifyDnRequest>(request)) return ResultResponse{Kind::modify_dn, std::move(result)};
  if (std::holds_alternative<CompareRequest>(request)) return ResultResponse{Kind::compare, std::move(result)};
  return std::nullopt;
}

bool is_request(const Operation& operation) {
  return response_to(operation, {}).has_value() || std::holds_alternative<UnbindRequest>(operation) ||
         std::holds_alternative<AbandonRequest>(operation);
}

struct Range {
  std::size_t low = 0;
  std::optional<std::size_t> high;  // nullopt: "*"
};

// "member;range=0-1499" (MS-ADTS 3.1.1.3.1.3.3).
std::optional<Range> range_option(std::string_view description) {
  for (const std::string_view option : split(description, ';')) {
    if (!starts_with_ignore_case(option, "range=")) continue;
    const std::string_view text = option.substr(6);
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    Range out;
    const std::string_view low = text.substr(0, dash);
    const std::string_view high = text.substr(dash + 1);
    const auto first = parse_decimal<std::size_t>(low);
    if (!first) return std::nullopt;
    out.low = *first;
    if (high == "*") return out;
    out.high = parse_decimal<std::size_t>(high);
    return out.high && *out.high >= out.low ? std::optional(out) : std::nullopt;
  }
  return std::nullopt;
}

bool has_option(std::string_view description, std::string_view option) {
  const auto parts = split(description, ';');
  return std::any_of(parts.begin() + 1, parts.end(),
                     [&](std::string_view part) { return equals_ignore_case(part, option); });
}

std::string_view best_match(std::string_view diagnostic) {
  constexpr std::string_view kMark = "best match of:\n\t'";
  const auto at = diagnostic.find(kMark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = diagnostic.substr(at + kMark.size());
  return rest.substr(0, rest.find("'\n"));
}

// Attributes as the wire shows them: options that were asked for, ranges of long lists, types without values.
Result<SearchEntry> wire_entry(const Entry& entry, const SearchRequestMessage& request) {
  SearchEntry out;
  out.dn = entry.dn();
  for (const Attribute& attribute : entry.attributes()) {
    std::string name = attribute.name;
    std::optional<Range> range;
    for (const std::string& asked : request.attributes) {
      if (asked.find(';') == std::string::npos || !equals_ignore_case(base_name(asked), attribute.name)) continue;
      if (has_option(asked, "binary")) name += ";binary";
      range = range_option(asked);
      break;
    }
    if (request.types_only) {
      out.attributes.push_back({std::move(name), {}});
      continue;
    }
    const std::size_t count = attribute.values.size();
    if (!range && count <= limit::kMaxValRange) {
      out.attributes.push_back({std::move(name), attribute.values});
      continue;
    }
    if (!range) out.attributes.push_back({name, {}});
    const std::size_t low = range ? range->low : 0;
    if (low >= count)
      return protocol_error(LdapCode::operationsError, win32::kInvalidParameter,
                            "The range begins after the last value", "");
    const std::size_t wanted = range && range->high ? *range->high + 1 : count;
    const std::size_t end = std::min({wanted, count, low + limit::kMaxValRange});
    name += ";range=" + std::to_string(low) + "-" + (end == count ? std::string("*") : std::to_string(end - 1));
    out.attributes.push_back({std::move(name),
                              {attribute.values.begin() + static_cast<std::ptrdiff_t>(low),
                               attribute.values.begin() + static_cast<std::ptrdiff_t>(end)}});
  }
  return out;
}

Entry entry_from(const AddRequest& request) {
  Entry out(request.dn);
  for (const Attribute& attribute : request.attributes)
    for (const std::string& value : attribute.values) out.add(attribute.name, value);
  return out;
}

}  // namespace

Bytes Session::notice_of_disconnection(LdapCode code, std::string_view diagnostic) {
  return encode_message({0, ExtendedResponse{{.code = code, .diagnostic = std::string(diagnostic)},
                                             std::string(extension::kNoticeOfDisconnection)}});
}

ResultFields Session::result_of(const Fault& fault, std::string_view dn) const {
  const LdapCode* code = std::get_if<LdapCode>(&fault.code);
  ResultFields out{.code = code == nullptr ? LdapCode::other : *code, .diagnostic = fault.what};
  out.matched_dn = best_match(fault.what);
  // Active Directory's messages end with a NUL octet; clients that print C strings never notice.
  if (!out.diagnostic.empty()) out.diagnostic.push_back('\0');
  if (out.code == LdapCode::referral) {
    const std::string host = dns_name_of(dn);
    out.referrals.push_back("ldap://" + (host.empty() ? dsa_.dns_name() : host) + "/" + std::string(dn));
  }
  return out;
}

Result<Session::Controls> Session::read_controls(const std::vector<Control>& controls) const {
  Controls out;
  for (const mimica::ldap::Control& control : controls) {
    const BytesView value = as_bytes(control.value ? std::string_view(*control.value) : std::string_view());
    bool understood = true;
    if (control.oid == control::kPagedResults) {
      auto paged = decode_paged_results(value);
      understood = paged.has_value();
      if (understood) out.paged = *std::move(paged);
    } else if (control.oid == control::kSdFlags) {
      const auto flags = decode_flags(value);
      understood = flags.has_value() || !control.value;
      if (understood) out.sd_flags = flags ? static_cast<std::uint32_t>(*flags) : 0;
    } else if (control.oid == control::kSearchOptions) {
      const auto flags = decode_flags(value);
      understood = flags.has_value();
      if (understood) {
        out.domain_scope |= (*flags & 1) != 0;
        out.phantom_root |= (*flags & 2) != 0;
      }
    } else if (control.oid == control::kDomainScope) {
      out.domain_scope = true;
    } else if (control.oid == control::kShowDeleted || control.oid == control::kShowRecycled) {
      out.show_deleted = true;
    } else if (control.oid == control::kPermissiveModify) {
      out.permissive = true;
    } else if (control.oid == control::kTreeDelete) {
      out.tree_delete = true;
    } else {
      understood = control.oid == control::kLazyCommit;
    }
    if (!understood && control.critical)
      return fault(LdapCode::unavailableCriticalExtension, std::string(kCriticalUnsupported), {},
                   "the control " + control.oid + " is unknown or malformed");
  }
  return out;
}

Session::Output Session::handle(BytesView bytes) {
  Output out;
  const auto message = decode_message(bytes);
  if (!message || message->id == 0 || !is_request(message->operation)) {
    constexpr std::string_view kBad =
        "00000057: LdapErr: DSID-0C0C0062, comment: Error decoding ldap message, data 0, v3839";
    out.octets = notice_of_disconnection(LdapCode::protocolError, kBad);
    out.close = true;
    return out;
  }
  perform(*message, out);
  return out;
}

void Session::perform(const Message& message, Output& out) {
  if (std::holds_alternative<UnbindRequest>(message.operation)) {
    out.close = true;
    return;
  }
  // Every operation is complete when its request has been read, so there is never anything to abandon.
  if (std::holds_alternative<AbandonRequest>(message.operation)) return;
  const auto controls = read_controls(message.controls);
  if (!controls) {
    if (auto response = response_to(message.operation, result_of(controls.error(), {})))
      send(out, message.id, *std::move(response));
    return;
  }
  if (const auto* bind_request = std::get_if<BindRequest>(&message.operation))
    return bind(message.id, *bind_request, out);
  if (const auto* request = std::get_if<SearchRequestMessage>(&message.operation))
    return search(message.id, *request, *controls, out);
  if (const auto* request = std::get_if<ExtendedRequest>(&message.operation))
    return extended(message.id, *request, out);

  ResultFields result;
  const auto take = [&](const Result<void>& done, std::string_view dn) {
    if (!done) result = result_of(done.error(), dn);
  };
  if (const auto* modification = std::get_if<ModifyRequest>(&message.operation)) {
    take(modify(*modification, *controls), modification->dn);
  } else if (const auto* addition = std::get_if<AddRequest>(&message.operation)) {
    take(dsa_.add(caller_, entry_from(*addition)), addition->dn);
  } else if (const auto* removal = std::get_if<DeleteRequest>(&message.operation)) {
    take(dsa_.remove(caller_, removal->dn, {.tree_delete = controls->tree_delete}), removal->dn);
  } else if (const auto* rename = std::get_if<ModifyDnRequest>(&message.operation)) {
    take(dsa_.modify_dn(caller_, rename->dn, rename->new_rdn, rename->delete_old_rdn, rename->new_superior),
         rename->dn);
  } else if (const auto* comparison = std::get_if<CompareRequest>(&message.operation)) {
    const auto equal = dsa_.compare(caller_, comparison->dn, comparison->attribute, comparison->value);
    if (equal) {
      result.code = *equal ? LdapCode::compareTrue : LdapCode::compareFalse;
    } else {
      result = result_of(equal.error(), comparison->dn);
    }
  }
  if (auto response = response_to(message.operation, std::move(result))) send(out, message.id, *std::move(response));
}

void Session::bind(std::int64_t id, const BindRequest& request, Output& out) {
  // Any bind, also a failed one, ends the previous identity (RFC 4511 4.2.1).
  caller_ = Caller{};
  pages_.clear();
  BindResponse response;
  if (request.version != 3) {
    response.result = {.code = LdapCode::protocolError, .diagnostic = "only LDAP version 3 is spoken"};
  } else if (request.method != BindRequest::Method::simple) {
    response.result = result_of(protocol_error(LdapCode::authMethodNotSupported, win32::kInvalidParameter,
                                               "The authentication method is not supported", ""),
                                {});
  } else {
    auto bound = dsa_.bind(request.name, request.credentials);
    if (bound) {
      caller_ = *std::move(bound);
    } else {
      response.result = result_of(bound.error(), {});
    }
  }
  send(out, id, std::move(response));
}

void Session::search(std::int64_t id, const SearchRequestMessage& request, const Controls& controls, Output& out) {
  const auto done = [&](ResultFields result, std::optional<std::string> cookie = std::nullopt) {
    std::vector<Control> reply;
    if (cookie)
      reply.push_back({std::string(control::kPagedResults), false, encode_paged_results({0, *std::move(cookie)})});
    send(out, id, ResultResponse{ResultResponse::Kind::search_done, std::move(result)}, std::move(reply));
  };
  const bool paged = controls.paged.has_value();
  PendingPages pending;
  if (paged && !controls.paged->cookie.empty()) {
    const auto found = pages_.find(controls.paged->cookie);
    if (found == pages_.end())
      return done(
          result_of(protocol_error(LdapCode::unwillingToPerform, win32::kInvalidParameter, "Unknown paging cookie", ""),
                    {}),
          std::string());
    pending = std::move(found->second);
    pages_.erase(found);
    if (controls.paged->size == 0) return done({}, std::string());  // the client gives up the rest
  } else {
    const std::size_t unpaged_limit = paged ? 0 : limit::kMaxPageSize;
    std::size_t size_limit = static_cast<std::size_t>(request.size_limit);
    if (unpaged_limit != 0 && (size_limit == 0 || size_limit > unpaged_limit)) size_limit = unpaged_limit;
    auto answer = dsa_.search(caller_, {.base = request.base, .scope = request.scope, .attributes = request.attributes},
                              request.filter,
                              {.size_limit = size_limit,
                               .sd_flags = controls.sd_flags,
                               .show_deleted = controls.show_deleted,
                               .domain_scope = controls.domain_scope,
                               .phantom_root = controls.phantom_root});
    if (!answer)
      return done(result_of(answer.error(), request.base),
                  paged ? std::optional<std::string>(std::string()) : std::nullopt);
    pending = {std::move(answer->entries), std::move(answer->references), answer->size_limit_exceeded};
    std::reverse(pending.entries.begin(), pending.entries.end());
  }
  std::size_t room = pending.entries.size();
  if (paged) {
    const auto asked = static_cast<std::size_t>(controls.paged->size);
    room = std::min(room, asked == 0 ? limit::kMaxPageSize : std::min(asked, limit::kMaxPageSize));
  }
  for (; room > 0; --room) {
    auto entry = wire_entry(pending.entries.back(), request);
    pending.entries.pop_back();
    if (!entry)
      return done(result_of(entry.error(), request.base), paged ? std::optional<std::string>("") : std::nullopt);
    send(out, id, *std::move(entry));
  }
  if (!pending.entries.empty()) {
    if (pages_.size() == limit::kMaxResultSetsPerConnection) pages_.erase(pages_.begin());
    std::string cookie = std::to_string(next_cookie_++);
    pages_[cookie] = std::move(pending);
    return done({}, std::move(cookie));
  }
  for (std::string& url : pending.references) send(out, id, SearchReference{{std::move(url)}});
  ResultFields result;
  if (pending.size_limit_exceeded) result.code = LdapCode::sizeLimitExceeded;
  done(std::move(result), paged ? std::optional<std::string>(std::string()) : std::nullopt);
}

Result<void> Session::modify(const ModifyRequest& request, const Controls& controls) {
  constexpr std::int64_t kAdd = 0, kDelete = 1, kReplace = 2;
  std::vector<Modification> changes;
  for (const ModifyRequest::Change& change : request.changes) {
    if (change.operation < kAdd || change.operation > kReplace)
      return protocol_error(LdapCode::protocolError, win32::kInvalidParameter, "Unknown kind of modification", "");
    const auto kind = change.operation == kAdd      ? Modification::Kind::add
                      : change.operation == kDelete ? Modification::Kind::erase
                                                    : Modification::Kind::replace;
    if (kind == Modification::Kind::add && change.attribute.values.empty())
      return protocol_error(LdapCode::protocolError, win32::kInvalidParameter, "A value to add is missing", "");
    changes.push_back({kind, {std::string(base_name(change.attribute.name)), change.attribute.values}});
  }
  return dsa_.modify(caller_, request.dn, changes, {.sd_flags = controls.sd_flags, .permissive = controls.permissive});
}

void Session::extended(std::int64_t id, const ExtendedRequest& request, Output& out) {
  ExtendedResponse response;
  if (request.name == extension::kWhoAmI) {
    response.value = caller_.anonymous() ? std::string() : caller_.name;
  } else if (request.name == extension::kStartTls) {
    response.name = std::string(extension::kStartTls);
    response.result = {
        .code = LdapCode::unavailable,
        .diagnostic = "00000000: LdapErr: DSID-0C090E17, comment: Error initializing SSL/TLS, data 0, v3839"};
  } else {
    response.result = {
        .code = LdapCode::protocolError,
        .diagnostic = "0000203D: LdapErr: DSID-0C090D0C, comment: Unknown extended request OID, data 0, v3839"};
  }
  send(out, id, std::move(response));
}

}  // namespace mimica::ldap
