#include "ca/events.h"

#include <array>

namespace mimica::ca {
namespace {

constexpr EventProvider kCertificationAuthority{"Microsoft-Windows-CertificationAuthority",
                                                "{6A71D062-9AFE-4F35-AD08-52134F85DFB9}", "CertSvc"};
constexpr std::uint16_t kCertificationServices = 12805;
constexpr std::string_view kSecurityCitation = "Audit Certification Services; MS-CSRA 3.1.4.2.10";
constexpr std::string_view kNamesOurs = "Audit Certification Services; names of the fields inferred";

constexpr EventField kRequestFields[] = {{"RequestId", "Request ID"}};
constexpr EventField kReceivedFields[] = {
    {"RequestId", "Request ID"}, {"Requester", "Requester"}, {"Attributes", "Attributes"}};
constexpr EventField kResolvedFields[] = {{"RequestId", "Request ID"},     {"Requester", "Requester"},
                                          {"Attributes", "Attributes"},    {"Disposition", "Disposition"},
                                          {"SubjectKeyIdentifier", "SKI"}, {"Subject", "Subject"}};
constexpr EventField kRevokedFields[] = {{"CertificateSerialNumber", "Serial Number"}, {"RevocationReason", "Reason"}};
constexpr EventField kCrlRequestedFields[] = {
    {"NextUpdate", "Next Update"}, {"PublishBaseCRL", "Publish Base"}, {"PublishDeltaCRL", "Publish Delta"}};
constexpr EventField kCrlPublishedFields[] = {{"BaseCRL", "Base CRL"},
                                              {"CRLNumber", "CRL Number"},
                                              {"KeyContainer", "Key Container"},
                                              {"NextPublish", "Next Publish"},
                                              {"PublishURLs", "Publish URLs"}};
constexpr EventField kSecurityFields[] = {{"SecuritySettings", "Security Settings"}};
constexpr EventField kCaCertificateFields[] = {
    {"CertificateHash", "Certificate Hash"}, {"ValidFrom", "Valid From"}, {"ValidTo", "Valid To"}};
constexpr EventField kPropertyFields[] = {
    {"PropertyName", "Property"}, {"PropertyIndex", "Index"}, {"PropertyType", "Type"}, {"PropertyValue", "Value"}};
constexpr EventField kAttributesFields[] = {{"RequestId", "Request ID"}, {"Attributes", "Attributes"}};
constexpr EventField kConfigurationFields[] = {{"Node", "Node"}, {"Entry", "Entry"}, {"Value", "Value"}};
constexpr EventField kManagerFields[] = {{"EnableRestrictedPermissions", "Enable"},
                                         {"RestrictedPermissions", "Restrictions"}};
constexpr EventField kTemplateFields[] = {
    {"TemplateInternalName", "Template"},        {"TemplateVersion", "Template Version"},
    {"TemplateSchemaVersion", "Schema Version"}, {"TemplateOID", "Template OID"},
    {"TemplateDSObjectFQDN", "Template Object"}, {"DCDNSName", "Domain Controller"},
    {"TemplateContent", "Template Content"},     {"SecurityDescriptor", "Security Descriptor"}};
constexpr EventField kBackupFields[] = {{"BackupType", "Backup Type"}};
constexpr EventField kRowsDeletedFields[] = {
    {"TableId", "Table ID"}, {"Filter", "Filter"}, {"RowsDeleted", "Rows Deleted"}};
constexpr EventField kFailedFields[] = {{"RequestId", "Request ID"},
                                        {"Reason", "Reason"},
                                        {"SubjectName", "Subject"},
                                        {"AdditionalInformation", "Additional Information"}};

constexpr EventField kNotPublishedFields[] = {{"KeyIndex", "Key"}, {"Location", "Location"}, {"ErrorCode", "Error"}};

constexpr EventKind audit_event(int id, std::string_view text, std::span<const EventField> fields,
                                std::string_view when, std::string_view citation = kSecurityCitation,
                                Provenance provenance = Provenance::documented) {
  EventKind kind;
  kind.party = "ca";
  kind.id = id;
  kind.provider = &kSecurityAuditing;
  kind.channel = "Security";
  kind.level = EventLevel::log_always;
  kind.keywords = event_keywords::kAuditSuccess;
  kind.task = kCertificationServices;
  kind.task_name = "Certification Services";
  kind.text = text;
  kind.fields = fields;
  kind.when = when;
  kind.citation = citation;
  kind.provenance = provenance;
  return kind;
}

}  // namespace

namespace events {

constexpr EventKind kRequestFailed{.party = "ca",
                                   .id = 53,
                                   .provider = &kCertificationAuthority,
                                   .channel = "Application",
                                   .level = EventLevel::warning,
                                   .text = "A certificate request was denied.",
                                   .fields = kFailedFields,
                                   .when = "a request is refused, beside 4888; it says why",
                                   .citation = "KB283218; names of the fields inferred",
                                   .provenance = Provenance::inferred};
constexpr EventKind kBaseCrlNotPublished{.party = "ca",
                                         .id = 65,
                                         .provider = &kCertificationAuthority,
                                         .channel = "Application",
                                         .level = EventLevel::error,
                                         .text = "A base revocation list could not be written to a location.",
                                         .fields = kNotPublishedFields,
                                         .when = "the directory refuses a base CRL, or its location cannot be written",
                                         .citation = "names of the fields inferred",
                                         .provenance = Provenance::inferred};
constexpr EventKind kDeltaCrlNotPublished{.party = "ca",
                                          .id = 66,
                                          .provider = &kCertificationAuthority,
                                          .channel = "Application",
                                          .level = EventLevel::error,
                                          .text = "A delta revocation list could not be written to a location.",
                                          .fields = kNotPublishedFields,
                                          .when = "the same of a delta CRL",
                                          .citation = "names of the fields inferred",
                                          .provenance = Provenance::inferred};
constexpr EventKind kRequestDeniedByManager = audit_event(4868, "A certificate manager denied a pending request.",
                                                          kRequestFields, "a manager denies a pending request");
constexpr EventKind kRequestResubmitted = audit_event(4869, "A request was submitted again.", kRequestFields,
                                                      "a manager has a pending request decided again");
constexpr EventKind kCertificateRevoked =
    audit_event(4870, "A certificate was revoked.", kRevokedFields, "a certificate is revoked, put on hold or released",
                kNamesOurs, Provenance::inferred);
constexpr EventKind kCrlRequested =
    audit_event(4871, "The publication of the revocation list was requested.", kCrlRequestedFields,
                "an administrator publishes the revocation list", kNamesOurs, Provenance::inferred);
constexpr EventKind kCrlPublished =
    audit_event(4872, "The revocation list was published.", kCrlPublishedFields,
                "a revocation list, base or delta, is made: at set-up, on request, or when the last one runs out",
                kNamesOurs, Provenance::inferred);
constexpr EventKind kBackupStarted =
    audit_event(4876, "A backup of the certification authority was started.", kBackupFields,
                "an administrator backs up the database", kNamesOurs, Provenance::inferred);
constexpr EventKind kBackupCompleted = audit_event(4877, "The backup of the certification authority was completed.", {},
                                                   "a backup is written and checked");
constexpr EventKind kRestoreStarted = audit_event(4878, "A restore of the certification authority was started.", {},
                                                  "an administrator restores the database");
constexpr EventKind kRestoreCompleted = audit_event(4879, "The restore of the certification authority was completed.",
                                                    {}, "the content of a backup is in place");
constexpr EventKind kAttributesChanged =
    audit_event(4874, "Attributes of a certificate request changed.", kAttributesFields,
                "a manager sets attributes of a pending request", kNamesOurs, Provenance::inferred);
constexpr EventKind kSecurityChanged =
    audit_event(4882, "The security of the certification authority changed.", kSecurityFields,
                "rights on the CA are granted or removed", kNamesOurs, Provenance::inferred);
constexpr EventKind kRequestReceived =
    audit_event(4886, "A certificate request was received.", kReceivedFields, "a request arrives from a known account");
constexpr EventKind kRequestIssued = audit_event(4887, "A certificate request was approved and a certificate issued.",
                                                 kResolvedFields, "a certificate is issued");
constexpr EventKind kRequestDenied =
    audit_event(4888, "A certificate request was denied.", kResolvedFields, "a request is refused");
constexpr EventKind kRequestPending = audit_event(4889, "A certificate request was set to pending.", kResolvedFields,
                                                  "a request waits for a certificate manager");
constexpr EventKind kManagerSettingsChanged = audit_event(
    4890, "The certificate manager settings of the certification authority changed.", kManagerFields,
    "certificate managers or enrollment agents are restricted, or no longer", kNamesOurs, Provenance::inferred);
constexpr EventKind kConfigurationChanged =
    audit_event(4891, "A configuration entry of the certification authority changed.", kConfigurationFields,
                "a registry value is set or deleted", kNamesOurs, Provenance::inferred);
constexpr EventKind kPropertyChanged = audit_event(
    4892, "A property of the certification authority changed.", kPropertyFields,
    "a template is published or withdrawn (property 29, the list of templates)", kNamesOurs, Provenance::inferred);

constexpr EventKind kTemplateLoaded =
    audit_event(4898, "A certificate template was loaded.", kTemplateFields,
                "EDITF_AUDITCERTTEMPLATELOAD is on, and a request names a template for the first time", kNamesOurs,
                Provenance::inferred);
constexpr EventKind kTemplateUpdated =
    audit_event(4899, "A certificate template was updated; these are its new values.", kTemplateFields,
                "EDITF_AUDITCERTTEMPLATELOAD is on, and a template has changed since it was loaded", kNamesOurs,
                Provenance::inferred);
constexpr EventKind kTemplateSecurityUpdated =
    audit_event(4900, "The security of a certificate template was updated; these are its new values.", kTemplateFields,
                "EDITF_AUDITCERTTEMPLATELOAD is on, and the permissions of a template have changed since it was loaded",
                kNamesOurs, Provenance::inferred);
constexpr EventKind kRowsDeleted =
    audit_event(4896, "Rows were deleted from the certificate database.", kRowsDeletedFields,
                "an administrator deletes rows", kNamesOurs, Provenance::inferred);
constexpr EventKind kCaCertificatePublished =
    audit_event(4895, "The certificate of the certification authority was published in the directory.",
                kCaCertificateFields, "the CA's certificate is renewed", kNamesOurs, Provenance::inferred);

}  // namespace events

std::span<const EventKind* const> event_kinds() {
  static constexpr std::array kinds{&events::kRequestFailed,
                                    &events::kRequestDeniedByManager,
                                    &events::kRequestResubmitted,
                                    &events::kCertificateRevoked,
                                    &events::kCrlRequested,
                                    &events::kCrlPublished,
                                    &events::kAttributesChanged,
                                    &events::kSecurityChanged,
                                    &events::kRequestReceived,
                                    &events::kRequestIssued,
                                    &events::kRequestDenied,
                                    &events::kRequestPending,
                                    &events::kConfigurationChanged,
                                    &events::kPropertyChanged,
                                    &events::kManagerSettingsChanged,
                                    &events::kTemplateLoaded,
                                    &events::kTemplateUpdated,
                                    &events::kTemplateSecurityUpdated,
                                    &events::kBackupStarted,
                                    &events::kBackupCompleted,
                                    &events::kRestoreStarted,
                                    &events::kRestoreCompleted,
                                    &events::kRowsDeleted,
                                    &events::kBaseCrlNotPublished,
                                    &events::kDeltaCrlNotPublished,
                                    &events::kCaCertificatePublished};
  return kinds;
}

}  // namespace mimica::ca
