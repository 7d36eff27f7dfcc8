#include "templates/edit_verbs.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/number.h"
#include "core/base/refusal.h"
#include "templates/edit_rules.h"

namespace mimica::templates {
namespace {

constexpr VerbInfo kVerbs[] = {
    {"display_name", "text", "Sets the template display name; the template name stays."},
    {"validity", "duration such as 365 d", "Sets the validity period."},
    {"renewal", "duration such as 42 d", "Sets the renewal period (overlap)."},
    {"publish_in_ad", "true or false", "Publish certificate in Active Directory."},
    {"compatibility", "CA, or CA/recipient: 2003, 2008, 2008R2, 2012, 2012R2, 2016 / XP, Vista, 7, 8, 8.1, 10",
     "Sets the Compatibility tab; a single value sets the recipient of the same generation."},
    {"private_key", "exportable or not_exportable", "Allow private key to be exported."},
    {"symmetric_algorithms", "true or false", "Include symmetric algorithms allowed by the subject."},
    {"minimum_key_size", "bits", "Sets the minimum key size."},
    {"provider", "legacy or ksp, then optionally a colon and provider names separated by semicolons",
     "Chooses the provider category and the providers a request may use."},
    {"key_algorithm", "RSA, ECDSA_P256, ECDH_P256, ...", "Sets the algorithm name of a key storage provider template."},
    {"hash_algorithm", "SHA256, ...", "Sets the request hash of a key storage provider template."},
    {"subject",
     "supplied_in_request, or a list of: common_name, full_dn, dns_as_common_name, include_email, alt_email, alt_dns, "
     "alt_upn, alt_spn, none",
     "Says where the subject comes from."},
    {"application_policies", "list of names or OIDs", "Sets the application policies and the extended key usage."},
    {"issuance_policies", "list of OIDs", "Sets the issuance policies."},
    {"proof_of_origin", "true or false", "Signature is proof of origin (non-repudiation)."},
    {"manager_approval", "true or false", "CA certificate manager approval."},
    {"ra_signatures", "number", "Sets the number of authorised signatures."},
    {"ra_application_policies", "list of names or OIDs", "Sets the application policies that signers need."},
    {"ra_issuance_policies", "list of OIDs", "Sets the issuance policies that signers need."},
    {"supersede", "list of template names", "Sets the superseded templates."},
    {"allow_full_control", "account", "Allows Full Control."},
    {"allow_read", "account", "Allows Read."},
    {"allow_write", "account", "Allows Write."},
    {"allow_enroll", "account", "Allows Enroll."},
    {"allow_autoenroll", "account", "Allows Autoenroll."},
    {"deny_full_control", "account", "Denies Full Control."},
    {"deny_read", "account", "Denies Read."},
    {"deny_write", "account", "Denies Write."},
    {"deny_enroll", "account", "Denies Enroll."},
    {"deny_autoenroll", "account", "Denies Autoenroll."},
    {"clear_full_control", "account", "Neither allows nor denies Full Control."},
    {"clear_read", "account", "Neither allows nor denies Read."},
    {"clear_write", "account", "Neither allows nor denies Write."},
    {"clear_enroll", "account", "Neither allows nor denies Enroll."},
    {"clear_autoenroll", "account", "Neither allows nor denies Autoenroll."},
    {"remove", "account", "Removes every entry of the account from the permissions."},
    {"no_security_extension", "true or false", "Sets CT_FLAG_NO_SECURITY_EXTENSION: no SID extension is added."},
};

struct NamedFlag {
  std::string_view name;
  NameFlag flag;
};
constexpr NamedFlag kSubjectParts[] = {
    {"common_name", NameFlag::subject_require_common_name},
    {"full_dn", NameFlag::subject_require_directory_path},
    {"dns_as_common_name", NameFlag::subject_require_dns_as_cn},
    {"include_email", NameFlag::subject_require_email},
    {"alt_email", NameFlag::subject_alt_require_email},
    {"alt_dns", NameFlag::subject_alt_require_dns},
    {"alt_upn", NameFlag::subject_alt_require_upn},
    {"alt_spn", NameFlag::subject_alt_require_spn},
};

struct NamedRight {
  std::string_view name;
  Right right;
};
constexpr NamedRight kRights[] = {
    {"full_control", Right::full_control}, {"read", Right::read}, {"write", Right::write}, {"enroll", Right::enroll},
    {"autoenroll", Right::autoenroll},
};

// Lower case without blanks, '_' and '-', so that "Client Authentication" and "client_authentication" are the same.
std::string without_separators(std::string_view text) {
  std::string out;
  for (const char c : to_lower(text)) {
    if (c != ' ' && c != '_' && c != '-') out += c;
  }
  return out;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Fault unknown_verb(std::string_view verb) {
  const std::string_view shown = verb.substr(0, 60);
  const VerbInfo* nearest = nullptr;
  std::size_t best = std::numeric_limits<std::size_t>::max();
  for (const VerbInfo& info : kVerbs) {
    const std::size_t d = distance(shown, info.verb);
    if (d < best) {
      best = d;
      nearest = &info;
    }
  }
  return refused_by(rule::kEditVerb, fault(HResult::E_INVALIDARG, "unknown template edit '" + std::string(shown) + "'",
                                           {}, "did you mean '" + std::string(nearest->verb) + "'?"));
}

Fault bad_argument(std::string_view verb, std::string_view argument) {
  std::string_view expected;
  for (const VerbInfo& info : kVerbs) {
    if (info.verb == verb) expected = info.argument;
  }
  return refused_by(rule::kEditArgument, fault(HResult::E_INVALIDARG,
                                               "'" + std::string(argument.substr(0, 80)) +
                                                   "' is no argument of the template edit '" + std::string(verb) + "'",
                                               {}, "expected: " + std::string(expected)));
}

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view yes : {"true", "yes", "on"}) {
    if (equals_ignore_case(text, yes)) return true;
  }
  for (const std::string_view no : {"false", "no", "off"}) {
    if (equals_ignore_case(text, no)) return false;
  }
  return std::nullopt;
}

std::vector<std::string> parse_list(std::string_view text, char separator = ',') {
  std::vector<std::string> items;
  for (const std::string_view part : split(text, separator)) {
    if (!trim(part).empty()) items.emplace_back(trim(part));
  }
  return items;
}

// "2008 R2", "Windows Server 2008 R2", "Windows 7 / Server 2008 R2" lose their decoration.
std::optional<int> parse_version(std::string_view text, bool is_recipient) {
  std::string name = without_separators(text);
  for (const std::string_view decoration : {"windows", "server"}) {
    if (name.compare(0, decoration.size(), decoration) == 0) name.erase(0, decoration.size());
  }
  constexpr std::array<std::string_view, 6> kCa{"2003", "2008", "2008r2", "2012", "2012r2", "2016"};
  constexpr std::array<std::string_view, 6> kRecipient{"xp", "vista", "7", "8", "8.1", "10"};
  for (std::size_t i = 0; i < kCa.size(); ++i) {
    if (name == kCa[i] || (is_recipient && name == kRecipient[i])) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

std::optional<Oid> parse_purpose(std::string_view text) {
  if (const auto oid = Oid::parse(text)) return *oid;
  static const Oid kKnown[] = {
      oids::kClientAuth,
      oids::kServerAuth,
      oids::kSecureEmail,
      oids::kSmartCardLogon,
      oids::kEncryptingFileSystem,
      oids::kCertificateRequestAgent,
      oids::kPkinitClient,
      oids::kPkinitKdc,
      oids::kAnyExtendedKeyUsage,
      Oid("1.3.6.1.5.5.7.3.3"),
      Oid("1.3.6.1.5.5.7.3.9"),
      Oid("1.3.6.1.5.5.8.2.2"),
      Oid("1.3.6.1.4.1.311.10.12.1"),
  };
  for (const Oid& oid : kKnown) {
    if (without_separators(display_name(oid)) == without_separators(text) && !display_name(oid).empty()) return oid;
  }
  return std::nullopt;
}

Result<std::vector<Oid>> parse_purposes(std::string_view verb, std::string_view argument) {
  std::vector<Oid> oids;
  for (const std::string& item : parse_list(argument)) {
    const auto oid = parse_purpose(item);
    if (!oid) return bad_argument(verb, item);
    oids.push_back(*oid);
  }
  return oids;
}

Result<Edit> parse_flag(std::string_view verb, std::string_view argument) {
  const auto on = parse_bool(argument);
  if (!on) return bad_argument(verb, argument);
  if (verb == "publish_in_ad") return Edit(edit::PublishInAd{*on});
  if (verb == "symmetric_algorithms") return Edit(edit::IncludeSymmetricAlgorithms{*on});
  if (verb == "proof_of_origin") return Edit(edit::SetProofOfOrigin{*on});
  if (verb == "manager_approval") return Edit(edit::RequireManagerApproval{*on});
  return Edit(edit::SuppressSecurityExtension{*on});
}

Result<Edit> parse_compatibility(std::string_view verb, std::string_view argument) {
  const std::size_t slash = argument.find('/');
  const auto ca = parse_version(argument.substr(0, slash), false);
  // The console's own text for the recipient holds a slash: "Windows 7 / Server 2008 R2".
  std::string_view recipient_text = slash == std::string_view::npos ? argument : argument.substr(slash + 1);
  recipient_text = recipient_text.substr(0, recipient_text.find('/'));
  const auto recipient = parse_version(recipient_text, true);
  if (!ca || !recipient) return bad_argument(verb, argument);
  return Edit(edit::SetCompatibility{*ca, *recipient});
}

Result<Edit> parse_provider(std::string_view verb, std::string_view argument) {
  const std::size_t colon = argument.find(':');
  const std::string category = without_separators(trim(argument.substr(0, colon)));
  edit::UseProviders change{};
  if (category == "ksp" || category == "keystorageprovider") {
    change.category = edit::ProviderCategory::key_storage;
  } else if (category == "legacy" || category == "csp" || category == "legacycsp") {
    change.category = edit::ProviderCategory::legacy;
  } else {
    return bad_argument(verb, argument);
  }
  if (colon != std::string_view::npos) change.names = parse_list(argument.substr(colon + 1), ';');
  return Edit(std::move(change));
}

Result<Edit> parse_subject(std::string_view verb, std::string_view argument) {
  if (without_separators(argument) == "suppliedinrequest") return Edit(edit::SupplyInRequest{});
  edit::BuildFromDirectory change{};
  if (equals_ignore_case(argument, "none")) return Edit(change);
  const std::vector<std::string> parts = parse_list(argument);
  if (parts.empty()) return bad_argument(verb, argument);
  for (const std::string& part : parts) {
    const auto found = std::find_if(std::begin(kSubjectParts), std::end(kSubjectParts),
                                    [&](const NamedFlag& named) { return equals_ignore_case(named.name, part); });
    if (found == std::end(kSubjectParts)) return bad_argument(verb, part);
    change.names.set(found->flag);
  }
  return Edit(change);
}

Result<Edit> parse_private_key(std::string_view verb, std::string_view argument) {
  if (equals_ignore_case(argument, "exportable")) return Edit(edit::AllowExport{true});
  if (equals_ignore_case(argument, "not_exportable")) return Edit(edit::AllowExport{false});
  return bad_argument(verb, argument);
}

Result<Edit> parse_permission(std::string_view verb, std::string_view argument, const SidOf& sid_of) {
  if (argument.empty()) return bad_argument(verb, argument);
  MIMICA_TRY(Sid account, sid_of(argument));
  if (verb == "remove") return Edit(edit::RemoveAccount{std::move(account)});
  const std::size_t underscore = verb.find('_');
  const std::string_view column = verb.substr(0, underscore), right = verb.substr(underscore + 1);
  for (const NamedRight& named : kRights) {
    if (named.name != right) continue;
    const edit::Column where = column == "allow"  ? edit::Column::allow
                               : column == "deny" ? edit::Column::deny
                                                  : edit::Column::clear;
    return Edit(edit::SetPermission{std::move(account), named.right, where});
  }
  return unknown_verb(verb);
}

}  // namespace

std::span<const VerbInfo> verbs() { return kVerbs; }

Result<Edit> parse_edit(std::string_view verb, std::string_view argument, const SidOf& sid_of) {
  const bool known =
      std::any_of(std::begin(kVerbs), std::end(kVerbs), [&](const VerbInfo& info) { return info.verb == verb; });
  if (!known) return unknown_verb(verb);
  argument = trim(argument);
  if (verb == "remove" || verb.substr(0, 6) == "allow_" || verb.substr(0, 5) == "deny_" ||
      verb.substr(0, 6) == "clear_") {
    return parse_permission(verb, argument, sid_of);
  }
  if (verb == "display_name") return Edit(edit::SetDisplayName{std::string(argument)});
  if (verb == "validity" || verb == "renewal") {
    const auto period = parse_duration(argument);
    if (!period) return bad_argument(verb, argument);
    return verb == "validity" ? Edit(edit::SetValidity{*period}) : Edit(edit::SetOverlap{*period});
  }
  if (verb == "compatibility") return parse_compatibility(verb, argument);
  if (verb == "private_key") return parse_private_key(verb, argument);
  if (verb == "minimum_key_size" || verb == "ra_signatures") {
    const auto number = parse_decimal<std::uint32_t>(argument, 0, 999'999'999);
    if (!number) return bad_argument(verb, argument);
    return verb == "ra_signatures" ? Edit(edit::RequireSignatures{*number}) : Edit(edit::SetMinimumKeySize{*number});
  }
  if (verb == "provider") return parse_provider(verb, argument);
  if (verb == "key_algorithm") return Edit(edit::SetKeyAlgorithm{std::string(argument)});
  if (verb == "hash_algorithm") return Edit(edit::SetHashAlgorithm{std::string(argument)});
  if (verb == "subject") return parse_subject(verb, argument);
  if (verb == "supersede") return Edit(edit::Supersede{parse_list(argument)});
  if (verb == "application_policies" || verb == "issuance_policies" || verb == "ra_application_policies" ||
      verb == "ra_issuance_policies") {
    MIMICA_TRY(std::vector<Oid> policies, parse_purposes(verb, argument));
    if (verb == "application_policies") return Edit(edit::SetApplicationPolicies{std::move(policies)});
    if (verb == "issuance_policies") return Edit(edit::SetIssuancePolicies{std::move(policies)});
    if (verb == "ra_application_policies") return Edit(edit::SetRaApplicationPolicies{std::move(policies)});
    return Edit(edit::SetRaIssuancePolicies{std::move(policies)});
  }
  return parse_flag(verb, argument);
}

}  // namespace mimica::templates
