// Where a lab's KDC asks about revocation.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "kdc/io/http_revocation.h"
#include "net/io/http_server.h"

namespace mimica::harness {

// URLs of the lab's own HTTP server are answered by its handler without a connection, others on loopback over HTTP. A
// lab connects to nothing else, whatever a certificate asks for.
class LabRevocation final : public kdc::RevocationSource {
 public:
  // `reachable`: whether the CA's publication is, in the directory too; it must outlive this.
  LabRevocation(std::string base_url, HttpHandler handler, const std::atomic<bool>& reachable)
      : base_url_(std::move(base_url)), handler_(std::move(handler)), reachable_(reachable) {}
  Result<Bytes> fetch(std::string_view url) override;
  Result<Bytes> ask(std::string_view url, BytesView request) override;
  Result<Bytes> read_directory(std::string_view url, const DirectoryReader& directory) override;
  RevocationSource* at_hand() override { return nullptr; }

 private:
  bool is_own(std::string_view url) const;
  Result<Bytes> own(std::string_view url, HttpRequest request) const;

  std::string base_url_;
  HttpHandler handler_;
  const std::atomic<bool>& reachable_;
  kdc::HttpRevocation online_;
};

}  // namespace mimica::harness
