// Where a domain controller learns whether a certificate is revoked: OCSP responders (AIA) and CRL distribution points.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/pki/chain.h"
#include "ldap/directory.h"

namespace mimica::kdc {

// HTTP, a cache, a fixed table in tests. Any Fault counts as "no answer from there" and is told in the trace.
class RevocationSource {
 public:
  virtual ~RevocationSource() = default;
  virtual Result<Bytes> fetch(std::string_view url) = 0;  // DER or PEM of a CRL
  // Posts an OCSP request and answers the response.
  virtual Result<Bytes> ask(std::string_view url, BytesView request);
  // `ldap:///` URLs: `directory` reads them there.
  using DirectoryReader = std::function<Result<Bytes>()>;
  virtual Result<Bytes> read_directory(std::string_view url, const DirectoryReader& directory);
  // The part of it that answers without a connection; nullptr: there is none.
  virtual RevocationSource* at_hand() { return this; }
};

// Remembers what another source answered. Nothing is judged here: what is past its nextUpdate no longer counts, whoever
// looks at it.
class CachedRevocation final : public RevocationSource {
 public:
  explicit CachedRevocation(RevocationSource& online) : online_(online), memory_(*this) {}
  Result<Bytes> fetch(std::string_view url) override;
  Result<Bytes> ask(std::string_view url, BytesView request) override;
  Result<Bytes> read_directory(std::string_view url, const DirectoryReader& directory) override;
  RevocationSource* at_hand() override { return &memory_; }

  static constexpr std::size_t kMostAnswers = 1024;
  static constexpr std::size_t kMostOctets = 128 * 1024 * 1024;

 private:
  class Memory final : public RevocationSource {
   public:
    explicit Memory(CachedRevocation& cache) : cache_(cache) {}
    Result<Bytes> fetch(std::string_view url) override { return cache_.recall(std::string(url)); }
    Result<Bytes> ask(std::string_view url, BytesView request) override { return cache_.recall(key(url, request)); }
    Result<Bytes> read_directory(std::string_view url, const DirectoryReader&) override { return fetch(url); }

   private:
    CachedRevocation& cache_;
  };
  static std::string key(std::string_view url, BytesView request);
  Result<Bytes> recall(const std::string& name);
  Result<Bytes> remember(std::string name, Result<Bytes> answer);

  RevocationSource& online_;
  Memory memory_;
  std::mutex mutex_;
  std::list<std::pair<std::string, Bytes>> answers_;  // oldest first
  std::map<std::string, std::list<std::pair<std::string, Bytes>>::iterator, std::less<>> index_;
  std::size_t octets_ = 0;
};

enum class RevocationUse {
  online,       // every logon asks
  cache_first,  // what is at hand and still valid saves the asking
  cache_only,   // UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors
};

inline constexpr std::size_t kMaxResponders = 4;          // OCSP URLs of a certificate that are tried, in order
inline constexpr std::size_t kMaxDistributionPoints = 8;  // CRL URLs

// Asks about a certificate: the responders of its AIA first, then the distribution points, up to the first answer that
// says good or revoked or the first current list. Everything that was tried is in the result.
std::vector<RevocationReply> gather_revocation(RevocationSource& source, ldap::Directory& directory,
                                               const Certificate& leaf, const Certificate& issuer, RevocationUse use,
                                               Timestamp at);

}  // namespace mimica::kdc
