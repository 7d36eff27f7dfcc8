#include "harness/io/lab_revocation.h"

#include "net/http_url.h"

namespace mimica::harness {
namespace {

Result<void> only_loopback(std::string_view url) {
  MIMICA_TRY(const HttpUrl parsed, parse_http_url(url));
  if (is_loopback(parsed)) return {};
  return fault(HResult::CRYPT_E_REVOCATION_OFFLINE, "a lab fetches only from loopback, not from " + parsed.authority());
}

}  // namespace

bool LabRevocation::is_own(std::string_view url) const {
  return starts_with_ignore_case(url, base_url_) && url.substr(base_url_.size()).substr(0, 1) == "/";
}

Result<Bytes> LabRevocation::own(std::string_view url, HttpRequest request) const {
  request.target = std::string(url.substr(base_url_.size()));
  HttpResponse response = handler_(request);
  if (response.status == 200) return std::move(response.body);
  return fault(HResult::CRYPT_E_REVOCATION_OFFLINE, "the lab answers " + std::to_string(response.status) + " " +
                                                        std::string(reason_phrase(response.status)));
}

Result<Bytes> LabRevocation::fetch(std::string_view url) {
  if (is_own(url)) return own(url, {});
  MIMICA_RETURN_IF_FAULT(only_loopback(url));
  return online_.fetch(url);
}

Result<Bytes> LabRevocation::ask(std::string_view url, BytesView request) {
  if (is_own(url)) {
    HttpRequest post;
    post.method = "POST";
    post.headers = {{"Content-Type", "application/ocsp-request"}};
    post.body = to_bytes(request);
    return own(url, std::move(post));
  }
  MIMICA_RETURN_IF_FAULT(only_loopback(url));
  return online_.ask(url, request);
}

Result<Bytes> LabRevocation::read_directory(std::string_view, const DirectoryReader& directory) {
  if (reachable_) return directory();
  return fault(HResult::CRYPT_E_REVOCATION_OFFLINE, "the distribution point is out of reach");
}

}  // namespace mimica::harness
