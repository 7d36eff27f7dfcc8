// The textual form of security descriptors (MS-DTYP 2.5.1).
#include <algorithm>
#include <array>

#include "core/base/number.h"
#include "core/windows/security_descriptor.h"

namespace mimica {
namespace {

using namespace sd_control;
// The longest text that is read; the ACL's own limit of 64 KiB keeps everything real far below it.
constexpr std::size_t kMaxSddl = 1 << 20;

enum class Scope { domain, root, builtin, absolute };
struct Alias {
  std::string_view code;
  Scope scope;
  std::uint32_t rid;
  std::string_view sid;  // Scope::absolute
};
constexpr Alias kAliases[] = {
    {"DA", Scope::domain, 512, {}},         {"DU", Scope::domain, 513, {}},
    {"DG", Scope::domain, 514, {}},         {"DC", Scope::domain, 515, {}},
    {"DD", Scope::domain, 516, {}},         {"CA", Scope::domain, 517, {}},
    {"SA", Scope::root, 518, {}},           {"EA", Scope::root, 519, {}},
    {"PA", Scope::domain, 520, {}},         {"CN", Scope::domain, 522, {}},
    {"AP", Scope::domain, 525, {}},         {"KA", Scope::domain, 526, {}},
    {"EK", Scope::root, 527, {}},           {"RO", Scope::root, 498, {}},
    {"LA", Scope::domain, 500, {}},         {"LG", Scope::domain, 501, {}},
    {"RS", Scope::domain, 553, {}},         {"BA", Scope::builtin, 544, {}},
    {"BU", Scope::builtin, 545, {}},        {"BG", Scope::builtin, 546, {}},
    {"PU", Scope::builtin, 547, {}},        {"AO", Scope::builtin, 548, {}},
    {"SO", Scope::builtin, 549, {}},        {"PO", Scope::builtin, 550, {}},
    {"BO", Scope::builtin, 551, {}},        {"RE", Scope::builtin, 552, {}},
    {"RU", Scope::builtin, 554, {}},        {"RD", Scope::builtin, 555, {}},
    {"NO", Scope::builtin, 556, {}},        {"MU", Scope::builtin, 558, {}},
    {"LU", Scope::builtin, 559, {}},        {"IS", Scope::builtin, 568, {}},
    {"CY", Scope::builtin, 569, {}},        {"ER", Scope::builtin, 573, {}},
    {"CD", Scope::builtin, 574, {}},        {"WD", Scope::absolute, 0, "S-1-1-0"},
    {"CO", Scope::absolute, 0, "S-1-3-0"},  {"CG", Scope::absolute, 0, "S-1-3-1"},
    {"OW", Scope::absolute, 0, "S-1-3-4"},  {"NU", Scope::absolute, 0, "S-1-5-2"},
    {"IU", Scope::absolute, 0, "S-1-5-4"},  {"SU", Scope::absolute, 0, "S-1-5-6"},
    {"AN", Scope::absolute, 0, "S-1-5-7"},  {"ED", Scope::absolute, 0, "S-1-5-9"},
    {"PS", Scope::absolute, 0, "S-1-5-10"}, {"AU", Scope::absolute, 0, "S-1-5-11"},
    {"RC", Scope::absolute, 0, "S-1-5-12"}, {"SY", Scope::absolute, 0, "S-1-5-18"},
    {"LS", Scope::absolute, 0, "S-1-5-19"}, {"NS", Scope::absolute, 0, "S-1-5-20"},
    {"WR", Scope::absolute, 0, "S-1-5-33"}, {"AC", Scope::absolute, 0, "S-1-15-2-1"},
};

struct Right {
  std::string_view code;
  std::uint32_t bits;
};
// In the order in which they are written.
constexpr Right kRights[] = {
    {"GA", 0x10000000}, {"GR", 0x80000000}, {"GW", 0x40000000}, {"GX", 0x20000000}, {"CC", 0x1},     {"DC", 0x2},
    {"LC", 0x4},        {"SW", 0x8},        {"RP", 0x10},       {"WP", 0x20},       {"DT", 0x40},    {"LO", 0x80},
    {"CR", 0x100},      {"SD", 0x10000},    {"RC", 0x20000},    {"WD", 0x40000},    {"WO", 0x80000},
};
// Names for whole masks: files, registry keys. Read always, written only when they are the whole mask and unambiguous.
constexpr Right kCombined[] = {
    {"FA", 0x1F01FF}, {"FR", 0x120089}, {"FW", 0x120116}, {"FX", 0x1200A0},
    {"KA", 0xF003F},  {"KR", 0x20019},  {"KW", 0x20006},  {"KX", 0x20019},
};
constexpr Right kAceFlags[] = {
    {"OI", 0x01}, {"CI", 0x02}, {"NP", 0x04}, {"IO", 0x08}, {"ID", 0x10}, {"CR", 0x20}, {"SA", 0x40}, {"FA", 0x80},
};
struct TypeName {
  std::string_view code;
  Ace::Type type;
};
constexpr TypeName kTypes[] = {
    {"A", Ace::Type::allow},         {"D", Ace::Type::deny},         {"AU", Ace::Type::audit},
    {"OA", Ace::Type::allow_object}, {"OD", Ace::Type::deny_object}, {"OU", Ace::Type::audit_object},
};
// Types with a condition or attribute expression. They are printed, and refused by name when read.
constexpr TypeName kExpressionTypes[] = {
    {"XA", Ace::Type::allow_callback},        {"XD", Ace::Type::deny_callback},
    {"ZA", Ace::Type::allow_callback_object}, {"XU", static_cast<Ace::Type>(0x0D)},
    {"ML", static_cast<Ace::Type>(0x11)},     {"RA", static_cast<Ace::Type>(0x12)},
    {"SP", static_cast<Ace::Type>(0x13)},     {"TL", static_cast<Ace::Type>(0x14)},
};

const Sid& builtin_domain() {
  static const Sid sid = *Sid::parse("S-1-5-32");
  return sid;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, const Sid& domain, const Sid& root) : text_(text), domain_(domain), root_(root) {}

  Result<SecurityDescriptor> read() {
    if (text_.size() > kMaxSddl) return bad("the text is longer than any security descriptor", 0);
    SecurityDescriptor sd;
    sd.control = kSelfRelative;
    std::string seen;
    for (skip_spaces(); at_ < text_.size(); skip_spaces()) {
      const std::size_t start = at_;
      const char kind = text_[at_];
      if (std::string_view("OGDS").find(kind) == std::string_view::npos || at_ + 1 >= text_.size() ||
          text_[at_ + 1] != ':') {
        return bad("expected O:, G:, D: or S:", at_);
      }
      if (seen.find(kind) != std::string::npos) return bad("the component appears twice", start);
      seen += kind;
      at_ += 2;
      if (kind == 'O') {
        MIMICA_TRY(sd.owner, read_sid());
      } else if (kind == 'G') {
        MIMICA_TRY(sd.group, read_sid());
      } else {
        MIMICA_RETURN_IF_FAULT(read_acl(sd, kind == 'D'));
      }
    }
    return sd;
  }

 private:
  Fault bad(std::string what, std::size_t offset) const {
    return fault(HResult::E_INVALIDARG, std::move(what), {"SDDL", 1, static_cast<int>(offset) + 1, offset});
  }
  void skip_spaces() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  bool take(std::string_view word) {
    if (!starts_with_ignore_case(text_.substr(at_), word)) return false;
    at_ += word.size();
    return true;
  }

  Result<Sid> read_sid() {
    const std::size_t start = at_;
    if (!take("S-1-")) return read_alias();
    if (starts_with_ignore_case(text_.substr(at_), "0x")) {
      // Only the authority is hexadecimal, with 12 digits: a longer run would swallow the D of a following "D:".
      at_ += 2;
      for (int i = 0; i < 12 && at_ < text_.size() && hex_digit(text_[at_]) >= 0; ++i) ++at_;
    }
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '-')) ++at_;
    auto sid = Sid::parse(text_.substr(start, at_ - start));
    if (!sid) return bad(sid.error().what, start);
    return sid;
  }

  Result<Sid> read_alias() {
    const std::string code = to_upper(text_.substr(at_, 2));
    for (const Alias& alias : kAliases) {
      if (alias.code != code) continue;
      const Sid* base = alias.scope == Scope::domain ? &domain_
                        : alias.scope == Scope::root ? &root_
                                                     : &builtin_domain();
      if (alias.scope != Scope::absolute && base->sub_authorities().size() >= 15) {
        return bad("the domain SID is too long for '" + code + "'", at_);
      }
      if (base->empty()) return bad("'" + code + "' needs a domain SID, and none is known here", at_);
      at_ += 2;
      return alias.scope == Scope::absolute ? Sid::parse(alias.sid) : Result<Sid>(base->with_rid(alias.rid));
    }
    return bad("unknown account '" + code + "': neither a SID nor a two-letter alias", at_);
  }

  Result<void> read_acl(SecurityDescriptor& sd, bool is_dacl) {
    sd.control |= is_dacl ? kDaclPresent : kSaclPresent;
    bool is_null = false;
    while (at_ < text_.size() && text_[at_] != '(') {
      if (take("AR")) {
        sd.control |= is_dacl ? kDaclAutoInheritReq : kSaclAutoInheritReq;
      } else if (take("AI")) {
        sd.control |= is_dacl ? kDaclAutoInherited : kSaclAutoInherited;
      } else if (take("NO_ACCESS_CONTROL")) {
        is_null = true;
      } else if (take("P")) {
        sd.control |= is_dacl ? kDaclProtected : kSaclProtected;
      } else {
        break;
      }
    }
    Acl acl;
    acl.revision = 2;
    std::size_t octets = 8;
    for (skip_spaces(); at_ < text_.size() && text_[at_] == '('; skip_spaces()) {
      const std::size_t start = at_;
      MIMICA_TRY(Ace ace, read_ace());
      if (is_null) return bad("NO_ACCESS_CONTROL leaves no room for ACEs", start);
      if (ace.object_type || ace.inherited_object_type || is_object(ace.type)) acl.revision = 4;
      octets += 12 + 32 + 8 + 4 * ace.trustee.sub_authorities().size();
      if (octets > 0xFFFF) return bad("the ACL exceeds 64 KiB", start);
      acl.aces.push_back(std::move(ace));
    }
    if (!is_null) (is_dacl ? sd.dacl : sd.sacl) = std::move(acl);
    return {};
  }

  static bool is_object(Ace::Type type) {
    return type == Ace::Type::allow_object || type == Ace::Type::deny_object || type == Ace::Type::audit_object;
  }

  // The next field of the ACE that begins at at_, without surrounding spaces; at_ moves behind it.
  std::string_view field(std::size_t end) {
    const std::size_t stop = std::min(text_.find(';', at_), end);
    const std::string_view body = text_.substr(at_, stop - at_);
    field_at_ = at_;
    at_ = stop == end ? end : stop + 1;
    return trim(body);
  }

  Result<Ace> read_ace() {
    const std::size_t start = at_;
    const std::size_t semicolon = text_.find(';', start);
    const std::string_view type =
        trim(text_.substr(start + 1, semicolon == std::string_view::npos ? 0 : semicolon - start - 1));
    for (const TypeName& name : kExpressionTypes) {
      if (equals_ignore_case(type, name.code)) {
        return bad("conditional and resource ACEs are not supported ('" + std::string(name.code) + "')", start + 1);
      }
    }
    const std::size_t end = text_.find(')', start);
    if (end == std::string_view::npos) return bad("the ACE has no closing parenthesis", start);
    if (std::count(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.begin() + static_cast<std::ptrdiff_t>(end),
                   ';') != 5) {
      return bad("an ACE has six fields: (type;flags;rights;object;inherited object;account)", start);
    }
    ++at_;
    Ace ace;
    MIMICA_TRY(ace.type, parse_type(field(end)));
    MIMICA_TRY(const std::uint32_t flags, parse_codes(field(end), kAceFlags, "ACE flag"));
    ace.flags = static_cast<std::uint8_t>(flags);
    MIMICA_TRY(ace.mask, parse_rights(field(end)));
    MIMICA_TRY(ace.object_type, parse_guid(field(end), ace.type));
    MIMICA_TRY(ace.inherited_object_type, parse_guid(field(end), ace.type));
    skip_spaces();
    MIMICA_TRY(ace.trustee, read_sid());
    skip_spaces();
    if (at_ != end) return bad("unexpected text after the account", at_);
    ++at_;
    return ace;
  }

  Result<Ace::Type> parse_type(std::string_view text) const {
    for (const TypeName& name : kTypes) {
      if (equals_ignore_case(text, name.code)) return name.type;
    }
    return bad("unknown ACE type '" + std::string(text.substr(0, 20)) + "'", field_at_);
  }

  Result<std::optional<Guid>> parse_guid(std::string_view text, Ace::Type type) const {
    if (text.empty()) return std::optional<Guid>{};
    if (!is_object(type)) return bad("only object ACEs (OA, OD, OU) name an object type", field_at_);
    auto guid = Guid::parse(text);
    if (!guid) return bad(guid.error().what, field_at_);
    return std::optional<Guid>(*guid);
  }

  Result<std::uint32_t> parse_codes(std::string_view text, std::span<const Right> table, std::string_view what) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const std::string code = to_upper(text.substr(i, 2));
      const auto found = std::find_if(table.begin(), table.end(), [&](const Right& r) { return r.code == code; });
      if (found == table.end()) return bad("unknown " + std::string(what) + " '" + code + "'", field_at_ + i);
      value |= found->bits;
    }
    return value;
  }

  Result<std::uint32_t> parse_rights(std::string_view text) const {
    if (text.empty() || !is_digit(text.front())) {
      std::vector<Right> all(std::begin(kRights), std::end(kRights));
      all.insert(all.end(), std::begin(kCombined), std::end(kCombined));
      return parse_codes(text, all, "right");
    }
    // Hexadecimal after 0x, octal after a leading 0, decimal otherwise.
    std::uint64_t base = 10;
    std::string_view digits = text;
    if (starts_with_ignore_case(digits, "0x")) {
      base = 16;
      digits.remove_prefix(2);
    } else if (digits.size() > 1 && digits.front() == '0') {
      base = 8;
      digits.remove_prefix(1);
    }
    std::uint64_t value = 0;
    bool is_number = !digits.empty();
    for (const char c : digits) {
      const std::uint64_t digit = hex_digit(c) < 0 ? base : static_cast<std::uint64_t>(hex_digit(c));
      is_number = is_number && digit < base;
      value = value * base + digit;
      if (!is_number || value > 0xFFFFFFFF) {
        return bad("the access mask '" + std::string(text.substr(0, 20)) + "' is not a 32-bit number", field_at_);
      }
    }
    if (!is_number) return bad("the access mask has no digits", field_at_);
    return static_cast<std::uint32_t>(value);
  }

  std::string_view text_;
  const Sid& domain_;
  const Sid& root_;
  std::size_t at_ = 0;
  std::size_t field_at_ = 0;
};

std::string sid_text(const Sid& sid, const Sid& domain, const Sid& root) {
  for (const Alias& alias : kAliases) {
    if (alias.scope == Scope::absolute) {
      if (sid.to_string() == alias.sid) return std::string(alias.code);
      continue;
    }
    const Sid& base = alias.scope == Scope::domain ? domain : alias.scope == Scope::root ? root : builtin_domain();
    if (!base.empty() && sid.rid() == alias.rid && sid.sub_authorities().size() == base.sub_authorities().size() + 1 &&
        sid.domain() == base) {
      return std::string(alias.code);
    }
  }
  return sid.to_string();
}

std::string rights_text(std::uint32_t mask) {
  if (mask == kCombined[0].bits) return std::string(kCombined[0].code);
  std::string text;
  std::uint32_t rest = mask;
  for (const Right& right : kRights) {
    if ((mask & right.bits) == 0) continue;
    text += right.code;
    rest &= ~right.bits;
  }
  return rest == 0 ? text : to_0x(mask);
}

std::string ace_text(const Ace& ace, const Sid& domain, const Sid& root) {
  std::string text = "(";
  std::string type = to_0x(static_cast<std::uint32_t>(ace.type));
  for (const TypeName& name : kTypes) {
    if (name.type == ace.type) type = std::string(name.code);
  }
  bool has_expression = false;
  for (const TypeName& name : kExpressionTypes) {
    if (name.type != ace.type) continue;
    type = std::string(name.code);
    has_expression = true;
  }
  text += type + ';';
  for (const Right& flag : kAceFlags) {
    if ((ace.flags & flag.bits) != 0) text += flag.code;
  }
  text += ';' + rights_text(ace.mask) + ';';
  if (ace.object_type) text += ace.object_type->to_string();
  text += ';';
  if (ace.inherited_object_type) text += ace.inherited_object_type->to_string();
  text += ';' + sid_text(ace.trustee, domain, root);
  if (has_expression) text += ";#" + to_hex(ace.application_data);
  return text + ')';
}

std::string acl_text(const std::optional<Acl>& acl, const Sid& domain, const Sid& root) {
  if (!acl) return "NO_ACCESS_CONTROL";
  std::string text;
  for (const Ace& ace : acl->aces) text += ace_text(ace, domain, root);
  return text;
}

}  // namespace

Result<SecurityDescriptor> SecurityDescriptor::from_sddl(std::string_view sddl, const Sid& domain, const Sid& root) {
  return Reader(sddl, domain, root).read();
}

std::string SecurityDescriptor::to_sddl(const Sid& domain, const Sid& root) const {
  std::string text;
  if (owner) text += "O:" + sid_text(*owner, domain, root);
  if (group) text += "G:" + sid_text(*group, domain, root);
  if (dacl || (control & kDaclPresent) != 0) {
    text += "D:";
    if ((control & kDaclProtected) != 0) text += 'P';
    if ((control & kDaclAutoInheritReq) != 0) text += "AR";
    if ((control & kDaclAutoInherited) != 0) text += "AI";
    text += acl_text(dacl, domain, root);
  }
  if (sacl || (control & kSaclPresent) != 0) {
    text += "S:";
    if ((control & kSaclProtected) != 0) text += 'P';
    if ((control & kSaclAutoInheritReq) != 0) text += "AR";
    if ((control & kSaclAutoInherited) != 0) text += "AI";
    text += acl_text(sacl, domain, root);
  }
  return text;
}

}  // namespace mimica
