#include "kdc/io/http_revocation.h"

#include "core/pki/ocsp.h"

namespace mimica::kdc {

Result<Bytes> HttpRevocation::fetch(std::string_view url) {
  HttpClientOptions options;
  options.timeout_milliseconds = options_.timeout_milliseconds;
  options.max_body = options_.max_list;
  MIMICA_TRY(HttpResponse response, http_get(url, options));
  return std::move(response.body);
}

Result<Bytes> HttpRevocation::ask(std::string_view url, BytesView request) {
  HttpClientOptions options;
  options.timeout_milliseconds = options_.timeout_milliseconds;
  options.max_body = kMaxOcspSize;
  MIMICA_TRY(HttpResponse response, http_post(url, "application/ocsp-request", request, options));
  return std::move(response.body);
}

}  // namespace mimica::kdc
