// Where `mimica kdc` gets what a domain controller knows: a directory (export, live server or lab), trusted CAs,
// revocation lists.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/assess/assessment.h"
#include "harness/lab/lab.h"
#include "kdc/io/http_revocation.h"
#include "kdc/pkinit/gather.h"

namespace mimica::harness {

struct DirectoryChoice {
  std::vector<std::string> ldif = {};  // files of one export
  std::string ldif_text = {};          // or the export itself
  std::string ldap_url = {}, bind_dn = {}, password = {};
  std::string lab = {};                               // scenario file
  std::vector<std::string> roots = {}, nt_auth = {};  // certificate files, beside what the directory has
  bool for_many = false;  // a server is read once, in pages, instead of asked for each certificate
};

struct OpenedDirectory {
  std::unique_ptr<ldap::Directory> directory;
  kdc::Trust trust;
  std::size_t entries = 0;         // of an export
  std::vector<std::string> notes;  // what is missing
  // Of a lab only.
  kdc::KdcConfig config;
  std::optional<Timestamp> clock;
  std::vector<Bytes> crls;
};
Result<OpenedDirectory> open_directory(const DirectoryChoice& choice);

// Lists given as files. A distribution point is answered by the list of the certificate's own issuer; what no list
// answers is fetched over HTTP when that is wished, each place once.
class RevocationFiles final : public kdc::RevocationSource {
 public:
  void fetch_others() { online_ = std::make_unique<Online>(); }
  Result<void> add(const Bytes& list, const std::string& source);  // DER or PEM
  Result<void> read(const std::string& path);
  bool empty() const { return by_issuer_.empty(); }
  void look_at(const Certificate& certificate) { issuer_ = std::string(as_text(certificate.issuer_der())); }
  Result<Bytes> fetch(std::string_view url) override;
  Result<Bytes> ask(std::string_view url, BytesView request) override;

 private:
  struct Online {
    kdc::HttpRevocation http;
    kdc::CachedRevocation cache{http};
  };
  struct List {
    Timestamp this_update;
    Bytes der;
  };
  std::map<std::string, List> by_issuer_;  // the newest of each
  std::string issuer_;
  std::unique_ptr<Online> online_;
};

// How `mimica kdc` judges one certificate. When revocation is not checked, `config` ignores that it is unknown.
struct KdcJudge {
  OpenedDirectory source;
  kdc::KdcConfig config;
  RevocationFiles lists;
  bool check_revocation = false;
  Timestamp at;

  struct Answer {
    std::vector<audit::Assessment> assessments;  // at least one
    std::vector<std::string> notes;              // what could not be checked
    bool allowed = false;                        // as one of the accounts
  };
  // A certificate and what came with it. `account` empty: every account that the certificate leads to; when it leads to
  // none, one assessment without an account.
  Result<Answer> check(const std::string& account, std::vector<Certificate> certificates);
  Result<kdc::LogonFacts> facts(const std::string& cname, const Certificate& certificate,
                                const std::vector<Certificate>& sent);
};

}  // namespace mimica::harness
