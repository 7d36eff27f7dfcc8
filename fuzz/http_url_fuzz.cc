// URLs out of certificates: what is taken apart is put together to the same URL, and never splits a request.
#include <cstdint>
#include <cstdlib>

#include "core/base/bytes.h"
#include "net/http_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  if (size > 4096) return 0;  // put together again it may be one octet longer
  const auto url = parse_http_url(as_text({data, size}));
  if (!url) return 0;
  const std::string text = "http://" + url->authority() + url->target;
  if (text.find_first_of("\r\n \t#") != std::string::npos) std::abort();
  const auto again = parse_http_url(text);
  if (!again || again->host != url->host || again->port != url->port || again->target != url->target ||
      is_loopback(*again) != is_loopback(*url))
    std::abort();
  return 0;
}
