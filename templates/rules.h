// The checks of this folder as documented constants.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::templates::rule {

// ---- is the template there, and does the CA issue it ----------------------------------------------------------------
inline constexpr Rule kCatalogExists{"templates.catalog.exists", "The requested template exists in the directory.",
                                     "MS-WCCE 3.2.2.6.2.1.4.6; REQ-35",
                                     "name the template by its cn (the template name), not by its display name"};
inline constexpr Rule kCatalogSchema{
    "templates.catalog.schema", "The template's schema version is one that the CA knows (1 to 4).", "MS-WCCE 3.2.2.5",
    "set msPKI-Template-Schema-Version to the version the template was made for"};
inline constexpr Rule kCatalogPublished{"templates.catalog.published", "The CA publishes the template.",
                                        "MS-WCCE 3.2.2.6.2.1.4.6; REQ-47",
                                        "publish it: Certificate Templates > New > Certificate Template to Issue"};
inline constexpr Rule kCatalogCaVersion{
    "templates.catalog.ca_version",
    "The CA is at least of the version that the template's compatibility setting asks for.",
    "MS-WCCE 3.2.2.6.2.1.4.5.7; REQ-32", "lower the template's compatibility setting or use a newer CA",
    Provenance::inferred};

// ---- permissions ---------------------------------------------------------------------------------------------------
inline constexpr Rule kPermissionRead{
    "templates.permission.read", "The account may read the template.", "MS-CRTD 2.5.3; KB283218",
    "allow Read to the account or one of its groups; Authenticated Users hold it by default"};
inline constexpr Rule kPermissionEnroll{
    "templates.permission.enroll", "The caller holds the Enroll right on the template.",
    "MS-CRTD 2.5.1; MS-ADTS 5.1.3.3; REQ-45", "allow Enroll to the caller or one of its groups"};

// ---- linter: is this a good template for Intune PKCS profiles
// --------------------------------------------------------
inline constexpr Rule kLintDuplicate{"templates.lint.duplicate", "The template is a duplicate, not a built-in one.",
                                     "REQ-29; REQ-30",
                                     "duplicate the User template: built-in templates serve others too"};
inline constexpr Rule kLintDisplayName{"templates.lint.display_name", "The display name says what the template is for.",
                                       "REQ-33", "set a display name on the General tab"};
inline constexpr Rule kLintName{"templates.lint.name", "The display name is not mistaken for the template name.",
                                "REQ-35", "write the template name (cn) into the profile"};
inline constexpr Rule kLintCompatibility{
    "templates.lint.compatibility", "Compatibility is at least Windows Server 2008 R2 and Windows 7.", "REQ-32",
    "set the Compatibility tab to Windows Server 2008 R2 and Windows 7 / Server 2008 R2"};
inline constexpr Rule kLintPublishInAd{
    "templates.lint.publish_in_ad",
    "A template whose subject comes from the request does not publish certificates in Active Directory.", "REQ-34",
    "clear 'Publish certificate in Active Directory': the CA would publish to the requester, the connector's account"};
inline constexpr Rule kLintExportable{
    "templates.lint.exportable", "The private key may be exported.", "REQ-36",
    "select 'Allow private key to be exported': the connector makes the key and has to export it as PFX"};
inline constexpr Rule kLintKeySize{
    "templates.lint.key_size", "The minimum key size is at least 2048 bits for RSA and 256 bits for elliptic curves.",
    "REQ-39", "set the minimum key size to 2048"};
inline constexpr Rule kLintKeySizeApple{"templates.lint.key_size_apple",
                                        "Keys of 4096 bits are used on Windows and Android only.", "REQ-40",
                                        "use 2048 bits for iOS, iPadOS and macOS; give them a template of their own"};
inline constexpr Rule kLintKeySizeTpm{
    "templates.lint.key_size_tpm", "Windows devices can keep keys of this size in a TPM.", "REQ-41",
    "with 4096 bits choose the software key storage provider in the profile; Windows Hello for Business has no way"};
inline constexpr Rule kLintSubject{
    "templates.lint.subject", "The subject is supplied in the request.", "REQ-42",
    "select 'Supply in the request': otherwise the CA names the connector's computer account"};
inline constexpr Rule kLintApplicationPolicies{
    "templates.lint.application_policies",
    "The application policies hold Encrypting File System, Secure Email and Client Authentication.", "REQ-43",
    "add the missing application policies on the Extensions tab"};
inline constexpr Rule kLintProofOfOrigin{
    "templates.lint.proof_of_origin", "Key usage for iOS and iPadOS does not say 'Signature is proof of origin'.",
    "REQ-44", "edit Key Usage on the Extensions tab and clear 'Signature is proof of origin'"};
inline constexpr Rule kLintConnector{
    "templates.lint.connector_permission", "The connector's account holds Read and Enroll.", "REQ-45",
    "add the connector's computer account on the Security tab and allow Read and Enroll"};
inline constexpr Rule kLintCaRights{
    "templates.lint.ca_rights", "The connector's account may request certificates from the CA and revoke them.",
    "REQ-48", "allow 'Request Certificates' and 'Issue and Manage Certificates' on the CA's Security tab"};
inline constexpr Rule kLintPublished{"templates.lint.published", "A CA publishes the template.", "REQ-47",
                                     "publish it: Certificate Templates > New > Certificate Template to Issue"};
inline constexpr Rule kLintLowPrivilegedEnroll{
    "templates.lint.low_privileged_enroll",
    "Where the subject comes from the request and the certificate authenticates, no low-privileged group may enroll "
    "(ESC1).",
    "REQ-46; MicrosoftDocs/memdocs#3659", "remove Domain Users and other broad groups from the template's permissions"};
inline constexpr Rule kLintSecurityExtension{
    "templates.lint.security_extension", "The template does not suppress the SID extension.", "KB5014754; MS-CRTD 2.26",
    "clear CT_FLAG_NO_SECURITY_EXTENSION (0x80000) in msPKI-Enrollment-Flag"};
inline constexpr Rule kLintManagerApproval{
    "templates.lint.manager_approval", "Requests are not held for a certificate manager.", "MS-CRTD 2.26",
    "clear 'CA certificate manager approval': the connector does not wait for pending requests"};
inline constexpr Rule kLintRaSignature{
    "templates.lint.ra_signature", "Requests need no authorised signature.", "MS-CRTD 2.14",
    "set the number of authorised signatures to 0: the connector does not sign requests"};

}  // namespace mimica::templates::rule

namespace mimica::templates {

// Every rule of the folder, in the order above.
std::span<const Rule* const> rules();

}  // namespace mimica::templates
