// The database of a CA as its faces see it. The columns keep the names and meanings of the real schema (MS-CSRA
// appendix, `certutil -schema`); times are seconds since 1970 instead of FILETIMEs. The SQLite implementation is
// ca/io/sqlite/database.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ca/policy/extensions.h"
#include "ca/request/request.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica::ca {

// Request.Disposition (CertSrv.h DB_DISP_*).
enum class DbDisposition {
  active = 8,
  pending = 9,
  foreign = 12,        // imported, of another CA
  ca_cert = 15,        // the CA's own certificate
  ca_cert_chain = 16,  // a certificate above it
  kra_cert = 17,
  issued = 20,
  revoked = 21,
  error = 30,
  denied = 31
};
std::string_view to_string(DbDisposition disposition);  // "Issued", "Denied", ... as certutil prints them

inline constexpr std::int64_t kRequestTypePkcs10 = 0x40100;  // CR_IN_PKCS10 with a full response

// The parts of a name that have columns of their own. A type that occurs several times has its values separated by LF,
// in encoded order; CommonName holds only the one nearest to the leaf. ca/store/row_names.h fills them.
struct SubjectParts {
  std::string Country;
  std::string Organization;
  std::string OrgUnit;
  std::string CommonName;
  std::string Locality;
  std::string State;
  std::string Title;
  std::string GivenName;
  std::string Initials;
  std::string SurName;
  std::string DomainComponent;
  std::string EMail;
  std::string StreetAddress;
  std::string UnstructuredName;
  std::string UnstructuredAddress;
  std::string DeviceSerialNumber;
  bool operator==(const SubjectParts&) const = default;
};

// The columns "Request.…"; an empty text or octet string is an empty column.
struct RequestRow : SubjectParts {
  std::int64_t RequestID = 0;
  Bytes RawRequest;
  Bytes RawArchivedKey;           // always empty: keys are not archived
  std::string KeyRecoveryHashes;  // likewise
  Bytes RawOldCertificate;        // DER of the certificate that is renewed
  std::string RequestAttributes;  // the attribute text as sent
  std::int64_t RequestType = kRequestTypePkcs10;
  std::uint32_t RequestFlags = 0;
  std::uint32_t StatusCode = 0;  // HRESULT
  DbDisposition Disposition = DbDisposition::active;
  std::string DispositionMessage;
  Timestamp SubmittedWhen;
  std::optional<Timestamp> ResolvedWhen;
  std::optional<Timestamp> RevokedWhen;           // when the CA was told to revoke or to release
  std::optional<Timestamp> RevokedEffectiveWhen;  // revocationDate of the CRL entry
  std::optional<int> RevokedReason;               // -1: released from hold
  std::string RequesterName;                      // "CONTOSO\\jane"
  std::string CallerName;
  std::string SignerPolicies;             // OIDs separated by LF
  std::string SignerApplicationPolicies;  // likewise
  std::optional<int> Officer;
  std::string DistinguishedName;  // of the request
  Bytes RawName;                  // its DER
  bool operator==(const RequestRow&) const = default;
};

// The certificate columns of the same row.
struct CertificateRow : SubjectParts {
  Bytes RawCertificate;
  std::string CertificateHash;      // SHA-1, lower-case hexadecimal without blanks (views print it with blanks)
  std::string CertificateTemplate;  // cn of V1 templates, OID of later ones
  std::uint32_t EnrollmentFlags = 0;
  std::uint32_t GeneralFlags = 0;
  std::uint32_t PrivatekeyFlags = 0;
  std::string SerialNumber;       // lower-case hexadecimal, even digits
  std::int64_t IssuerNameID = 0;  // keyIndex << 16 | certIndex, as in the CA version extension
  Timestamp NotBefore;
  Timestamp NotAfter;
  std::string SubjectKeyIdentifier;  // as CertificateHash
  Bytes RawPublicKey;                // content of the BIT STRING
  std::int64_t PublicKeyLength = 0;
  std::string PublicKeyAlgorithm;         // the OID: "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
  Bytes RawPublicKeyAlgorithmParameters;  // DER
  bool PublishExpiredCertInCRL = false;
  std::string UPN;
  std::string DistinguishedName;
  Bytes RawName;  // its DER
  bool operator==(const CertificateRow&) const = default;
};
inline constexpr std::int64_t key_index_of(std::int64_t issuer_name_id) { return issuer_name_id >> 16; }

// One request with everything that belongs to it.
struct RequestRecord {
  RequestRow request;
  std::optional<CertificateRow> certificate;
  std::vector<RequestAttribute> attributes;
  std::vector<ExtensionRow> extensions;
  std::string trace_json;  // of the decision that led to the present disposition
};

// Whose CRLs: the table of the real schema holds only those of the CA itself. Those of the offline root that a lab's
// two-tier CA plays as well are kept beside them and never show in views.
enum class CrlIssuer { ca = 0, offline_root = 1 };
enum class CrlKind { base, delta };

struct CrlRow {
  std::int64_t CRLRowId = 0;  // given by the database
  CrlIssuer issuer = CrlIssuer::ca;
  std::int64_t CRLNumber = 0;   // one for all CRLs, base and delta, of a publication
  std::int64_t CRLMinBase = 0;  // delta: number of its base; 0: this is a base CRL
  int CRLNameId = 0;            // index of the CA key that signed it
  std::int64_t CRLCount = 0;    // entries
  Timestamp CRLThisUpdate;
  Timestamp CRLNextUpdate;
  Timestamp CRLThisPublish;
  Timestamp CRLNextPublish;
  std::optional<Timestamp> CRLEffective;            // delta: thisUpdate of its base
  std::optional<Timestamp> CRLPropagationComplete;  // when all replicas are expected to have it
  std::optional<Timestamp> CRLLastPublished;
  std::int64_t CRLPublishAttempts = 0;
  std::uint32_t CRLPublishFlags = 0;       // CPF_*
  std::uint32_t CRLPublishStatusCode = 0;  // HRESULT of the first location that failed
  std::string CRLPublishError;
  Bytes CRLRawCRL;
  CrlKind kind() const { return CRLMinBase == 0 ? CrlKind::base : CrlKind::delta; }
};

// What a CRL says of one certificate.
struct RevokedRow {
  std::int64_t RequestID = 0;
  std::string SerialNumber;
  std::int64_t IssuerNameID = 0;
  Timestamp RevokedWhen;
  Timestamp RevokedEffectiveWhen;
  int RevokedReason = 0;  // -1: released from hold
  Timestamp NotAfter;
  bool PublishExpiredCertInCRL = false;
  bool released() const { return RevokedReason == -1; }
};

// All conditions must hold.
struct RevokedQuery {
  std::optional<int> key_index = {};  // of the CA key that signed the certificate
  // Only certificates that end at or after, or have PublishExpiredCertInCRL.
  std::optional<Timestamp> not_after = {};
  // Only rows that were revoked or released (RevokedWhen) at or after; released ones are listed only when this is set.
  std::optional<Timestamp> changed_since = {};
};

// Which rows to delete (MS-CSRA 3.1.4.2.18): exactly one of row_id and before is set.
struct RowDeletion {
  enum class Table { request = 0, extension = 0x3000, attribute = 0x4000, crl = 0x5000 };
  enum class Kind {
    row = 0,        // the one with row_id; of extensions and attributes: all of that request
    expired = 1,    // issued and revoked certificates that ended, CRLs whose nextUpdate was, before the instant
    unresolved = 2  // pending, denied and failed requests last acted upon before the instant
  };
  Table table = Table::request;
  Kind kind = Kind::row;
  std::int64_t row_id = 0;
  std::optional<Timestamp> before = {};
};

struct ViewQuery;  // ca/views/view.h
struct ViewCursor;
struct ViewPage;

// Everything that changes is durable when the call returns. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  // The next request id, from 1; never given out twice for one database, also after a crash or a deletion if its row
  // was stored.
  virtual Result<std::int64_t> next_request_id() = 0;
  // Stores the record under its request id, replacing what is there, in one transaction.
  virtual Result<void> store(const RequestRecord& record) = 0;
  virtual Result<std::optional<RequestRecord>> by_request_id(std::int64_t request_id) = 0;
  virtual Result<std::optional<RequestRecord>> by_serial(std::string_view serial_hex) = 0;
  virtual Result<std::optional<RequestRecord>> by_certificate_hash(std::string_view sha1_hex) = 0;
  struct View {  // all conditions that are set must hold
    std::optional<DbDisposition> disposition;
    std::optional<std::string> requester;  // RequesterName, without case
    std::optional<std::string> template_column;
    std::int64_t after_request_id = 0;  // for paging
    std::int64_t limit = 1000;
  };
  // Rows in order of their ids, without binary columns, attributes, extensions and trace.
  virtual Result<std::vector<RequestRecord>> view(const View& view) = 0;
  // The revoked certificates in order of their request ids, one at a time. `visit` must not call this database.
  virtual Result<void> for_each_revoked(const RevokedQuery& query,
                                        const std::function<void(const RevokedRow&)>& visit) = 0;

  // Stores the CRLs of one publication in one transaction and returns their CRLRowIds. A number that the same issuer,
  // key and kind have already is a Fault.
  virtual Result<std::vector<std::int64_t>> store_crls(std::span<const CrlRow> rows) = 0;
  // Records what became of a publication: CRLLastPublished, CRLPropagationComplete, CRLPublishAttempts,
  // CRLPublishFlags, CRLPublishStatusCode and CRLPublishError of the row with that CRLRowId.
  virtual Result<void> update_crl(const CrlRow& row) = 0;
  // The one with the highest number.
  virtual Result<std::optional<CrlRow>> latest_crl(int key_index, CrlKind kind = CrlKind::base,
                                                   CrlIssuer issuer = CrlIssuer::ca) = 0;
  // The newest base CRL whose CRLPropagationComplete is at or before `now`: what a delta CRL builds on.
  virtual Result<std::optional<CrlRow>> propagated_base_crl(int key_index, Timestamp now) = 0;
  // The base CRL with the lowest number whose CRLNextUpdate is not past.
  virtual Result<std::optional<CrlRow>> oldest_unexpired_base_crl(int key_index, Timestamp now) = 0;
  // Deletes the CRLs of the CA whose CRLNextUpdate is past, but the newest of each key and kind.
  virtual Result<void> delete_expired_crls(Timestamp now) = 0;
  // The highest number that any CRL of that issuer ever had, also one whose row was deleted; 0 before the first.
  virtual Result<std::int64_t> highest_crl_number(CrlIssuer issuer = CrlIssuer::ca) = 0;

  virtual Result<std::int64_t> count(DbDisposition disposition) = 0;
  // A page of at most `limit` rows of a view, from after `after` on; ca/views/view.h makes the query. A page costs as
  // much at the end of a large table as at its start when the sorted column is indexed.
  virtual Result<ViewPage> select(const ViewQuery& query, const std::optional<ViewCursor>& after,
                                  std::int64_t limit) = 0;

  // Deletes requests with everything of theirs, in one transaction; returns the number of rows of the table itself.
  // Request ids and CRL numbers are not given out again. Rows with an archived key stay.
  virtual Result<std::int64_t> erase(const RowDeletion& deletion) = 0;
  // Writes a consistent copy to a file that does not exist yet, while others read and write.
  virtual Result<void> backup(const std::string& path) = 0;
  // Puts the content of a copy in place of everything, in one transaction, after its integrity and schema were checked;
  // an older schema is migrated. Request ids and CRL numbers go on from the higher of both.
  virtual Result<void> restore(const std::string& path) = 0;
};

}  // namespace mimica::ca
