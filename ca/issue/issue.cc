#include "ca/issue/issue.h"

namespace mimica::ca {

Bytes make_serial(std::uint8_t high_serial, std::uint32_t request_id, std::uint16_t ca_certificate_index,
                  Entropy& entropy) {
  std::uint8_t high = high_serial & 0x7FU;
  if (high == 0) {
    high = 0x61;
  } else if ((high & 0xF0U) == 0) {
    high ^= 0x10U;
  }
  Bytes serial;
  serial.reserve(19);
  const auto append = [&serial](std::uint32_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) serial.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  serial.push_back(high);
  append(request_id, 4);
  serial.resize(serial.size() + 8);
  entropy.fill(std::span(serial).last(8));
  append(ca_certificate_index, 2);
  append(request_id, 4);
  return serial;
}

Result<Bytes> issue(const Plan& plan, BytesView serial, const PrivateKey& ca_key) {
  CertificateFields fields = plan.content().fields;
  fields.serial = to_bytes(serial);
  return sign_certificate(fields, ca_key, plan.content().digest);
}

}  // namespace mimica::ca
