#include "ca/authority/published_files.h"

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "net/http.h"

namespace mimica::ca {

Result<std::vector<PublishedFile>> published_files(const AuthorityState& state, RevocationLists& lists,
                                                   OfflineRoot& root, Timestamp now) {
  const std::shared_ptr<const Settings> settings = state.settings();
  std::vector<PublishedFile> files;
  const auto add = [&](std::string name, PublishedFile::Kind kind, const Bytes& content, Timestamp modified,
                       const std::vector<std::string>& urls) {
    std::vector<std::string> paths = {"/CertEnroll/" + name};
    for (const std::string& url : urls) {
      HttpRequest as_request;
      as_request.target = url;
      if (!starts_with_ignore_case(url, "http://")) continue;
      if (auto path = as_request.path()) paths.push_back(*std::move(path));
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    for (std::string& path : paths) files.push_back({name, std::move(path), kind, content, modified});
  };
  const CaConfig& config = settings->config;
  const auto add_list = [&](const UrlTokens& tokens, const CrlRow& crl) {
    const bool delta = crl.kind() == CrlKind::delta;
    add(crl_file_name(tokens, delta), PublishedFile::Kind::crl, crl.CRLRawCRL, crl.CRLThisPublish,
        expand_urls(config.CRLPublicationURLs, ~0U, tokens, delta ? UrlUse::delta_crl : UrlUse::base_crl));
  };
  const auto add_certificate = [&](const UrlTokens& tokens, const Certificate& certificate) {
    add(certificate_file_name(tokens), PublishedFile::Kind::certificate, certificate.der(), certificate.not_before(),
        expand_urls(config.CACertPublicationURLs, ~0U, tokens, UrlUse::ca_certificate));
  };
  const auto add_cross = [&](const std::optional<Certificate>& cross, int by, int of) {
    if (!cross) return;
    UrlTokens tokens = state.settings()->tokens;
    tokens.certificate_index = 0;
    std::string name = certificate_file_name(tokens);
    name.insert(name.size() - 4, "(" + std::to_string(by) + "-" + std::to_string(of) + ")");
    add(std::move(name), PublishedFile::Kind::certificate, cross->der(), cross->not_before(), {});
  };
  std::set<int> keys;
  for (const SigningCertificate& own : state.signing_certificates()) {
    const UrlTokens tokens = state.tokens_of(own.certificate);
    add_certificate(tokens, own.certificate);
    add_cross(own.forward_cross, tokens.certificate_index, tokens.certificate_index + 1);
    add_cross(own.backward_cross, tokens.certificate_index, tokens.certificate_index - 1);
    if (!keys.insert(tokens.key_index).second) continue;
    for (const CrlKind kind : {CrlKind::base, CrlKind::delta}) {
      MIMICA_TRY(const auto list, lists.in_force(tokens.key_index, kind, now));
      if (list) add_list(tokens, *list);
    }
  }
  if (!state.identity().is_root()) {
    MIMICA_TRY(const CrlRow root_crl, root.current_list(now));
    add_certificate(state.root_tokens(), state.identity().root);
    add_list(state.root_tokens(), root_crl);
  }
  return files;
}

}  // namespace mimica::ca
