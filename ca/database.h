// The database of a CA as its faces see it. The columns keep the names and meanings of the real schema (MS-CSRA
// appendix, `certutil -schema`); times are seconds since 1970 instead of FILETIMEs. The SQLite implementation is
// ca/io/database.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ca/extensions.h"
#include "ca/request.h"
#include "core/bytes.h"
#include "core/fault.h"
#include "core/time.h"

namespace mimica::ca {

// Requests.Disposition (CertSrv.h DB_DISP_*).
enum class DbDisposition { active = 8, pending = 9, issued = 20, revoked = 21, error = 30, denied = 31 };
std::string_view to_string(DbDisposition disposition);  // "Issued", "Denied", ...

inline constexpr std::int64_t kRequestTypePkcs10 = 0x40100;  // CR_IN_PKCS10 with a full response

struct RequestRow {
  std::int64_t RequestID = 0;
  Bytes RawRequest;
  std::string RequestAttributes;  // the attribute text as sent
  std::int64_t RequestType = kRequestTypePkcs10;
  std::uint32_t RequestFlags = 0;
  std::uint32_t StatusCode = 0;  // HRESULT
  DbDisposition Disposition = DbDisposition::active;
  std::string DispositionMessage;
  Timestamp SubmittedWhen;
  std::optional<Timestamp> ResolvedWhen;
  std::optional<Timestamp> RevokedWhen;
  std::optional<Timestamp> RevokedEffectiveWhen;
  std::optional<int> RevokedReason;
  std::string RequesterName;  // "CONTOSO\\jane"
  std::string CallerName;
  std::string DistinguishedName;  // of the request
};

struct CertificateRow {
  Bytes RawCertificate;
  std::string CertificateHash;      // SHA-1, lower-case hexadecimal
  std::string CertificateTemplate;  // cn of V1 templates, OID of later ones
  std::uint32_t EnrollmentFlags = 0;
  std::uint32_t GeneralFlags = 0;
  std::uint32_t PrivatekeyFlags = 0;
  std::string SerialNumber;  // lower-case hexadecimal, even digits
  Timestamp NotBefore;
  Timestamp NotAfter;
  std::string SubjectKeyIdentifier;
  std::int64_t PublicKeyLength = 0;
  std::string PublicKeyAlgorithm;  // "RSA" or "ECC"
  std::string UPN;
  std::string DistinguishedName;
  std::string CommonName;
};

// One request with everything that belongs to it.
struct RequestRecord {
  RequestRow request;
  std::optional<CertificateRow> certificate;
  std::vector<RequestAttribute> attributes;
  std::vector<ExtensionRow> extensions;
  std::string trace_json;  // of the decision that led to the present disposition
};

struct CrlRow {
  std::int64_t CRLNumber = 0;
  int CRLNameId = 0;  // 0: this CA, 1: its root
  std::int64_t CRLCount = 0;
  Timestamp CRLThisUpdate;
  Timestamp CRLNextUpdate;
  Timestamp CRLThisPublish;
  Timestamp CRLNextPublish;
  Bytes CRLRawCRL;
};

struct RevokedRow {
  std::string SerialNumber;
  Timestamp RevokedEffectiveWhen;
  int RevokedReason = 0;
  Timestamp NotAfter;
};

// Everything that changes is durable when the call returns. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  // The next request id, from 1; never given out twice for one database, also after a crash if its row was stored.
  virtual Result<std::int64_t> next_request_id() = 0;
  // Stores the record under its request id, replacing what is there, in one transaction.
  virtual Result<void> store(const RequestRecord& record) = 0;
  virtual Result<std::optional<RequestRecord>> by_request_id(std::int64_t request_id) = 0;
  virtual Result<std::optional<RequestRecord>> by_serial(std::string_view serial_hex) = 0;
  struct View {  // all conditions that are set must hold
    std::optional<DbDisposition> disposition;
    std::optional<std::string> requester;  // RequesterName, without case
    std::optional<std::string> template_column;
    std::int64_t after_request_id = 0;  // for paging
    std::int64_t limit = 1000;
  };
  // Rows in order of their ids, without RawRequest, RawCertificate, attributes, extensions and trace.
  virtual Result<std::vector<RequestRecord>> view(const View& view) = 0;
  // Rows with Disposition 21 whose certificate ends at or after `not_after`.
  virtual Result<std::vector<RevokedRow>> revoked(Timestamp not_after) = 0;
  virtual Result<void> store_crl(const CrlRow& row) = 0;
  // The one with the highest number.
  virtual Result<std::optional<CrlRow>> latest_crl(int name_id) = 0;
  virtual Result<std::int64_t> count(DbDisposition disposition) = 0;
};

}  // namespace mimica::ca
