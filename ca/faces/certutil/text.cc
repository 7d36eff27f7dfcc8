#include "ca/faces/certutil/text.h"

#include <array>
#include <cstdio>

#include "ca/views/view.h"

namespace mimica::certutil {
namespace {

constexpr std::uint32_t kWin32Facility = 0x80070000;
constexpr std::size_t kPemLine = 64;

std::string name_of(HResult status) {
  if (status == HResult::E_INVALIDARG) return "ERROR_INVALID_PARAMETER";
  if (status == HResult::E_ACCESSDENIED) return "ERROR_ACCESS_DENIED";
  std::string name = symbol(status);
  return name.starts_with("0x") ? std::string() : name;
}

}  // namespace

std::string show_status(HResult status) {
  const auto value = static_cast<std::uint32_t>(status);
  std::array<char, 64> text{};
  if ((value & 0xFFFF0000) == kWin32Facility || value == 0)
    std::snprintf(text.data(), text.size(), "0x%x (WIN32: %u", value, value & 0xFFFF);
  else
    std::snprintf(text.data(), text.size(), "0x%x (%d", value, static_cast<std::int32_t>(value));
  const std::string name = value == 0 ? std::string() : name_of(status);
  return std::string(text.data()) + (name.empty() ? "" : " " + name) + ")";
}

std::string show_date(Timestamp t) { return ca::to_us_date(t); }

std::string show_long(std::int64_t value) {
  std::array<char, 64> text{};
  const auto bits = static_cast<unsigned long long>(value);
  std::snprintf(text.data(), text.size(), value >= 0 && value < 10 ? "0x%llx" : "0x%llx (%lld)", bits,
                static_cast<long long>(value));
  return text.data();
}

std::string spaced(BytesView octets) {
  const std::string hex = to_hex(octets);
  std::string out;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) out += (at == 0 ? "" : " ") + hex.substr(at, 2);
  return out;
}

std::string base64_lines(BytesView octets) {
  const std::string text = to_base64(octets);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += kPemLine) out += text.substr(at, kPemLine) + "\n";
  return out;
}

std::string why(const Trace& trace) {
  Trace notable;
  for (const Step& step : trace.steps())
    if (step.verdict == Verdict::fail || step.verdict == Verdict::warn) notable.add(step);
  return notable.empty() ? std::string() : explain(notable);
}

std::string separated_lines(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool separator = text[at] == '\\' && at + 1 < text.size() && text[at + 1] == 'n';
    out += separator ? '\n' : text[at];
    if (separator) ++at;
  }
  return out;
}

HResult status_of(const Fault& fault) {
  if (const auto* status = std::get_if<HResult>(&fault.code)) return *status;
  return fault.code.index() == 0 ? HResult::E_INVALIDARG : HResult::E_FAIL;
}

}  // namespace mimica::certutil
