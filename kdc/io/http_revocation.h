// OCSP responders and CRL distribution points reached over HTTP.
#pragma once

#include "kdc/pkinit/revocation.h"
#include "net/io/http_client.h"

namespace mimica::kdc {

struct HttpRevocationOptions {
  int timeout_milliseconds = 2000;  // for each place
  std::size_t max_list = kMaxCrlSize;
};

class HttpRevocation final : public RevocationSource {
 public:
  explicit HttpRevocation(const HttpRevocationOptions& options = {}) : options_(options) {}
  Result<Bytes> fetch(std::string_view url) override;
  Result<Bytes> ask(std::string_view url, BytesView request) override;
  RevocationSource* at_hand() override { return nullptr; }

 private:
  HttpRevocationOptions options_;
};

}  // namespace mimica::kdc
