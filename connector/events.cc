#include "connector/events.h"

#include <array>

namespace mimica::connector {
namespace {

constexpr EventProvider kConnectors{"Microsoft-Intune-CertificateConnectors", {}, {}};
constexpr std::string_view kAdmin = "Microsoft-Intune-CertificateConnectors/Admin";
constexpr std::string_view kOperational = "Microsoft-Intune-CertificateConnectors/Operational";
constexpr EventField kFields[] = {{"RequestId", "Request ID"}, {"Details", "Details"}};

constexpr EventKind kind(int id, std::string_view symbol, std::string_view channel, EventLevel level,
                         std::string_view text, std::string_view when) {
  EventKind out;
  out.party = "connector";
  out.id = id;
  out.symbol = symbol;
  out.provider = &kConnectors;
  out.channel = channel;
  out.level = level;
  out.text = text;
  out.fields = kFields;
  out.when = when;
  out.citation = "Certificate Connector overview; level and fields inferred";
  out.provenance = Provenance::documented;
  return out;
}

}  // namespace

namespace events {

constexpr EventKind kPkcsRequestSuccess =
    kind(1000, "PkcsRequestSuccess", kAdmin, EventLevel::information, "A PKCS request was fulfilled.",
         "a certificate was issued and its PFX uploaded");
constexpr EventKind kPkcsRequestFailure =
    kind(1001, "PkcsRequestFailure", kAdmin, EventLevel::error, "A PKCS request could not be fulfilled.",
         "a request failed finally, with the code and the finding that decided");
constexpr EventKind kPkcsDownloadSuccess =
    kind(1002, "PkcsDownloadSuccess", kOperational, EventLevel::information, "PKCS requests were downloaded.",
         "the connector took requests from the service's queue");
constexpr EventKind kPkcsDownloadedRequest = kind(1020, "PkcsDownloadedRequest", kOperational, EventLevel::information,
                                                  "A PKCS request was downloaded.", "once for each request of a batch");
constexpr EventKind kPkcsIssuedSuccess = kind(1050, "PkcsIssuedSuccess", kOperational, EventLevel::information,
                                              "A certificate was issued.", "the CA issued, and the PFX could be made");
constexpr EventKind kPkcsIssuedFailedAttempt =
    kind(1051, "PkcsIssuedFailedAttempt", kOperational, EventLevel::warning,
         "An attempt to have a certificate issued failed.", "an attempt failed and will be repeated");
constexpr EventKind kPkcsIssuedFailure = kind(1052, "PkcsIssuedFailure", kOperational, EventLevel::error,
                                              "A certificate could not be issued.", "the last attempt failed");
constexpr EventKind kPkcsUploadSuccess =
    kind(1100, "PkcsUploadSuccess", kOperational, EventLevel::information, "Results of PKCS requests were uploaded.",
         "a batch of results is uploaded");
constexpr EventKind kPkcsUploadFailure =
    kind(1101, "PkcsUploadFailure", kOperational, EventLevel::error, "The result of a request could not be uploaded.",
         "the service took the request away meanwhile");
constexpr EventKind kPkcsUploadedRequest = kind(1102, "PkcsUploadedRequest", kOperational, EventLevel::information,
                                                "The result of a PKCS request was uploaded.", "once for each result");
constexpr EventKind kRevokeRequestSuccess =
    kind(3000, "RevokeRequestSuccess", kAdmin, EventLevel::information, "A revocation request was fulfilled.",
         "a certificate was revoked and the result uploaded");
constexpr EventKind kRevokeRequestFailure =
    kind(3001, "RevokeRequestFailure", kAdmin, EventLevel::error, "A revocation request could not be fulfilled.",
         "a revocation failed finally");
constexpr EventKind kRevokeDownloadSuccess =
    kind(3002, "RevokeDownloadSuccess", kOperational, EventLevel::information, "Revocation requests were downloaded.",
         "the connector took revocation requests from the queue");
constexpr EventKind kRevokeDownloadedRequest =
    kind(3020, "RevokeDownloadedRequest", kOperational, EventLevel::information, "A revocation request was downloaded.",
         "once for each request of a batch");
constexpr EventKind kRevokeSuccess = kind(3050, "RevokeSuccess", kOperational, EventLevel::information,
                                          "A certificate was revoked.", "the CA revoked the certificate");
constexpr EventKind kRevokeFailure = kind(3051, "RevokeFailure", kOperational, EventLevel::error,
                                          "A certificate could not be revoked.", "the last attempt failed");
constexpr EventKind kRevokeFailedAttempt =
    kind(3052, "RevokeFailedAttempt", kOperational, EventLevel::warning,
         "An attempt to have a certificate revoked failed.", "an attempt failed and will be repeated");
constexpr EventKind kRevokeUploadSuccess =
    kind(3100, "RevokeUploadSuccess", kOperational, EventLevel::information,
         "Results of revocation requests were uploaded.", "a batch of results is uploaded");
constexpr EventKind kRevokeUploadedRequest =
    kind(3102, "RevokeUploadedRequest", kOperational, EventLevel::information,
         "The result of a revocation request was uploaded.", "once for each result");

}  // namespace events

std::span<const EventKind* const> event_kinds() {
  static constexpr std::array<const EventKind*, 19> kinds{
      &events::kPkcsRequestSuccess,    &events::kPkcsRequestFailure,      &events::kRevokeRequestSuccess,
      &events::kRevokeRequestFailure,  &events::kPkcsDownloadSuccess,     &events::kPkcsDownloadedRequest,
      &events::kPkcsIssuedSuccess,     &events::kPkcsIssuedFailedAttempt, &events::kPkcsIssuedFailure,
      &events::kPkcsUploadSuccess,     &events::kPkcsUploadFailure,       &events::kPkcsUploadedRequest,
      &events::kRevokeDownloadSuccess, &events::kRevokeDownloadedRequest, &events::kRevokeSuccess,
      &events::kRevokeFailure,         &events::kRevokeFailedAttempt,     &events::kRevokeUploadSuccess,
      &events::kRevokeUploadedRequest};
  return kinds;
}

}  // namespace mimica::connector
