#include "ca/revocation/publication_status.h"

#include <array>
#include <utility>

#include "ca/revocation/crl.h"
#include "core/base/bytes.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

constexpr HResult kBadPathname{0x800700A1};  // ERROR_BAD_PATHNAME
constexpr HResult kAbort{0x80004004};        // E_ABORT
constexpr std::uint32_t kWin32 = 0x80070000;
constexpr std::uint32_t kGenericDirectoryError = 0x2095;  // ERROR_DS_GENERIC_ERROR
constexpr std::uint32_t kLocations = cpf::kComplete | cpf::kBadUrl | cpf::kLdapError | cpf::kFileError |
                                     cpf::kFtpError | cpf::kHttpError | cpf::kPostponedBaseLdap;

constexpr std::array<std::pair<LdapCode, std::uint32_t>, 8> kWin32Codes{{
    {LdapCode::operationsError, 0x2020},
    {LdapCode::protocolError, 0x2021},
    {LdapCode::noSuchObject, 0x2030},
    {LdapCode::insufficientAccessRights, 0x2098},
    {LdapCode::busy, 0x200E},
    {LdapCode::unavailable, 0x200F},
    {LdapCode::unwillingToPerform, 0x2035},
    {LdapCode::objectClassViolation, 0x2014},
}};

}  // namespace

HResult directory_failure(const Fault& fault) {
  if (const auto* own = std::get_if<HResult>(&fault.code)) return *own;
  std::uint32_t win32 = kGenericDirectoryError;
  if (const auto* code = std::get_if<LdapCode>(&fault.code))
    for (const auto& [known, value] : kWin32Codes)
      if (known == *code) win32 = value;
  const auto octets = from_hex(std::string_view(fault.what).substr(0, 8));
  if (octets && octets->size() == 4 && (*octets)[0] == 0 && (*octets)[1] == 0 && ((*octets)[2] | (*octets)[3]) != 0)
    win32 = static_cast<std::uint32_t>((*octets)[2] << 8U | (*octets)[3]);
  return HResult{kWin32 | win32};
}

void PublicationStatus::fail(std::size_t index, const std::string& url, HResult code, std::uint32_t flag) {
  if (code_ == HResult::S_OK) code_ = code;
  flags_ |= flag;
  failed_.push_back(url);
  indexes_ += " " + std::to_string(index);
}

void PublicationStatus::add_directory(std::size_t index, const std::string& url, const Result<void>& written) {
  if (!written) fail(index, url, directory_failure(written.error()), cpf::kLdapError);
}

void PublicationStatus::add_postponed(std::size_t index, const std::string& url) {
  fail(index, url, kAbort, cpf::kPostponedBaseLdap);
}

void PublicationStatus::add_file(std::size_t index, const std::string& url) {
  const std::size_t colon = url.find(':');
  if (starts_with_ignore_case(url, "http:")) return fail(index, url, kBadPathname, cpf::kHttpError);
  if (starts_with_ignore_case(url, "ftp:")) return fail(index, url, kBadPathname, cpf::kFtpError);
  if (starts_with_ignore_case(url, "file:") || colon < 2 || colon > 4) return;
  fail(index, url, kBadPathname, cpf::kBadUrl);
}

std::uint32_t PublicationStatus::flags(std::uint32_t before) const {
  return (before & ~kLocations) | (code_ == HResult::S_OK ? cpf::kComplete : flags_);
}

std::string PublicationStatus::text(const std::string& who) const {
  std::string out = who.empty() ? "-" : "Published by " + who;
  if (failed_.empty()) return out;
  return out + " --" + indexes_ + "\n\n" + join(failed_, "\n");
}

}  // namespace mimica::ca
