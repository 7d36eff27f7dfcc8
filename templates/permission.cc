#include "templates/permission.h"

#include <algorithm>

#include "core/base/text.h"
#include "templates/rules.h"

namespace mimica::templates {
namespace {

struct RightInfo {
  Right right;
  std::string_view name;
  std::uint32_t mask;
  const Guid* object_type;
};

// MS-CRTD 2.5.3.
std::span<const RightInfo> right_table() {
  static const RightInfo kTable[] = {
      {Right::full_control, "Full Control", access::kFullControl, nullptr},
      {Right::read, "Read", access::kReadControl | access::kListContents | access::kReadProperty, nullptr},
      {Right::write, "Write", access::kWriteOwner | access::kWriteDac | access::kWriteProperty, nullptr},
      {Right::enroll, "Enroll", access::kControlAccess, &guids::kEnroll},
      {Right::autoenroll, "Autoenroll", access::kControlAccess, &guids::kAutoEnroll},
  };
  return kTable;
}

const RightInfo& info(Right right) { return right_table()[static_cast<std::size_t>(right)]; }

std::optional<Guid> object_type(const RightInfo& right) {
  return right.object_type == nullptr ? std::nullopt : std::optional<Guid>(*right.object_type);
}

AccessResult check(const SecurityDescriptor& sd, const Token& token, Right right) {
  return check_access(sd, token, info(right).mask, object_type(info(right)));
}

std::string named(const Sid& sid, const NameOf& name_of) {
  std::string name = name_of ? name_of(sid) : std::string();
  return name.empty() ? sid.to_string() : name;
}

// The sentence about a grant, and the trace step of a refusal, shared by both permission rules.
Decision<Unit> decide(const Rule& rule, Right right, Code code, const CertificateTemplate& value, const Token& token,
                      std::string_view who, const NameOf& name_of) {
  Trace trace;
  const std::string right_name(to_string(right));
  std::vector<Fact> facts{{"template", value.cn}, {"account", std::string(who)}, {"required", right_name}};
  if (!value.security) {
    trace.fail(rule, code, "the security descriptor of " + quote(value.cn) + " could not be read", std::move(facts),
               "read the template with the SD flags control (1.2.840.113556.1.4.801, value 7)");
    return Decision<Unit>::refuse(std::move(trace));
  }
  const AccessResult result = check(*value.security, token, right);
  const Ace* decisive = result.decisive ? &value.security->dacl->aces[*result.decisive] : nullptr;
  if (result.granted) {
    std::string through;
    if (!value.security->dacl) {
      through = " (the template has no access list: everybody has every right)";
    } else if (decisive != nullptr && decisive->trustee != token.user) {
      through = " through " + named(decisive->trustee, name_of);
    }
    trace.pass(rule, std::string(who) + " holds " + right_name + " on " + quote(value.cn) + through, std::move(facts));
    return Decision<Unit>::grant(Unit{}, std::move(trace));
  }
  const std::string held = describe(held_rights(value, token));
  const std::string others = describe(holders(value, right), name_of);
  facts.push_back({"held", held});
  facts.push_back({right_name + " is held by", others});
  std::string account(who);
  std::string guid = info(right).object_type == nullptr ? "" : " (" + info(right).object_type->to_string() + ")";
  if (decisive != nullptr && decisive->denies()) {
    const std::string denier = named(decisive->trustee, name_of);
    facts.push_back({"denied to", denier});
    trace.fail(rule, code,
               "needs " + right_name + " on " + quote(value.cn) + "; an entry denies it to " + denier +
                   (decisive->trustee == token.user ? "" : ", of which " + account + " is a member"),
               std::move(facts), "remove the deny entry of " + denier + ", or take " + account + " out of that group");
  } else {
    trace.fail(rule, code,
               "needs " + right_name + " on " + quote(value.cn) + "; " + account + " and its groups hold: " + held,
               std::move(facts), "allow " + right_name + guid + " to " + account + " or one of its groups");
  }
  return Decision<Unit>::refuse(std::move(trace));
}

}  // namespace

std::string_view to_string(Right right) { return info(right).name; }

bool holds(const CertificateTemplate& value, const Token& token, Right right) {
  return value.security && check(*value.security, token, right).granted;
}

std::vector<Right> held_rights(const CertificateTemplate& value, const Token& token) {
  std::vector<Right> rights;
  for (const RightInfo& right : right_table()) {
    if (holds(value, token, right.right)) rights.push_back(right.right);
  }
  return rights;
}

std::string describe(const std::vector<Right>& rights) {
  const std::string text = join(rights, ", ", [](const Right right) { return to_string(right); });
  return text.empty() ? "nothing" : text;
}

std::vector<Sid> holders(const CertificateTemplate& value, Right right) {
  std::vector<Sid> found;
  if (!value.security) return found;
  if (!value.security->dacl) return {sids::kEveryone};
  for (const Ace& ace : value.security->dacl->aces) {
    if (!ace.allows() || std::find(found.begin(), found.end(), ace.trustee) != found.end()) continue;
    // As if the account were alone in its token: its own entries, allow and deny, in stored order.
    if (check(*value.security, Token{ace.trustee, {ace.trustee}}, right).granted) found.push_back(ace.trustee);
  }
  return found;
}

std::string describe(const std::vector<Sid>& accounts, const NameOf& name_of) {
  if (accounts.empty()) return "nobody";
  std::string text;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (i > 0) text += i + 1 == accounts.size() ? " and " : ", ";
    text += named(accounts[i], name_of);
  }
  return text;
}

Decision<Unit> decide_enroll(const CertificateTemplate& value, const Token& caller, std::string_view caller_name,
                             const NameOf& name_of) {
  return decide(rule::kPermissionEnroll, Right::enroll, HResult::CERTSRV_E_TEMPLATE_DENIED, value, caller, caller_name,
                name_of);
}

Decision<Unit> decide_read(const CertificateTemplate& value, const Token& reader, std::string_view reader_name,
                           Reader as, const NameOf& name_of) {
  const Code code =
      as == Reader::certification_authority ? HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE : HResult::E_ACCESSDENIED;
  return decide(rule::kPermissionRead, Right::read, code, value, reader, reader_name, name_of);
}

}  // namespace mimica::templates
