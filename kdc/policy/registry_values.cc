#include "kdc/policy/registry_values.h"

#include <string>

#include "core/base/number.h"

namespace mimica::kdc {
namespace {

// REG_DWORD: decimal, or hexadecimal after 0x.
Result<std::optional<std::int64_t>> dword(std::string_view name, std::optional<std::string_view> data) {
  if (!data) return std::optional<std::int64_t>{};
  const auto value = parse_number<std::uint32_t>(*data);
  if (!value)
    return fault(std::string(name) + " takes a number (REG_DWORD), not '" + std::string(data->substr(0, 64)) + "'");
  return std::optional<std::int64_t>{*value};
}

}  // namespace

Result<void> set_registry_value(KdcConfig& config, std::string_view name, std::optional<std::string_view> data) {
  const auto is = [&](std::string_view known) { return equals_ignore_case(name, known); };
  if (is("StrongNameMatches")) {
    config.StrongNameMatches.clear();
    if (data) config.StrongNameMatches.emplace_back(*data);
    return {};
  }
  const bool known = is("StrongCertificateBindingEnforcement") || is("CertificateBackdatingCompensation") ||
                     is("UseSubjectAltName") || is("AllowNtAuthPolicyBypass") ||
                     is("UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors");
  if (!known)
    return fault("'" + std::string(name.substr(0, 128)) + "' is no registry value of a KDC", {},
                 "StrongCertificateBindingEnforcement, CertificateBackdatingCompensation, UseSubjectAltName, "
                 "AllowNtAuthPolicyBypass, UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors or StrongNameMatches");
  MIMICA_TRY(const std::optional<std::int64_t> value, dword(name, data));
  const auto small = value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
  if (is("StrongCertificateBindingEnforcement"))
    config.StrongCertificateBindingEnforcement = small;
  else if (is("CertificateBackdatingCompensation"))
    config.CertificateBackdatingCompensation = value;
  else if (is("UseSubjectAltName"))
    config.UseSubjectAltName = value.value_or(1) != 0;
  else if (is("AllowNtAuthPolicyBypass"))
    config.AllowNtAuthPolicyBypass = small;
  else
    config.revocation_unknown_ignored = value.value_or(0) != 0;
  return {};
}

}  // namespace mimica::kdc
