#include "ca/policy/restrictions.h"

#include <algorithm>

namespace mimica::ca {
namespace {

constexpr std::uint32_t kRestrictionMask = 0x00010000;
constexpr std::size_t kMaxSids = 4096;  // of one ACE

std::uint32_t little_endian(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | bytes[i];
  return value;
}

Fault malformed(std::size_t index, const std::string& why) {
  return fault(HResult::ERROR_INVALID_DATA, "entry " + std::to_string(index) + " of the restrictions " + why);
}

// DWORD SidCount, the SIDs, then a template name in UTF-16LE with its NUL; the name may be missing.
Result<Restriction> parse_ace(const Ace& ace, std::size_t index) {
  Restriction out;
  out.principal = ace.trustee;
  out.allow = ace.type == Ace::Type::allow_callback;
  if ((!out.allow && ace.type != Ace::Type::deny_callback) || ace.mask != kRestrictionMask)
    return malformed(index, "is no callback entry with the mask 0x00010000");
  BytesView data = ace.application_data;
  if (data.size() < 4) return malformed(index, "has no list of accounts");
  const std::uint32_t count = little_endian(data);
  data = data.subspan(4);
  if (count > kMaxSids) return malformed(index, "lists more than " + std::to_string(kMaxSids) + " accounts");
  for (std::uint32_t i = 0; i < count; ++i) {
    std::size_t size = 0;
    Result<Sid> sid = Sid::from_binary_prefix(data, size);
    if (!sid) return malformed(index, "holds a malformed SID");
    out.about.push_back(*std::move(sid));
    data = data.subspan(size);
  }
  std::u16string name;
  for (; data.size() >= 2; data = data.subspan(2)) {
    const auto unit = static_cast<char16_t>(data[0] | data[1] << 8);
    if (unit == 0) break;
    name += unit;
  }
  const auto text = utf16_to_utf8(name);
  if (!text) return malformed(index, "has a template name that is no UTF-16");
  out.template_name = *text;
  return out;
}

bool is_about(const Restriction& restriction, const Token& token) {
  return std::any_of(restriction.about.begin(), restriction.about.end(),
                     [&](const Sid& sid) { return sid == sids::kEveryone || token.contains(sid); });
}

// V1 templates are named by cn, later ones by OID; both forms are taken for both.
bool is_for(const Restriction& restriction, const templates::CertificateTemplate* requested) {
  if (restriction.template_name.empty()) return true;
  return requested != nullptr && (equals_ignore_case(restriction.template_name, requested->cn) ||
                                  restriction.template_name == requested->oid.dotted());
}

}  // namespace

Result<std::vector<Restriction>> parse_restrictions(const SecurityDescriptor& descriptor) {
  std::vector<Restriction> out;
  if (!descriptor.dacl) return fault(HResult::ERROR_INVALID_DATA, "the restrictions have no DACL");
  if (descriptor.dacl->aces.size() > kMaxRestrictions)
    return fault(HResult::ERROR_INVALID_DATA, "more than " + std::to_string(kMaxRestrictions) + " restrictions");
  for (std::size_t i = 0; i < descriptor.dacl->aces.size(); ++i) {
    MIMICA_TRY(Restriction one, parse_ace(descriptor.dacl->aces[i], i));
    out.push_back(std::move(one));
  }
  return out;
}

SecurityDescriptor make_restrictions(std::span<const Restriction> restrictions) {
  SecurityDescriptor out;
  out.owner = sids::kBuiltinAdministrators;
  out.group = sids::kBuiltinAdministrators;
  out.dacl.emplace();
  for (const Restriction& restriction : restrictions) {
    Ace ace;
    ace.type = restriction.allow ? Ace::Type::allow_callback : Ace::Type::deny_callback;
    ace.mask = kRestrictionMask;
    ace.trustee = restriction.principal;
    Bytes& data = ace.application_data;
    const auto count = static_cast<std::uint32_t>(restriction.about.size());
    for (unsigned shift = 0; shift < 32; shift += 8) data.push_back(static_cast<std::uint8_t>(count >> shift));
    for (const Sid& sid : restriction.about) {
      const Bytes binary = sid.to_binary();
      data.insert(data.end(), binary.begin(), binary.end());
    }
    const Bytes name = utf16_le(utf8_to_utf16(restriction.template_name).value_or(std::u16string()) + u'\0');
    data.insert(data.end(), name.begin(), name.end());
    while (data.size() % 4 != 0) data.push_back(0);  // ACE sizes are multiples of four
    out.dacl->aces.push_back(std::move(ace));
  }
  return out;
}

bool check_restriction(const RestrictionCase& question, const Rule& rule, Trace& trace) {
  if (question.restrictions == nullptr || !*question.restrictions) {
    trace.skip(rule, "the CA restricts nobody");
    return true;
  }
  const std::string on = question.requested == nullptr ? "" : " for template '" + question.requested->cn + "'";
  const auto refuse = [&](const std::string& why, std::vector<Fact> facts = {}) {
    trace.fail(rule, HResult::CERTSRV_E_RESTRICTEDOFFICER, why, std::move(facts));
    return false;
  };
  const auto list = parse_restrictions(**question.restrictions);
  if (!list) return refuse(list.error().what);
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Restriction& one = (*list)[i];
    if (!question.principal->contains(one.principal) || !is_for(one, question.requested) ||
        !is_about(one, *question.about))
      continue;
    if (!one.allow)
      return refuse(question.principal_name + " may not act for " + question.about_name + on,
                    {{"entry", std::to_string(i)}});
    trace.pass(rule, question.principal_name + " may act for " + question.about_name + on);
    return true;
  }
  return refuse("no entry lets " + question.principal_name + " act for " + question.about_name + on);
}

}  // namespace mimica::ca
