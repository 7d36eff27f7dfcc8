// The local socket (net/io/local_socket.h) between krb5kdc's module and the lab. Both ends are here, so that a test
// can run one against the other.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kdc/krb5/krb5kdc_messages.h"
#include "net/io/local_socket.h"

namespace mimica::kdc {

// Answers queries at a UNIX socket, one thread a connection, until it is destroyed. A connection that sends anything
// that is no query is answered with a FailureAnswer and closed.
class KdcSocket {
 public:
  using Handler = std::function<krb5kdc::Answer(const krb5kdc::Query&)>;
  // `path`: at most 107 octets (sockaddr_un); the socket is for its owner only.
  static Result<std::unique_ptr<KdcSocket>> listen(const std::string& path, Handler handler);
  virtual ~KdcSocket() = default;
};

// The asking end: connects at first use and again after the lab was restarted. Not thread-safe; krb5kdc has one thread.
class KdcClient {
 public:
  explicit KdcClient(std::string path);
  // Faults: nobody listens, time-out, an answer that cannot be read.
  Result<krb5kdc::Answer> ask(const krb5kdc::Query& query);

 private:
  LocalClient client_;
};

}  // namespace mimica::kdc
