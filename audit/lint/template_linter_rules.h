// Is this a good template for Intune PKCS profiles?
#pragma once

#include "core/base/decision.h"

namespace mimica::audit::rule {

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

}  // namespace mimica::audit::rule
