// certutil -dump on any file.
#include <cstdint>
#include <cstdlib>

#include "ca/faces/certutil/dump.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::certutil;
  if (const auto text = dump_file({data, size}, ""); text && text->empty()) std::abort();
  // Any octets as the value of every extension that is decoded.
  for (const char* oid : {"2.5.29.14",
                          "2.5.29.15",
                          "2.5.29.17",
                          "2.5.29.19",
                          "2.5.29.20",
                          "2.5.29.21",
                          "2.5.29.27",
                          "2.5.29.31",
                          "2.5.29.32",
                          "2.5.29.35",
                          "2.5.29.37",
                          "2.5.29.46",
                          "1.3.6.1.5.5.7.1.1",
                          "1.2.840.113549.1.9.15",
                          "1.3.6.1.4.1.311.20.2",
                          "1.3.6.1.4.1.311.21.1",
                          "1.3.6.1.4.1.311.21.2",
                          "1.3.6.1.4.1.311.21.4",
                          "1.3.6.1.4.1.311.21.7",
                          "1.3.6.1.4.1.311.21.10",
                          "1.3.6.1.4.1.311.21.14",
                          "1.3.6.1.4.1.311.25.2"})
    if (dump_extension({Oid(oid), false, Bytes(data, data + size)}).find(oid) == std::string::npos) std::abort();
  (void)dump_algorithm("Algorithm:", {data, size});
  (void)dump_name("Name:", {data, size});
  return 0;
}
