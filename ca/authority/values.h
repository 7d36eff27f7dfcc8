// What goes into the operations of the certification authority and what comes out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ca/store/database.h"
#include "core/base/decision.h"
#include "core/base/entropy.h"
#include "core/base/time.h"
#include "core/pki/key.h"
#include "core/windows/event_log.h"
#include "ldap/directory.h"

namespace mimica::ca {

// pdwDisposition as clients see it (MS-WCCE 3.2.1.4.2.1; CR_DISP_*).
enum class Disposition {
  incomplete = 0,
  error = 1,
  denied = 2,
  issued = 3,
  issued_out_of_band = 4,
  under_submission = 5,
  revoked = 6
};
std::string_view to_string(Disposition disposition);  // "issued", "under submission", ...
Disposition to_client(DbDisposition disposition);

struct SubmitInput {
  std::string caller;           // account name in any form of ldap::account_by_any_name; the authenticated identity
  Bytes request;                // any form of ca/request/envelope.h, DER or PEM
  std::string attributes = {};  // "Name:Value" lines separated by LF
  // pwszAuthority: the name of the CA the client believes to talk to, plain, sanitized or short. Empty: not checked.
  std::string authority = {};
  // Signs with the key of that CA certificate instead of the newest: for the signing certificates of OCSP responders,
  // what UseDefinedCACertInRequest allows.
  std::optional<int> ca_certificate_index = {};
};

struct SubmitOutcome {
  std::optional<std::int64_t> request_id;  // absent when no row was kept
  Disposition disposition = Disposition::error;
  HResult status = HResult::S_OK;  // the HRESULT of a denial or error
  std::string message;             // DispositionMessage
  Bytes certificate;               // DER when issued
  Trace trace;
};

struct SetupOptions {
  bool two_tier = true;  // an offline stand-alone root and this CA below it
  KeySpec key = {KeyKind::rsa, 2048};
  std::optional<KeySpec> root_key;  // default: the same kind
  std::string root_common_name;     // default: CommonName and "-Root"
  std::string root_server_name;     // default: "rootca" in the domain of CAServerName
  Seconds validity = 5 * 365 * kDay;
  Seconds root_validity = 10 * 365 * kDay;
  bool install_templates = true;          // the built-in templates, when the forest has none
  bool publish_default_templates = true;  // LoadDefaultTemplates
};

// What the CA works with; everything outlives it.
struct CaEnvironment {
  ldap::Directory* directory = nullptr;  // bound as an account that may write the CA's objects
  Database* database = nullptr;
  const Clock* clock = nullptr;
  Entropy* entropy = nullptr;
  EventLog* events = nullptr;  // may be null
};

// certutil -CRL [DD:HH | republish] [delta].
struct CrlPublication {
  enum class Lists { all, delta };  // all: base CRLs, and delta CRLs when they are enabled
  Lists lists = Lists::all;
  bool republish = false;                      // no new lists: the last ones go to their locations again
  std::optional<Timestamp> next_publish = {};  // instead of now plus period
};

// A file that the CA publishes; served by ca/faces/publication/publication.h and written to disk by whoever wants it.
struct PublishedFile {
  std::string name;  // "CONTOSO-CA.crl"
  std::string path;  // "/CertEnroll/CONTOSO-CA.crl", decoded
  enum class Kind { certificate, crl } kind = Kind::certificate;
  Bytes content;  // DER
  Timestamp modified;
};

}  // namespace mimica::ca
