#include "harness/cli/kdc_options.h"

#include <cstdlib>

#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"
#include "kdc/policy/registry_values.h"

namespace mimica::harness::cli {
namespace {

// From the first line of a file or from the environment, so that it shows in no list of processes.
Result<std::string> secret(const std::string& file, const std::string& variable) {
  if (!file.empty()) {
    constexpr std::size_t kMost = 64 * 1024;
    MIMICA_TRY(const std::string content, read_file(file, kMost));
    return content.substr(0, content.find_first_of("\r\n"));
  }
  if (variable.empty()) return std::string();
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) return fault("the environment variable " + variable + " is not set");
  return std::string(value);
}

// "NAME=VALUE"; the lines of StrongNameMatches come one at a time.
Result<void> assign(kdc::KdcConfig& config, std::string_view text) {
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos)
    return fault("'" + std::string(text) + "' is no registry value", {}, "write NAME=VALUE");
  const std::string_view name = trim(text.substr(0, at));
  std::string value(trim(text.substr(at + 1)));
  if (equals_ignore_case(name, "StrongNameMatches")) {
    MIMICA_RETURN_IF_FAULT(kdc::parse_name_rule(value));
    for (auto line = config.StrongNameMatches.rbegin(); line != config.StrongNameMatches.rend(); ++line)
      value.insert(0, *line + "\n");
  }
  return kdc::set_registry_value(config, name, value);
}

}  // namespace

void KdcOptions::add(CLI::App& command) {
  command.add_option("--ldif", directory_.ldif, "Directory: LDIF export of ldapsearch or ldifde; may be given again")
      ->group("Directory");
  command.add_option("--ldap", directory_.ldap_url, "Directory: a server, ldap://dc01:389; it is only read")
      ->group("Directory");
  command.add_option("--bind-dn", directory_.bind_dn, "Name to bind with: DN, UPN or DOMAIN\\user; default: anonymous")
      ->group("Directory");
  auto* file = command.add_option("--password-file", bind_password_file_, "File whose first line is the bind password")
                   ->group("Directory");
  command.add_option("--password-env", bind_password_env_, "Environment variable with the bind password")
      ->excludes(file)
      ->group("Directory");
  command.add_option("--lab", directory_.lab, "Directory: the lab of a scenario file")->group("Directory");
  command.add_option("--root", directory_.roots, "Certificate file of a trusted root, beside those of the directory")
      ->group("Trust");
  command.add_option("--ntauth", directory_.nt_auth, "Certificate file of a CA that counts as in NTAuth")
      ->group("Trust");
  command.add_option("--crl", crls_, "Revocation list, DER or PEM; may be given again")->group("Trust");
  command
      .add_option(
          "--revocation", revocation_,
          "off: no list is read; files: by the lists of --crl; fetch: by them, else by OCSP and lists over HTTP; "
          "default: files when there are any")
      ->check(CLI::IsMember({"off", "files", "fetch"}))
      ->group("Trust");
  auto* cert_file =
      command
          .add_option("--cert-password-file", password_file_, "File whose first line is the password of PKCS#12 files")
          ->group("Trust");
  command.add_option("--cert-password-env", password_env_, "Environment variable with the password of PKCS#12 files")
      ->excludes(cert_file)
      ->group("Trust");
  command
      .add_option("--registry", registry_,
                  "NAME=VALUE of the domain controllers, for example StrongCertificateBindingEnforcement=1")
      ->group("Domain controller");
  command.add_option("--at", at_, "Instant to judge at, as 2025-09-10; default: now, or a lab's clock")
      ->group("Domain controller");
  command.add_option("--os", os_, "Windows Server version of the domain controllers: 2016, 2019, 2022 or 2025")
      ->check(CLI::IsMember({2016, 2019, 2022, 2025}))
      ->group("Domain controller");
}

Result<std::string> KdcOptions::certificate_password() const { return secret(password_file_, password_env_); }

Result<KdcJudge> KdcOptions::judge(bool for_many) const {
  KdcJudge out;
  DirectoryChoice choice = directory_;
  choice.for_many = for_many;
  MIMICA_TRY(choice.password, secret(bind_password_file_, bind_password_env_));
  const bool off = revocation_ == "off";
  for (const std::string& file : crls_)
    if (!off) MIMICA_RETURN_IF_FAULT(out.lists.read(file));
  std::optional<Timestamp> at;
  if (!at_.empty()) {
    MIMICA_TRY(at, parse_iso(at_));
  }
  MIMICA_TRY(out.source, open_directory(choice));
  out.config = out.source.config;
  for (const std::string& value : registry_) MIMICA_RETURN_IF_FAULT(assign(out.config, value));
  if (os_ != 0) out.config.os_version = os_;
  for (const Bytes& list : out.source.crls)
    if (!off) MIMICA_RETURN_IF_FAULT(out.lists.add(list, choice.lab));
  if (revocation_ == "files" && out.lists.empty())
    return fault("--revocation files needs revocation lists", {}, "give them with --crl");
  if (revocation_ == "fetch") out.lists.fetch_others();
  out.check_revocation =
      revocation_ == "files" || revocation_ == "fetch" || (revocation_.empty() && !out.lists.empty());
  if (!out.check_revocation) out.config.revocation_unknown_ignored = true;
  out.at = at ? *at : out.source.clock ? *out.source.clock : machine_time();
  return out;
}

}  // namespace mimica::harness::cli
