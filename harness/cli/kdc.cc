#include <cstdio>
#include <memory>

#include "audit/assess/assessment_text.h"
#include "harness/cli/commands.h"
#include "harness/cli/kdc_options.h"
#include "harness/io/certificate_files.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {
namespace {

struct CheckArguments {
  KdcOptions options;
  std::string certificate;
  std::string account;
  std::string fixes;
  bool json = false;
  ColourOption colour;
};

ExitCode check_command(const CheckArguments& arguments) {
  auto password = arguments.options.certificate_password();
  if (!password) return complain(password.error());
  auto read = read_certificates(arguments.certificate, *password);
  if (!read) return complain(read.error());
  auto judge = arguments.options.judge(false);
  if (!judge) return complain(judge.error());
  auto answer = judge->check(arguments.account, *std::move(read));
  if (!answer) return complain(answer.error());
  std::string fixes;
  const Colour colour = arguments.colour.choose();
  for (const audit::Assessment& assessment : answer->assessments) {
    if (!assessment.mappings.empty()) fixes += audit::ldif_of(*assessment.account, assessment.mappings.front());
    if (&assessment != &answer->assessments.front() && !arguments.json) std::fputs("\n", stdout);
    const std::string text = arguments.json ? audit::to_json(assessment, answer->notes) + "\n"
                                            : audit::to_text(assessment, answer->notes, colour);
    std::fputs(text.c_str(), stdout);
  }
  if (!arguments.fixes.empty())
    if (auto written = write_file(arguments.fixes, as_bytes(fixes)); !written) return complain(written.error());
  return answer->allowed ? ExitCode::as_expected : ExitCode::expectation_failed;
}

}  // namespace

void add_kdc(CLI::App& app, ExitCode& exit) {
  CLI::App* kdc = app.add_subcommand("kdc", "Ask what a domain controller makes of certificates: check, audit");
  kdc->require_subcommand(1);

  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* check = kdc->add_subcommand(
      "check",
      "Would this certificate log on as this account, in each mode and after each date, and what makes it "
      "strong");
  check
      ->add_option("--cert", arguments->certificate,
                   "Certificate: PEM (a chain is fine), DER or PKCS#12; -: standard input")
      ->required();
  check->add_option("--account", arguments->account,
                    "Account that logs on: jane, jane@contoso.com, LAPTOP-01$; default: whom the certificate leads to");
  arguments->options.add(*check);
  check->add_option("--fixes", arguments->fixes, "Write the best explicit mapping as LDIF for ldapmodify");
  check->add_flag("--json", arguments->json, "Print one line of JSON for each account");
  arguments->colour.add(*check);
  check->callback([arguments, &exit] { exit = check_command(*arguments); });
  check->footer("Exit codes: 0 it would log on now, 1 it would not, 2 bad input, 3 environment.");
  add_kdc_audit(*kdc, exit);
}

}  // namespace mimica::harness::cli
