// What an administrator does in the Certificate Templates console: duplicate a template and change its tabs.
//
// An Edit is one setting. Scenario scripts name edits by verb and argument (edit_verbs.h); programs build them. save()
// is the OK button: it applies edits in order, checks the result and counts the minor revision up.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/asn1/oid.h"
#include "core/base/entropy.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/windows/sid.h"
#include "templates/permission.h"
#include "templates/template.h"

namespace mimica::templates {

namespace edit {

// General tab.
struct SetDisplayName {
  std::string name;
};
struct SetValidity {
  Seconds period;
};
struct SetOverlap {
  Seconds period;
};
struct PublishInAd {
  bool on;
};
// Compatibility tab; versions as in CertificateTemplate::ca_version(). From 4 and 4 on the schema version is 4.
struct SetCompatibility {
  int ca;
  int recipient;
};
// Request Handling tab.
struct AllowExport {
  bool on;
};
struct IncludeSymmetricAlgorithms {
  bool on;
};
// Cryptography tab. A key storage provider needs compatibility 2 and 2 and makes the schema version 3.
struct SetMinimumKeySize {
  std::uint32_t bits;
};
enum class ProviderCategory { legacy, key_storage };
struct UseProviders {
  ProviderCategory category;
  std::vector<std::string> names;
};  // empty: the category's default
struct SetKeyAlgorithm {
  std::string name;
};  // key storage providers: RSA, ECDSA_P256, ECDH_P256, ...
struct SetHashAlgorithm {
  std::string name;
};  // key storage providers: SHA256, ...
// Subject Name tab. Supplying clears autoenrollment and adds 2.5.29.7 to the critical extensions, as the console does;
// building from the directory undoes both.
struct SupplyInRequest {};
struct BuildFromDirectory {
  FlagSet<NameFlag> names;
};
// Extensions tab.
struct SetApplicationPolicies {
  std::vector<Oid> policies;
};
struct SetIssuancePolicies {
  std::vector<Oid> policies;
};
struct SetProofOfOrigin {
  bool on;
};
// Issuance Requirements tab.
struct RequireManagerApproval {
  bool on;
};
struct RequireSignatures {
  std::uint32_t count;
};
struct SetRaApplicationPolicies {
  std::vector<Oid> policies;
};
struct SetRaIssuancePolicies {
  std::vector<Oid> policies;
};
// Superseded Templates tab.
struct Supersede {
  std::vector<std::string> names;
};
// Security tab. Allowing something to an account without an entry of its own also allows it Read, which the dialogue
// ticks for accounts it adds. Clearing removes the tick in both columns.
enum class Column { allow, deny, clear };
struct SetPermission {
  Sid account;
  Right right;
  Column column;
};
struct RemoveAccount {
  Sid account;
};
// certutil -dstemplate: CT_FLAG_NO_SECURITY_EXTENSION (KB5014754), no tab.
struct SuppressSecurityExtension {
  bool on;
};

}  // namespace edit

using Edit = std::variant<edit::SetDisplayName, edit::SetValidity, edit::SetOverlap, edit::PublishInAd,
                          edit::SetCompatibility, edit::AllowExport, edit::IncludeSymmetricAlgorithms,
                          edit::SetMinimumKeySize, edit::UseProviders, edit::SetKeyAlgorithm, edit::SetHashAlgorithm,
                          edit::SupplyInRequest, edit::BuildFromDirectory, edit::SetApplicationPolicies,
                          edit::SetIssuancePolicies, edit::SetProofOfOrigin, edit::RequireManagerApproval,
                          edit::RequireSignatures, edit::SetRaApplicationPolicies, edit::SetRaIssuancePolicies,
                          edit::Supersede, edit::SetPermission, edit::RemoveAccount, edit::SuppressSecurityExtension>;

// Changes one setting, without counting a revision. Faults: settings that the console does not offer (any but the
// Security tab on schema version 1 templates, which cannot be edited; a key storage provider below compatibility 2;
// numbers out of range).
Result<void> apply_edit(CertificateTemplate& value, const Edit& change);

// Applies all edits and saves: marks the template as modified and increases the minor revision by one (a schema version
// 1 template, whose permissions alone can change, keeps both). On a Fault `value` is unchanged.
// CERTSRV_E_CERT_TYPE_OVERLAP when the renewal period is not shorter than the validity.
Result<void> save(CertificateTemplate& value, std::span<const Edit> edits);

struct DuplicateOptions {
  std::string display_name;
  std::string name;            // cn; empty: the display name without blanks
  Oid oid;                     // from allocate_oid()
  std::optional<Sid> creator;  // the administrator: becomes the owner and gets an entry
};
// Duplicate Template: revision 100.2, IS_MODIFIED instead of IS_DEFAULT, schema version 2 and compatibility Server 2003
// / XP for schema version 1 sources, application policies copied from the EKU attribute; settings and permissions are
// kept.
Result<CertificateTemplate> duplicate(const CertificateTemplate& source, const DuplicateOptions& options);

// Whether the console deletes the template: not a built-in one (it would come back with the next CA installation).
Result<void> check_removable(const CertificateTemplate& value);

}  // namespace mimica::templates
