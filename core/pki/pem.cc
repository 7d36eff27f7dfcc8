// Textual encodings, RFC 7468.
#include "core/pki/certificate.h"

namespace mimica {

std::string to_pem(std::string_view label, BytesView der) {
  constexpr std::size_t kLine = 64;
  const std::string text = to_base64(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t i = 0; i < text.size(); i += kLine) out += text.substr(i, kLine) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

std::optional<Bytes> from_pem(std::string_view label, std::string_view pem) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  const auto start = pem.find(begin);
  if (start == std::string_view::npos) return std::nullopt;
  pem.remove_prefix(start + begin.size());
  const auto stop = pem.find(end);
  if (stop == std::string_view::npos) return std::nullopt;
  return from_base64(pem.substr(0, stop));
}

}  // namespace mimica
