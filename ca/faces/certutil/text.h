// Forms in which certutil and certreq print values. Dates are those of the US locale, in UTC.
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/decision.h"
#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica::certutil {

// "0x80094800 (-2146875392 CERTSRV_E_UNSUPPORTED_CERT_TYPE)", "0x80070057 (WIN32: 87 ERROR_INVALID_PARAMETER)",
// "0x0 (WIN32: 0)".
std::string show_status(HResult status);
std::string show_date(Timestamp t);         // "5/23/2026 5:39 PM"
std::string show_long(std::int64_t value);  // "0x4", "0x14 (20)"
std::string spaced(BytesView octets);       // "4f 2a a3"
// PEM's 64 characters a line, without the lines around.
std::string base64_lines(BytesView octets);
// The failing and warning steps of a trace for people; empty without one.
std::string why(const Trace& trace);
// "\\n" (both characters) as a line feed: how attributes are separated on a command line.
std::string separated_lines(std::string_view text);
HResult status_of(const Fault& fault);

}  // namespace mimica::certutil
