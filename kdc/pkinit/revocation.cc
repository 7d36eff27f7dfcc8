#include "kdc/pkinit/revocation.h"

#include <algorithm>

#include "core/pki/ocsp.h"
#include "ldap/account.h"
#include "net/http.h"

namespace mimica::kdc {
namespace {

constexpr std::string_view kLdapUrl = "ldap:///";

Fault offline(std::string what) { return fault(HResult::CRYPT_E_REVOCATION_OFFLINE, std::move(what)); }

// "ldap:///CN=CONTOSO-CA,CN=DC01,CN=CDP,…?certificateRevocationList?base?…" (RFC 4516), answered by the own directory.
Result<Bytes> from_directory(ldap::Directory& directory, std::string_view url) {
  const auto parts = split(url.substr(kLdapUrl.size()), '?');
  const auto dn = percent_decode(parts[0]);
  if (!dn || parts.size() < 2) return offline("the URL names no entry and attribute");
  const std::string attribute(ldap::base_name(parts[1]));
  MIMICA_TRY(const auto entry, ldap::read_entry(directory, *dn, {attribute}));
  if (!entry || entry->first(attribute).empty()) return offline("the directory has no " + attribute + " there");
  return to_bytes(entry->first(attribute));
}

class Asking {
 public:
  Asking(RevocationSource& source, ldap::Directory& directory, const Certificate& leaf, const Certificate& issuer,
         RevocationUse use, Timestamp at)
      : source_(source), directory_(directory), leaf_(leaf), issuer_(issuer), use_(use), at_(at) {}

  std::vector<RevocationReply> run() {
    if (!ask_responders()) fetch_lists();
    return std::move(replies_);
  }

 private:
  using Kind = RevocationReply::Kind;

  bool ask_responders() {
    const Extension* access = leaf_.extension(oids::kAuthorityInfoAccess);
    if (access == nullptr) return false;
    const auto entries = ext::parse_authority_info_access(access->value);
    if (!entries) return false;
    const Bytes request = make_ocsp_request({{ocsp_cert_id(leaf_, issuer_)}, {}});
    std::size_t asked = 0;
    for (const ext::AccessDescription& entry : *entries) {
      if (entry.method != kOcspAccessMethod) continue;
      if (asked++ == kMaxResponders) break;
      const auto ask = [&](RevocationSource& source) { return source.ask(entry.url, request); };
      const auto counts = [&](const Bytes& response) {
        const auto said = judge_ocsp_response(response, {leaf_, issuer_, at_, {}});
        return said && said->status != OcspStatus::unknown;
      };
      if (one(Kind::ocsp, entry.url, ask, counts)) return true;
    }
    return false;
  }

  void fetch_lists() {
    const Extension* points = leaf_.extension(oids::kCrlDistributionPoints);
    if (points == nullptr) return;
    const auto urls = ext::parse_distribution_points(points->value);
    if (!urls) return;
    for (std::size_t i = 0; i < std::min(urls->size(), kMaxDistributionPoints); ++i) {
      const std::string& url = (*urls)[i];
      const auto fetch = [&](RevocationSource& source) -> Result<Bytes> {
        MIMICA_TRY(Bytes octets, starts_with_ignore_case(url, kLdapUrl)
                                     ? source.read_directory(url, [&] { return from_directory(directory_, url); })
                                     : source.fetch(url));
        if (octets.size() > kMaxCrlSize) return offline("the list is too large");
        return from_pem("X509 CRL", as_text(octets)).value_or(std::move(octets));
      };
      const auto counts = [&](const Bytes& der) {
        const auto list = Crl::parse(der);
        return list && as_text(list->issuer_der()) == as_text(leaf_.issuer_der()) && list->this_update() <= at_ &&
               (!list->next_update() || at_ < *list->next_update()) &&
               list->signed_by(issuer_.public_key()).value_or(false);
      };
      if (one(Kind::crl, url, fetch, counts)) return;
    }
  }

  // Asks one place, first at hand and then online as the use allows; whether its answer counts.
  template <typename Ask, typename Counts>
  bool one(Kind kind, const std::string& url, const Ask& ask, const Counts& counts) {
    if (use_ != RevocationUse::online) {
      RevocationSource* at_hand = source_.at_hand();
      Result<Bytes> answer = at_hand == nullptr ? offline("nothing is at hand") : ask(*at_hand);
      const bool enough = answer && counts(*answer);
      if (enough || use_ == RevocationUse::cache_only) {
        add(kind, url, std::move(answer));
        return enough;
      }
    }
    Result<Bytes> answer = ask(source_);
    const bool enough = answer && counts(*answer);
    add(kind, url, std::move(answer));
    return enough;
  }

  void add(Kind kind, const std::string& url, Result<Bytes> answer) {
    RevocationReply reply{kind, url, {}, {}};
    if (answer)
      reply.answer = *std::move(answer);
    else
      reply.problem = answer.error().what;
    if (reply.answer.empty() && reply.problem.empty()) reply.problem = "the answer is empty";
    replies_.push_back(std::move(reply));
  }

  RevocationSource& source_;
  ldap::Directory& directory_;
  const Certificate& leaf_;
  const Certificate& issuer_;
  RevocationUse use_;
  Timestamp at_;
  std::vector<RevocationReply> replies_;
};

}  // namespace

Result<Bytes> RevocationSource::ask(std::string_view, BytesView) { return offline("OCSP responders are not asked"); }
Result<Bytes> RevocationSource::read_directory(std::string_view, const DirectoryReader& directory) {
  return directory();
}

std::string CachedRevocation::key(std::string_view url, BytesView request) {
  return std::string(url) + "\n" + to_hex(digest(Digest::sha256, request));
}

Result<Bytes> CachedRevocation::recall(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto at = index_.find(name);
  if (at == index_.end()) return offline("nothing is cached");
  return at->second->second;
}

Result<Bytes> CachedRevocation::remember(std::string name, Result<Bytes> answer) {
  if (!answer) return answer;
  const std::lock_guard lock(mutex_);
  const auto drop = [&](auto at) {
    octets_ -= at->second.size();
    index_.erase(at->first);
    answers_.erase(at);
  };
  if (const auto at = index_.find(name); at != index_.end()) drop(at->second);
  octets_ += answer->size();
  answers_.emplace_back(name, *answer);
  index_.emplace(std::move(name), std::prev(answers_.end()));
  while (answers_.size() > kMostAnswers || octets_ > kMostOctets) drop(answers_.begin());
  return answer;
}

Result<Bytes> CachedRevocation::fetch(std::string_view url) { return remember(std::string(url), online_.fetch(url)); }
Result<Bytes> CachedRevocation::ask(std::string_view url, BytesView request) {
  return remember(key(url, request), online_.ask(url, request));
}
Result<Bytes> CachedRevocation::read_directory(std::string_view url, const DirectoryReader& directory) {
  return remember(std::string(url), online_.read_directory(url, directory));
}

std::vector<RevocationReply> gather_revocation(RevocationSource& source, ldap::Directory& directory,
                                               const Certificate& leaf, const Certificate& issuer, RevocationUse use,
                                               Timestamp at) {
  return Asking(source, directory, leaf, issuer, use, at).run();
}

}  // namespace mimica::kdc
