#include "kdc/io/kdc_socket.h"

namespace mimica::kdc {
namespace {

constexpr LocalSocketOptions kOptions{
    .max_message = krb5kdc::kMaxMessage,
    .timeout_seconds = 20,  // a revocation list may have to be fetched
};
static_assert(krb5kdc::kFrameHeader == kLocalFrameHeader);

class Listener final : public KdcSocket {
 public:
  explicit Listener(std::unique_ptr<LocalServer> server) : server_(std::move(server)) {}

 private:
  std::unique_ptr<LocalServer> server_;
};

}  // namespace

Result<std::unique_ptr<KdcSocket>> KdcSocket::listen(const std::string& path, Handler handler) {
  MIMICA_TRY(auto server, LocalServer::listen(path, kOptions, [handler = std::move(handler)](BytesView message) {
               const auto query = krb5kdc::parse_query(message);
               const krb5kdc::Answer answer =
                   query ? handler(*query) : krb5kdc::FailureAnswer{query.error().describe()};
               return LocalReply{krb5kdc::encode(answer), !query};
             }));
  return std::unique_ptr<KdcSocket>(std::make_unique<Listener>(std::move(server)));
}

KdcClient::KdcClient(std::string path) : client_(std::move(path), kOptions) {}

Result<krb5kdc::Answer> KdcClient::ask(const krb5kdc::Query& query) {
  MIMICA_TRY(const Bytes answer, client_.ask(krb5kdc::encode(query)));
  return krb5kdc::parse_answer(answer);
}

}  // namespace mimica::kdc
