#include "ca/views/explain.h"

#include <algorithm>

#include "ca/revocation/crl.h"
#include "ca/rules.h"

namespace mimica::ca {
namespace {

std::string line(std::string_view name, std::string_view value) {
  std::string out = "  " + std::string(name);
  out.resize(std::max<std::size_t>(out.size() + 1, 16), ' ');
  return out + std::string(value) + "\n";
}

std::string headline(const RequestRow& row) {
  return "request " + std::to_string(row.RequestID) + " " + to_lower(to_string(row.Disposition));
}

std::string revocation(const RequestRow& row) {
  return row.RevokedWhen ? to_iso(*row.RevokedWhen) + ", " + revocation_reason_name(row.RevokedReason.value_or(0))
                         : std::string{};
}

std::string describe_row(const RequestRecord& record) {
  const RequestRow& row = record.request;
  std::string out = line("requester", row.RequesterName) + line("submitted", to_iso(row.SubmittedWhen)) +
                    line("message", row.DispositionMessage);
  if (record.certificate) {
    out += line("serial number", record.certificate->SerialNumber);
    out += line("template", record.certificate->CertificateTemplate);
  }
  if (row.RevokedWhen) out += line("revoked", revocation(row));
  return out;
}

}  // namespace

Result<Trace> stored_trace(Database& database, std::int64_t request_id) {
  MIMICA_TRY(const auto record, database.by_request_id(request_id));
  if (!record)
    return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "the database has no request " + std::to_string(request_id), {},
                 "request ids start at 1 and are in the answers of the CA");
  return trace_from_json(record->trace_json, rules_in_traces());
}

Result<std::string> explain_request(Database& database, std::int64_t request_id, Colour colour) {
  MIMICA_TRY(const Trace trace, stored_trace(database, request_id));
  MIMICA_TRY(const auto record, database.by_request_id(request_id));
  const auto status = static_cast<HResult>(record->request.StatusCode);
  const Code code = status == HResult::S_OK ? Code{} : Code{status};
  return explain(trace, headline(record->request), code, colour) + describe_row(*record);
}

Result<std::string> explain_certificate(Database& database, const Certificate& certificate, Colour colour) {
  std::string out = "certificate " + certificate.serial_hex() + "\n" +
                    line("subject", certificate.subject().to_cert_str()) +
                    line("issuer", certificate.issuer().to_cert_str()) +
                    line("valid", to_iso(certificate.not_before()) + " to " + to_iso(certificate.not_after()));
  for (const GeneralName& name : certificate.subject_alt_names()) out += line("SAN", mimica::to_string(name));
  const std::optional<Sid> sid = certificate.sid();
  out += line("SID", sid ? sid->to_string() : "none: no strong mapping by the security extension");
  if (const auto name = certificate.template_name()) out += line("template", *name);
  if (const auto info = certificate.template_info())
    out += line("template",
                info->oid.dotted() + " version " + std::to_string(info->major) + "." + std::to_string(info->minor));
  MIMICA_TRY(const auto record, database.by_serial(certificate.serial_hex()));
  if (!record || !record->certificate || record->certificate->RawCertificate != certificate.der()) {
    out += line("request", "none: the database of this CA does not know the certificate");
    return out;
  }
  MIMICA_TRY(const std::string request, explain_request(database, record->request.RequestID, colour));
  return out + request;
}

}  // namespace mimica::ca
