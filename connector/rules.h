// The checks of this folder as documented constants (core/base/decision.h). REQ-nn are the requirements of the Intune
// PKCS article; other citations name public documents.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::connector::rule {

inline constexpr Rule kProfileKind{
    "connector.profile.kind",
    "The configuration is a PKCS certificate or trusted certificate profile for a platform that has one",
    "REQ-01, Graph deviceConfiguration",
    "use the PKCS or trusted certificate profile type of the device's platform; SCEP and imported PFX profiles are "
    "kept but not executed"};
inline constexpr Rule kProfileName{"connector.profile.name", "The profile has a display name", "REQ-53, REQ-65",
                                   "give the profile a displayName"};
inline constexpr Rule kProfileDescription{"connector.profile.description", "The profile has a description",
                                          "REQ-53, REQ-65", "describe what the profile is for"};
inline constexpr Rule kProfileAuthority{
    "connector.profile.authority", "Certification authority, its name and the template name are all filled in",
    "REQ-74, REQ-75, REQ-76",
    "fill in certificationAuthority (FQDN), certificationAuthorityName and certificateTemplateName"};
inline constexpr Rule kProfileAuthorityHost{
    "connector.profile.authority_host",
    "The certification authority is given as the fully qualified domain name of its server", "REQ-74",
    "write the FQDN alone: no scheme, no slash, no NetBIOS name"};
inline constexpr Rule kProfileTemplateName{
    "connector.profile.template_name", "The template is named by its cn, not by its display name", "REQ-35, REQ-76",
    "use the Template name (by default the display name without spaces)", Provenance::inferred};
inline constexpr Rule kProfileRenewalThreshold{
    "connector.profile.renewal_threshold", "The renewal threshold lies between 1 and 99 percent", "REQ-70",
    "use 20, the recommended percentage of remaining life at which renewal starts"};
inline constexpr Rule kProfileValidity{"connector.profile.validity",
                                       "The validity period is at least five days and at most 24 months", "REQ-72",
                                       "choose a period between 5 days and 24 months"};
inline constexpr Rule kProfileChannelStore{"connector.profile.channel_store",
                                           "The macOS user channel carries only user certificates", "REQ-80",
                                           "use the device channel for certificateStore machine"};
inline constexpr Rule kProfileChannel{
    "connector.profile.channel",
    "On macOS user certificates use the user channel and device certificates the device channel", "REQ-68",
    "create a new profile with the channel that fits; it cannot be changed later"};
inline constexpr Rule kProfileDeviceVariables{"connector.profile.device_variables",
                                              "A device certificate uses device attributes only", "REQ-78, REQ-79",
                                              "replace the user variable, or make the certificate type User"};
inline constexpr Rule kProfileVariables{"connector.profile.variables", "Every variable is one that Intune knows",
                                        "REQ-95..REQ-108", "correct the spelling of the variable"};
inline constexpr Rule kProfileBraces{"connector.profile.braces", "Variables stand in double curly brackets", "REQ-110",
                                     "write {{DeviceName}}; a single or unbalanced bracket stays literal text"};
inline constexpr Rule kProfileSubjectSyntax{
    "connector.profile.subject_syntax", "The subject name format follows the grammar of CertStrToName", "REQ-106",
    "write key=value pairs such as CN={{UserName}}; quote a value that contains a comma"};
inline constexpr Rule kProfileEscapedCharacter{"connector.profile.escaped_character",
                                               "The subject has no backslash before one of + ; , =", "REQ-92",
                                               "enclose the value in double quotes instead"};
inline constexpr Rule kProfileUnquotedName{
    "connector.profile.unquoted_name", "Variables whose value may hold a comma are quoted in the subject",
    "REQ-92, REQ-106", "write CN=\"{{OnPrem_Distinguished_Name}}\"", Provenance::inferred};
inline constexpr Rule kProfileKeyUsage{"connector.profile.key_usage",
                                       "Extended key usages are dotted object identifiers", "REQ-83",
                                       "use the object identifier, for example 1.3.6.1.5.5.7.3.2"};
inline constexpr Rule kProfileSanAtSign{"connector.profile.san_at_sign",
                                        "UPN and e-mail values of the subject alternative name contain an at sign",
                                        "REQ-82", "use {{UserPrincipalName}}, {{EmailAddress}} or a value with @"};
inline constexpr Rule kProfileSanCharacters{
    "connector.profile.san_characters", "Static text of a subject alternative name is free of { } | and ;",
    "Intune SCEP profile article", "remove the character from the static text", Provenance::inferred};
inline constexpr Rule kProfileSanUserName{
    "connector.profile.san_user_name",
    "UserName is not used in the subject alternative name on corporate-owned Android", "Intune SCEP profile article",
    "use {{UserPrincipalName}}", Provenance::inferred};
inline constexpr Rule kProfileSidVariable{"connector.profile.sid_variable",
                                          "OnPremisesSecurityIdentifier is not used: it belongs to SCEP", "REQ-22",
                                          "set EnableSidSecurityExtension on the connector instead"};
inline constexpr Rule kProfileRootCertificate{
    "connector.profile.root_certificate", "An Android profile names its trusted root profile", "REQ-85",
    "bind rootCertificate to a trusted certificate profile that is assigned to the same groups"};
inline constexpr Rule kProfileProperties{"connector.profile.properties", "The profile has only properties of its type",
                                         "REQ-66, REQ-55", "remove the property, or use the type that has it"};
inline constexpr Rule kProfileLimits{"connector.profile.limits", "Lists stay within Graph's limits",
                                     "Graph deviceConfiguration",
                                     "at most 500 subject alternative names, 500 key usages and 50 silent apps"};
inline constexpr Rule kProfileChannelImmutable{"connector.profile.channel_immutable",
                                               "The deployment channel of an assigned profile does not change",
                                               "REQ-69", "create a new profile with the other channel"};
inline constexpr Rule kProfileSpoofable{"connector.profile.spoofable",
                                        "No self-reported device property identifies the holder", "REQ-111",
                                        "use a value that the device cannot choose, such as {{AAD_Device_ID}}"};
inline constexpr Rule kProfileRootContent{
    "connector.profile.root_content", "The trusted certificate is the DER of a root or intermediate certificate",
    "REQ-54", "export it with certutil -ca.cert; no PEM armour, no PFX, no end-entity certificate"};
inline constexpr Rule kProfileRootStore{"connector.profile.root_store",
                                        "Roots go to the root store, intermediates to the intermediate store", "REQ-55",
                                        "choose the destinationStore that fits the certificate", Provenance::inferred};
inline constexpr Rule kProfileAuthorityType{"connector.profile.authority_type",
                                            "The profile names a Microsoft certification authority", "REQ-26",
                                            "DigiCert profiles are kept but not executed"};
inline constexpr Rule kVariableUnknown{"connector.variable.unknown", "The variable exists", "REQ-108",
                                       "correct the spelling of the variable"};
inline constexpr Rule kVariableNoUser{"connector.variable.no_user",
                                      "A user variable is used on a device that has a user", "REQ-107",
                                      "use device variables on user-less devices"};
inline constexpr Rule kVariableNotSynced{
    "connector.variable.not_synced", "The user is synchronised from Active Directory with the attribute",
    "REQ-102, REQ-103", "synchronise the user with Microsoft Entra Connect, or use another variable"};
inline constexpr Rule kVariableAttributeEmpty{"connector.variable.attribute_empty", "The attribute has a value",
                                              "REQ-112",
                                              "fill in the attribute, or target only devices and users that have it"};
inline constexpr Rule kVariablePlatformWithheld{
    "connector.variable.platform_withheld", "The platform discloses the hardware identifier", "REQ-93, REQ-94",
    "do not use serial number, IMEI or MEID on personally-owned work profiles from Android 12"};
inline constexpr Rule kVariableNotDomainJoined{
    "connector.variable.not_domain_joined",
    "The fully qualified domain name is asked of a domain-joined Windows device", "REQ-108",
    "use {{DeviceName}} or {{AAD_Device_ID}}"};
inline constexpr Rule kSubjectX500{"connector.subject.x500", "The resolved subject is a valid CertStrToName string",
                                   "REQ-106", "quote the value: CN=\"Doe, Jane\""};
inline constexpr Rule kSubjectEscapedCharacter{"connector.subject.escaped_character",
                                               "The resolved subject has no backslash-escaped + ; , =", "REQ-92",
                                               "quote the variable, or remove the character from the attribute"};
inline constexpr Rule kSubjectAlternativeName{"connector.subject.alternative_name",
                                              "Every subject alternative name can be encoded", "REQ-82",
                                              "use ASCII in e-mail addresses, DNS names and URIs"};
inline constexpr Rule kEnrollmentDeviceAdministrator{
    "connector.enrollment.device_administrator",
    "Android device administrator with Google Mobile Services is enrolled no later than 31 December 2024", "REQ-60",
    "move to Android Enterprise management"};
inline constexpr Rule kEnrollmentSupport{"connector.enrollment.support",
                                         "The management mode of the device is supported", "REQ-60",
                                         "move to Android Enterprise management"};
inline constexpr Rule kAssignmentIncluded{"connector.assignment.included",
                                          "The profile is assigned to the device or its user", "REQ-56, REQ-88",
                                          "include a group of the user or device, or all users or all devices"};
inline constexpr Rule kAssignmentExcluded{
    "connector.assignment.excluded", "No exclusion of the same kind removes the device or its user",
    "Intune device-profile-assign", "remove the exclusion; it wins over inclusion"};
inline constexpr Rule kAssignmentPlatform{"connector.assignment.platform",
                                          "The profile type serves the device's platform and management mode",
                                          "REQ-51, REQ-62", "assign the profile type of the device's management mode"};
inline constexpr Rule kAssignmentFilter{"connector.assignment.filter", "The assignment filter lets the device through",
                                        "REQ-56", "change the filter rule or its include/exclude type"};
inline constexpr Rule kAssignmentOsEdition{"connector.assignment.os_edition",
                                           "The applicability rule on the OS edition lets the device through", "REQ-58",
                                           "change the rule or the edition"};
inline constexpr Rule kAssignmentOsVersion{"connector.assignment.os_version",
                                           "The applicability rule on the OS version lets the device through", "REQ-58",
                                           "change the rule or update the device"};
inline constexpr Rule kAssignmentDeviceMode{"connector.assignment.device_mode",
                                            "The applicability rule on S mode lets the device through",
                                            "Graph deviceManagementApplicabilityRuleDeviceMode", "change the rule"};
inline constexpr Rule kAssignmentMultiSession{"connector.assignment.multi_session",
                                              "On Windows multi-session a machine certificate comes through a device "
                                              "group and a user certificate through a user group",
                                              "REQ-05", "assign to the kind of group that fits the certificate store"};
inline constexpr Rule kAssignmentUserAffinity{
    "connector.assignment.user_affinity", "A user certificate goes to a device with a user",
    "REQ-107, Intune certificates-configure", "use certificate type Device for kiosks and dedicated devices"};
inline constexpr Rule kAssignmentTrustedRoot{
    "connector.assignment.trusted_root", "The bound trusted root profile has reached the device", "REQ-85",
    "assign the trusted certificate profile to the same groups and let the device check in"};
inline constexpr Rule kAssignmentSameGroups{"connector.assignment.same_groups",
                                            "Trusted root, PKCS and consuming profiles are assigned to the same groups",
                                            "REQ-57, REQ-89", "assign them to the same groups"};
inline constexpr Rule kAssignmentGroupKind{"connector.assignment.group_kind",
                                           "Related assignments target the same kind of group, users or devices",
                                           "REQ-57, REQ-89", "do not mix user and device groups"};
inline constexpr Rule kRequestNeeded{
    "connector.request.needed", "No current certificate of this profile makes a request needless", "REQ-20, REQ-25",
    "create a new profile, or wait for renewal, to get another certificate", Provenance::inferred};
inline constexpr Rule kRequestConnector{"connector.request.connector",
                                        "A connector with the needed feature takes the request", "REQ-11",
                                        "install and start a Certificate Connector with the PKCS feature"};
inline constexpr Rule kRegistrationLimit{"connector.registration.limit",
                                         "At most 100 connectors per tenant, one per server",
                                         "Intune certificate-connector-prerequisites", "remove a connector"};
inline constexpr Rule kHostSupport{"connector.host.support", "The connector release may still issue certificates",
                                   "Intune certificate-connector-overview",
                                   "update the connector to 6.2101.13.0 or later"};
inline constexpr Rule kHostDomainJoined{"connector.host.domain_joined", "The connector host is a member of the domain",
                                        "REQ-06", "join the server to the domain of the certification authority"};
inline constexpr Rule kSidSubject{"connector.sid.subject", "The subject has an on-premises SID",
                                  "REQ-16, REQ-17, REQ-18", "synchronise the user, or hybrid-join the Windows device"};
inline constexpr Rule kSidConnectorVersion{"connector.sid.connector_version", "The connector is 6.2406.0.1001 or later",
                                           "REQ-15, REQ-19", "update the connector"};
inline constexpr Rule kSidHostSystem{
    "connector.sid.host_system", "The connector host runs Windows Server 2019 or later",
    "Intune certificate-connector-prerequisites", "move the connector to Windows Server 2019 or later"};
inline constexpr Rule kSidRegistryValue{"connector.sid.registry_value",
                                        "EnableSidSecurityExtension is the DWORD 1 under "
                                        "HKLM\\Software\\Microsoft\\MicrosoftIntune\\PFXCertificateConnector",
                                        "REQ-22", "set the value exactly there"};
inline constexpr Rule kSidServicesRestarted{
    "connector.sid.services_restarted", "Both PFX Create services have read the value at their start", "REQ-23",
    "restart PFX Create Legacy Connector and PFX Create Certificate Connector for Microsoft Intune"};
inline constexpr Rule kSidHostUpdate{"connector.sid.host_update", "The host can build the SID extension",
                                     "Support reports on CX509Extension::Initialize 0x80004003",
                                     "install the November 2024 Windows update on the connector host",
                                     Provenance::observed};
inline constexpr Rule kAuthorityReachable{"connector.authority.reachable",
                                          "The certification authority answers under the profile's host and name",
                                          "REQ-74, REQ-75", "compare host and name with certutil on the CA"};
inline constexpr Rule kAuthorityIssued{"connector.authority.issued",
                                       "The certification authority issues the certificate", "REQ-45, REQ-48",
                                       "see the certification authority's own steps"};
inline constexpr Rule kAuthorityHeld{"connector.authority.held",
                                     "The certification authority does not hold the request for approval",
                                     "Intune troubleshoot-pkcs-certificate-profiles",
                                     "let the policy module follow the template, and clear manager approval there"};
inline constexpr Rule kPfxExportable{"connector.pfx.exportable",
                                     "The template lets the connector export the private key", "REQ-36, REQ-37",
                                     "select Allow private key to be exported on the template"};
inline constexpr Rule kPfxRecipient{
    "connector.pfx.recipient", "The PFX can be encrypted to the device's management certificate",
    "Intune troubleshoot-pkcs-certificate-profiles", "enrol the device again", Provenance::inferred};
inline constexpr Rule kDeviceDecrypt{"connector.device.decrypt", "The device opens the PFX with its management key",
                                     "Intune troubleshoot-pkcs-certificate-profiles",
                                     "deliver again; the management key has changed", Provenance::inferred};
inline constexpr Rule kDeviceNearExpiry{"connector.device.near_expiry",
                                        "The certificate is not near its expiry on arrival", "REQ-72",
                                        "use a validity of at least five days", Provenance::inferred};
inline constexpr Rule kDeviceProofOfOrigin{
    "connector.device.proof_of_origin", "A certificate for iOS does not assert nonRepudiation", "REQ-44",
    "deselect Signature is proof of origin on the template", Provenance::inferred};
inline constexpr Rule kDeviceKeyStorage{
    "connector.device.key_storage", "The key storage provider of the profile exists on the device and can hold the key",
    "REQ-41, REQ-73", "use the software KSP"};
inline constexpr Rule kDeviceKeySize{"connector.device.key_size", "The platform is listed for this key size with PKCS",
                                     "REQ-40", "use 2048 bits on iOS and macOS"};
inline constexpr Rule kDeviceTrustedRoot{"connector.device.trusted_root",
                                         "The device builds a chain to a root it trusts", "REQ-27, REQ-57",
                                         "deliver the trusted certificate profile to the device"};
inline constexpr Rule kDeviceEnrolled{"connector.device.enrolled", "The device is enrolled", "REQ-49",
                                      "enrol the device"};
inline constexpr Rule kDevicePrivateKeyExport{"connector.device.private_key_export",
                                              "The private key may leave the device", "REQ-38",
                                              "keys delivered by PKCS profiles are not exportable"};
inline constexpr Rule kDeviceKeyAccess{"connector.device.key_access", "The app may use the private key",
                                       "REQ-84, REQ-86, REQ-87", "grant the app in the profile, or approve it"};
inline constexpr Rule kDeviceCertificate{"connector.device.certificate", "The certificate is on the device", "REQ-64",
                                         "deliver the profile first"};
inline constexpr Rule kRenewalWindow{"connector.renewal.window", "The remaining life has reached the renewal threshold",
                                     "REQ-70", "wait for the window, or create a new profile"};
inline constexpr Rule kRenewalDeviceReady{
    "connector.renewal.device_ready", "An Apple device is unlocked and its certificate has not expired",
    "Intune SCEP profile article", "unlock the device; once expired, remove and reassign the profile",
    Provenance::inferred};
inline constexpr Rule kRenewalCertificate{"connector.renewal.certificate",
                                          "There is a certificate of this profile to renew", "REQ-20",
                                          "deliver the profile first"};
inline constexpr Rule kRemovalSupported{"connector.removal.supported", "The platform supports this removal",
                                        "Intune remove-certificates", "use another removal"};
inline constexpr Rule kRevocationFeature{"connector.revocation.feature",
                                         "A connector with the revocation feature takes the revocation", "REQ-48",
                                         "install the certificate revocation feature"};
inline constexpr Rule kRevocationExecuted{"connector.revocation.executed",
                                          "The certification authority revokes the certificate", "REQ-48",
                                          "grant Issue and Manage Certificates to the connector's account on the CA"};
inline constexpr Rule kRegistryPath{
    "connector.registry.path", "EnableSidSecurityExtension stands under the connector's key", "REQ-22",
    "move the value to HKLM\\Software\\Microsoft\\MicrosoftIntune\\PFXCertificateConnector"};
inline constexpr Rule kRegistryValueName{"connector.registry.value_name",
                                         "Values under the connector's key are ones it reads", "REQ-22",
                                         "the value is called EnableSidSecurityExtension"};
inline constexpr Rule kRegistryValueType{"connector.registry.value_type", "EnableSidSecurityExtension is a DWORD",
                                         "REQ-22", "create it as REG_DWORD"};
inline constexpr Rule kRegistryRestart{"connector.registry.restart", "Every service has read the current registry",
                                       "REQ-23", "restart both PFX Create services"};
inline constexpr Rule kLintConnectorsDiffer{
    "connector.lint.connectors_differ", "All connectors of the tenant have the same SID behaviour", "REQ-19, REQ-23",
    "configure every connector alike: any of them may take any request"};

}  // namespace mimica::connector::rule

namespace mimica::connector {

// Every rule above, in that order.
std::span<const Rule* const> rules();

}  // namespace mimica::connector
