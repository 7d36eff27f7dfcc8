// Every check that can refuse, warn or explain something at the certification authority, as documented constants.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::ca {

// ---- the call itself -----------------------------------------------------------------------------------------------
inline constexpr Rule kAuthorityName{
    "ca.authority.name", "The request is addressed to this certification authority by its name.", "MS-WCCE 3.2.1.4.2.1",
    "use the common name of the CA, as `certutil -CAInfo name` prints it"};
inline constexpr Rule kAuthorityCertificate{
    "ca.authority.certificate", "The certificate of the certification authority is within its validity period.",
    "MS-WCCE 3.2.1.4.2.1.4.6", "renew the certificate of the CA", Provenance::inferred};
inline constexpr Rule kRequesterKnown{"ca.requester.known", "The caller is an account of the directory.",
                                      "MS-WCCE 3.2.2.1.2",
                                      "use an account of the domain, for example CONTOSO\\CONNECTOR01$"};

// ---- parsing: failures are processing errors (DB_DISP_ERROR), not denials ------------------------------------------
inline constexpr Rule kRequestSize{"ca.request.size", "The request is not larger than MaxIncomingMessageSize.",
                                   "MS-WCCE 3.2.1.4.2.1.4", "requests of more than 64 KiB are not taken"};
inline constexpr Rule kRequestWellFormed{
    "ca.request.well_formed", "The request is a PKCS#10, an SPKAC, or signed data around a PKCS#10 or a CMC request.",
    "MS-WCCE 3.2.1.4.2.1.4; RFC 2986; RFC 5272",
    "send it as DER or PEM; `openssl req -in FILE -noout -text` or `openssl cms -cmsout -print` shows what is wrong"};
inline constexpr Rule kRequestSingleValued{"ca.request.single_valued",
                                           "The operating system and provider attributes have one value each.",
                                           "MS-WCCE 3.2.1.4.2.1.4.1", "remove the repeated attribute from the PKCS#10"};
inline constexpr Rule kRequestAttributes{"ca.request.attributes",
                                         "The request attributes and template extensions can be read.",
                                         "MS-WCCE 3.2.1.4.2.1.2", "write attributes as Name:Value lines"};
inline constexpr Rule kRequestSignature{
    "ca.request.signature", "The requester proves that it holds the private key: the request is signed with it.",
    "MS-WCCE 3.2.1.4.2.1.4; RFC 2986 4.2", "sign the request with the key whose public half it carries"};

inline constexpr Rule kRequestChallenge{
    "ca.request.challenge", "The challenge of an SPKAC is the one that the attributes name.",
    "MS-WCCE 3.2.1.4.2.1.4.1.4", "send the attribute challenge:<the same text> beside the request"};
inline constexpr Rule kRequestSigners{"ca.request.signers",
                                      "A signed message has signers, and each signature verifies.",
                                      "MS-WCCE 3.2.1.4.2.1.4.1.2; RFC 5652 5.6",
                                      "sign the message again and put the certificates of all signers into it; "
                                      "`openssl cms -verify` shows what is wrong"};
inline constexpr Rule kRenewalCertificateSigned{
    "ca.renewal.certificate",
    "A renewal names one certificate, holds it, and is signed with its key (szOID_RENEWAL_CERTIFICATE).",
    "MS-WCCE 3.2.1.4.2.1.4.2", "sign the renewal with the key of the certificate that its attribute holds"};

// ---- on behalf of somebody -----------------------------------------------------------------------------------------
inline constexpr Rule kAgentSubject{"ca.agent.subject", "The account on whose behalf an agent asks exists.",
                                    "MS-WCCE 3.2.2.6.2.1.2.1", "name it as DOMAIN\\account in requestername",
                                    Provenance::inferred};
inline constexpr Rule kAgentCertificate{
    "ca.agent.certificate", "Who asks on behalf of somebody signs with a Certificate Request Agent certificate.",
    "MS-WCCE 3.2.2.6.2.1.2.1.1", "enroll for the template EnrollmentAgent first and sign with that certificate",
    Provenance::inferred};
inline constexpr Rule kAgentRestriction{
    "ca.agent.restriction", "The restrictions of the CA let this agent ask for this account and template.",
    "MS-CSRA 2.2.1.11.2; MS-WCCE 3.2.2.6.2.1.2.1",
    "add the agent, the template and the account's group on the Enrollment Agents tab of the CA"};
inline constexpr Rule kAgentTemplate{
    "ca.agent.template",
    "A template from version 2 on that is used on behalf of somebody requires a Certificate Request Agent's signature.",
    "Windows SDK winerror.h CERTSRV_E_BAD_RENEWAL_SUBJECT",
    "set the number of authorised signatures to 1 with the application policy Certificate Request Agent"};

// ---- the policy module ---------------------------------------------------------------------------------------------
inline constexpr Rule kPermissionRequest{
    "ca.permission.request", "The security of the CA allows the caller to request certificates.", "MS-CSRA 3.1.1.7",
    "allow 'Request Certificates' on the Security tab of the CA to the caller or one of its groups"};
inline constexpr Rule kTemplateSupport{
    "ca.template.support", "The CA supports certificate templates: it is an Enterprise CA.", "MS-WCCE 3.2.2",
    "use an Enterprise CA, or leave the template out of the request", Provenance::inferred};
inline constexpr Rule kTemplateNamed{
    "ca.template.named", "The request names a certificate template.", "MS-WCCE 3.2.2.6.2.1.4",
    "add the attribute CertificateTemplate:<name>, or the template extension to the PKCS#10", Provenance::observed};
inline constexpr Rule kTemplateAgreement{
    "ca.template.agreement", "All template identifiers of the request mean the same template.", "MS-WCCE 3.2.2.6.2.1.4",
    "remove the identifiers that differ, or make them equal"};
inline constexpr Rule kTemplateVersion{
    "ca.template.version", "The version of the template in the request is not newer than the one in the directory.",
    "MS-WCCE 3.2.2.6.2.1.4", "make the request again with the current version of the template"};

inline constexpr Rule kSubjectSupplied{
    "ca.subject.supplied", "A request for a template with supplied subject carries a subject or an alternative name.",
    "MS-WCCE 3.2.2.6.2.1.4.5.9", "put a subject into the PKCS#10"};
inline constexpr Rule kSubjectFromDirectory{
    "ca.subject.from_directory", "The directory gives something to put into the subject or the alternative name.",
    "MS-WCCE 3.2.2.6.2.1.4.5.9", "choose at least one subject name or alternative name on the template"};
inline constexpr Rule kSubjectDns{
    "ca.subject.dns", "The account has the dNSHostName that the template puts into the name.",
    "MS-WCCE 3.2.2.6.2.1.4.4.1", "set dNSHostName of the computer account; users cannot use computer templates"};
inline constexpr Rule kSubjectEmail{
    "ca.subject.email", "The account has the mail address that the template puts into the name.",
    "MS-WCCE 3.2.2.6.2.1.4.5.9", "set mail of the account, untick e-mail on the template, or set EDITF_EMAILOPTIONAL"};
inline constexpr Rule kSubjectUpn{
    "ca.subject.upn", "The account has the userPrincipalName that the template puts into the alternative name.",
    "MS-WCCE 3.2.2.6.2.1.4.5.9", "set userPrincipalName of the account or untick UPN on the template"};
inline constexpr Rule kSubjectGuid{"ca.subject.guid", "The account has an objectGUID for the alternative name.",
                                   "MS-WCCE 3.2.2.6.2.1.4.5.9",
                                   "the account object is damaged or a foreign directory does not keep objectGUID"};
inline constexpr Rule kSubjectAltName{
    "ca.subject.alternative_name", "The alternative name that the request supplies can be read.", "RFC 5280 4.2.1.6",
    "fix the subjectAltName extension or the SAN attribute of the request", Provenance::inferred};
inline constexpr Rule kSubjectTemplate{
    "ca.subject.template", "The supplied subject is filtered and ordered by the SubjectTemplate of the CA.",
    "MS-CSRA 3.1.1.10", "add the missing name type to SubjectTemplate, or empty it to keep subjects unchanged"};
inline constexpr Rule kSubjectLengths{
    "ca.subject.lengths", "No subject component is longer than X.520 allows (EnforceX500NameLengths).",
    "MS-CSRA 3.1.1.10; X.520", "shorten the component or set EnforceX500NameLengths to 0"};

inline constexpr Rule kSignatureRequired{
    "ca.signature.required", "The template needs no authorised signature, or the request carries it.",
    "MS-WCCE 3.2.2.6.2.1.4.5.1", "untick 'This number of authorized signatures' or use a request signed by an agent"};
inline constexpr Rule kSignatureTrusted{
    "ca.signature.trusted", "The certificates that signed the message chain to this PKI, are current and not revoked.",
    "MS-WCCE 3.2.1.4.2.1.4; RFC 5280 6", "sign with a current certificate of this PKI", Provenance::inferred};
inline constexpr Rule kSignatureCount{
    "ca.signature.count", "The request carries as many authorised signatures as the template demands.",
    "MS-WCCE 3.2.2.6.2.1.4.5.1", "let more agents sign, or lower the number of authorised signatures"};
inline constexpr Rule kSignaturePolicies{
    "ca.signature.policies",
    "The signing certificates hold the application and issuance policies that the template demands of them.",
    "MS-WCCE 3.2.2.6.2.1.4.5.3; 3.2.2.6.2.1.4.5.4; certca.h",
    "sign with a certificate that has these policies, or change Issuance Requirements of the template"};
inline constexpr Rule kRenewalTemplate{
    "ca.renewal.template", "A renewal asks for the template of the certificate that it renews.",
    "MS-WCCE 3.2.2.6.2.1.2.3", "ask for a new certificate instead, without the renewal attribute",
    Provenance::inferred};
inline constexpr Rule kRenewalApproval{"ca.renewal.approval",
                                       "A valid earlier certificate stands in for approval and signatures "
                                       "(CT_FLAG_PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT).",
                                       "MS-WCCE 3.2.2.6.2.1.4.8",
                                       "renew with the unchanged names of the earlier certificate"};
inline constexpr Rule kRenewalKey{"ca.renewal.key", "A renewal keeps its key where the template demands it.",
                                  "MS-WCCE 3.2.2.6.2.1.4.5.7",
                                  "renew with the same key, or untick 'Renew with the same key'"};
inline constexpr Rule kRenewalOverlap{
    "ca.renewal.overlap", "The renewal period of the template is shorter than the validity that a renewal would get.",
    "Windows SDK winerror.h CERTSRV_E_CERT_TYPE_OVERLAP",
    "lengthen the validity of the template or the CA, or shorten the renewal period"};
inline constexpr Rule kKeyStrength{"ca.key.strength", "The public key is not weaker than the system minimum.",
                                   "winerror.h CERTSRV_E_WEAK_SIGNATURE_OR_KEY", "use RSA with 1024 bits or more",
                                   Provenance::inferred};
inline constexpr Rule kKeyLength{
    "ca.key.length", "The public key is at least as long as the template's minimum key size.",
    "MS-WCCE 3.2.2.6.2.1.4.5.2", "make a longer key or lower the minimum key size of the template"};
inline constexpr Rule kKeyArchival{
    "ca.key.archival", "The request carries an archived key exactly when the template demands it.",
    "MS-WCCE 3.2.2.6.2.1.4.5.6", "untick 'Archive subject's encryption private key' on the template"};

inline constexpr Rule kKeyAttestation{"ca.key.attestation",
                                      "The request carries a key attestation when the template requires one.",
                                      "MS-WCCE 3.2.2.6.2.1.2.6", "untick 'Key attestation: Required' on the template"};

inline constexpr Rule kExtensionSid{"ca.extension.sid",
                                    "The SID of the subject goes into the security extension (1.3.6.1.4.1.311.25.2).",
                                    "KB5014754; MS-WCCE 3.2.2.6.2.1.4.5.9",
                                    "for supplied subjects the requester has to put the extension into the PKCS#10"};
inline constexpr Rule kExtensionRequested{
    "ca.extension.requested", "Extensions of the request are taken only where the CA's lists and the template allow.",
    "MS-WCCE 3.2.2.6.2.1.4.4", "see EnableRequestExtensionList and EditFlags"};
inline constexpr Rule kExtensionPolicies{
    "ca.extension.issuance_policies", "Issuance policies come from the template, or by its leave from the request.",
    "MS-WCCE 3.2.2.6.2.1.4.5.8", "list the policies that requests may choose from on the template"};
inline constexpr Rule kValidityRequested{
    "ca.validity.requested",
    "A validity that the request asks for is readable, and honoured only where the CA allows it.",
    "MS-WCCE 3.2.1.4.2.1.2; CertSrv.h EDITF_ATTRIBUTEENDDATE",
    "`certutil -setreg policy\\EditFlags +EDITF_ATTRIBUTEENDDATE` and restart the CA"};
inline constexpr Rule kValidityPeriod{
    "ca.validity.period", "The validity is the template's, cut to what the CA may issue.", "MS-WCCE 3.2.1.4.2.1.4.6",
    "raise ValidityPeriodUnits of the CA or renew its certificate"};
inline constexpr Rule kDispositionDeny{"ca.disposition.deny",
                                       "The CA is not set to deny all requests (RequestDisposition).",
                                       "CertSrv.h REQDISP_DENY", "set RequestDisposition to 1"};
inline constexpr Rule kDispositionPending{"ca.disposition.pending",
                                          "Whether a certificate manager has to approve the request first.",
                                          "MS-WCCE 3.2.2.6.2.1.4.5.8; CertSrv.h REQDISP_PENDINGFIRST",
                                          "a certificate manager issues it: `certutil -resubmit <request id>`"};

// ---- administration ------------------------------------------------------------------------------------------------
inline constexpr Rule kPermissionOfficer{
    "ca.permission.officer", "The caller may issue and manage certificates on the CA.", "MS-CSRA 3.1.1.7",
    "allow 'Issue and Manage Certificates' on the Security tab of the CA to the caller or one of its groups"};
inline constexpr Rule kPermissionManage{
    "ca.permission.manage", "The caller may manage the CA.", "MS-CSRA 3.1.1.7",
    "allow 'Manage CA' on the Security tab of the CA to the caller or one of its groups"};
inline constexpr Rule kOfficerRestriction{
    "ca.officer.restriction",
    "The restrictions of the CA let this certificate manager handle this requester and template.",
    "MS-CSRA 2.2.1.11.1; 3.1.4.2.13",
    "add the manager, the template and the requester's group on the Certificate Managers tab of the CA"};
inline constexpr Rule kPermissionRead{
    "ca.permission.read", "The caller may read the configuration and the database of the CA.", "MS-CSRA 3.1.1.7",
    "allow 'Read' on the Security tab of the CA to the caller or one of its groups"};
inline constexpr Rule kSecurityKeepsAdministrator{
    "ca.security.administrator", "The security of the CA leaves at least one principal that can manage it.",
    "MS-CSRA 3.1.4.2.4", "keep 'Manage CA' for one principal"};
inline constexpr Rule kTemplatePublishable{"ca.template.publishable", "A template that is to be published exists.",
                                           "MS-CSRA 3.1.4.1.11", "create the template first, and name it by its cn"};
inline constexpr Rule kRowKnown{"ca.row.known", "The database holds a row with that request id or serial number.",
                                "MS-CSRA 3.1.4.1", "look the number up with `certutil -view`"};
inline constexpr Rule kRowResolvable{
    "ca.row.resolvable", "The request is in a state that allows it to be issued or denied.",
    "MS-CSRA 3.1.4.1.2; 3.1.4.1.3",
    "only pending requests can be denied; denied ones can be resubmitted by a CA administrator"};
inline constexpr Rule kRowRevocable{
    "ca.row.revocable", "The state of the certificate allows this revocation reason.", "MS-CSRA 3.1.4.1.8",
    "only a certificate on hold can be released, and a revoked one cannot be put on hold"};
inline constexpr Rule kRenewalParent{"ca.renewal.parent",
                                     "The CA that signs the renewed certificate can sign: its key is at hand and its "
                                     "certificate has not ended.",
                                     "MS-WCCE 3.2.1.4.2.1.4.6", "bring the root's key, or renew the root first",
                                     Provenance::inferred};
inline constexpr Rule kCrlNextPublish{"ca.crl.next_publish", "The next publication that is asked for is not past.",
                                      "MS-CSRA 3.1.4.1.6", "give a time to come, or none"};
inline constexpr Rule kCrlDeltaEnabled{
    "ca.crl.delta_enabled", "A delta CRL alone is published only while delta CRLs are enabled.", "MS-CSRA 3.1.4.2.1",
    "set CRLDeltaPeriodUnits to 1 or more", Provenance::inferred};
inline constexpr Rule kRevocationReason{
    "ca.revocation.reason", "The revocation reason is one of RFC 5280, or -1 to -3 with Microsoft's meaning.",
    "MS-CSRA 3.1.4.1.8", "use 0 to 6 or 8, -1 to release from hold, -2 or -3 to list after the end or not"};

// ---- maintenance of the database -----------------------------------------------------------------------------------
inline constexpr Rule kServerRunning{"ca.server.running", "The database of the CA is not being restored.",
                                     "MS-CSRA 2.2.5 CERTSRV_E_SERVER_SUSPENDED", "try again when the restore is done"};
inline constexpr Rule kRowDeletion{
    "ca.row.deletion", "A deletion names either one row or a date, of a table that allows it.", "MS-CSRA 3.1.4.2.18",
    "`certutil -deleterow <id> Request|Ext|Attrib|CRL`, `<date> Request` (failed and pending), `<date> Cert` (expired) "
    "or `<date> CRL`"};

// All of them, in the order above; docs/rules.md is generated from it and stored traces are read back with it. The
// checks of templates that a decision of the CA contains are in templates/rules.h.
std::span<const Rule* const> rules();
// rules() and those of the templates folder.
std::span<const Rule* const> rules_in_traces();

// Whether a refusal by that rule is a processing error (row Disposition 30) instead of a denial (31).
bool is_processing_error(const Rule& rule);

}  // namespace mimica::ca
