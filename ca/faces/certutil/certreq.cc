// certreq: making a request from a policy file, submitting, retrieving, and joining key and certificate.

#include "ca/authority/authority.h"
#include "ca/faces/certutil/arguments.h"
#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/request_policy.h"
#include "core/base/number.h"
#include "core/pki/pfx.h"

namespace mimica::certutil {
namespace {

constexpr std::string_view kKeySuffix = ".key";

std::string folder_of(std::string_view path) {
  const std::size_t at = path.rfind('/');
  return at == std::string_view::npos ? "." : std::string(path.substr(0, at));
}

// The path without the suffix of its last part.
std::string stem_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.');
  const bool suffixed = dot != std::string_view::npos && dot > (slash == std::string_view::npos ? 0 : slash + 1);
  return std::string(suffixed ? path.substr(0, dot) : path);
}

// Where keys are kept: -keys FOLDER, or beside the request or certificate.
std::string key_folder(const VerbArguments& arguments, std::string_view file) {
  const std::string_view given = arguments.option("keys");
  return given.empty() ? folder_of(file) : std::string(given);
}

Result<void> new_request(const VerbContext& context) {
  const std::string& policy_name = context.arguments.values[0];
  const std::string& request_name = context.arguments.values[1];
  MIMICA_TRY(const Bytes text, context.file(policy_name));
  MIMICA_TRY(const InfFile file, InfFile::parse(text, policy_name));
  MIMICA_TRY(const RequestPolicy policy, read_request_policy(file, policy_name));
  if (context.target.keys == nullptr) return fault(HResult::NTE_DEVICE_NOT_READY, "no key can be made here");
  MIMICA_TRY(const PrivateKey key, context.target.keys->key(policy.key));
  MIMICA_TRY(const Bytes request, make_request(policy, key));
  std::string key_name = stem_of(request_name) + std::string(kKeySuffix);
  if (!context.arguments.option("keys").empty()) {
    const std::size_t slash = key_name.rfind('/');
    key_name = std::string(context.arguments.option("keys")) + "/" +
               (slash == std::string::npos ? key_name : key_name.substr(slash + 1));
  }
  context.result.files[request_name] = {to_bytes(to_pem("NEW CERTIFICATE REQUEST", request))};
  context.result.files[key_name] = {to_bytes(key.pem()), true};
  context.line("");
  context.line("CertReq: Request Created");
  return {};
}

// What -submit and -retrieve print about an outcome, and its files.
Result<void> show_outcome(const VerbContext& context, const ca::SubmitOutcome& outcome, std::size_t first_file) {
  if (outcome.request_id) {
    const std::string id = std::to_string(*outcome.request_id);
    context.line("RequestId: " + id);
    context.line("RequestId: \"" + id + "\"");
  }
  context.result.error_text += why(outcome.trace);
  switch (outcome.disposition) {
    case ca::Disposition::issued:
    case ca::Disposition::issued_out_of_band:
    case ca::Disposition::revoked: {
      const bool revoked = outcome.disposition == ca::Disposition::revoked;
      context.line(std::string("Certificate retrieved(") + (revoked ? "Revoked" : "Issued") + ") " + outcome.message);
      const std::string_view certificate_file = context.arguments.value(first_file);
      if (!certificate_file.empty())
        context.result.files[std::string(certificate_file)] = {to_bytes(to_pem("CERTIFICATE", outcome.certificate))};
      const std::string_view chain_file = context.arguments.value(first_file + 1);
      if (!chain_file.empty()) {
        MIMICA_TRY(const Certificate certificate, Certificate::parse(outcome.certificate));
        std::vector<Certificate> chain = {certificate};
        for (const Certificate& one : context.authority().chain()) chain.push_back(one);
        MIMICA_TRY(const Bytes message, cms_certs_only(chain));
        context.result.files[std::string(chain_file)] = {to_bytes(to_pem("PKCS7", message))};
      }
      return {};
    }
    case ca::Disposition::under_submission:
      context.line("Certificate request is pending: " + outcome.message + " (0)");
      return {};
    default: {
      const bool denied = outcome.disposition == ca::Disposition::denied;
      if (outcome.request_id)
        context.line(std::string("Certificate not issued (") + (denied ? "Denied" : "Error") + ") " + outcome.message);
      context.line("Certificate Request Processor: " + std::string(sentence(outcome.status)) + " " +
                   show_status(outcome.status));
      if (denied) context.line(outcome.message.substr(0, outcome.message.find("  ")));
      context.result.status = outcome.status == HResult::S_OK ? HResult::E_FAIL : outcome.status;
      return {};
    }
  }
}

Result<void> submit(const VerbContext& context) {
  ca::SubmitInput input;
  MIMICA_TRY(input.request, context.file(context.arguments.values[0]));
  input.caller = context.call.caller.empty() ? "Administrator" : context.call.caller;
  input.attributes = separated_lines(context.arguments.option("attrib"));
  const std::string_view config = context.arguments.option("config");
  if (const std::size_t at = config.find('\\'); at != std::string_view::npos)
    input.authority = std::string(config.substr(at + 1));
  MIMICA_TRY(const ca::SubmitOutcome outcome, context.authority().submit(input));
  return show_outcome(context, outcome, 1);
}

Result<void> retrieve(const VerbContext& context) {
  MIMICA_TRY(const std::int64_t id, require_decimal<std::int64_t>(context.arguments.values[0], "request id"));
  MIMICA_TRY(const ca::SubmitOutcome outcome, context.authority().retrieve(id));
  return show_outcome(context, outcome, 1);
}

// The certificate of a file: alone, or the one of a chain that no other was issued by.
Result<Certificate> certificate_of(BytesView content) { return Certificate::parse(unarmoured(content)); }

Result<void> accept(const VerbContext& context) {
  const std::string& name = context.arguments.values[0];
  MIMICA_TRY(const Bytes content, context.file(name));
  MIMICA_TRY(const Certificate certificate, certificate_of(content));
  std::optional<PrivateKey> key;
  for (const auto& [file, text] : context.call.files) {
    if (!file.ends_with(kKeySuffix)) continue;
    auto candidate = PrivateKey::from_pem(as_text(text));
    if (candidate && candidate->public_key().spki() == certificate.public_key().spki()) key = *std::move(candidate);
  }
  if (!key)
    return fault(
        HResult::NTE_BAD_KEYSET, "no private key fits the certificate", {},
        "keys are looked for as *.key in " + key_folder(context.arguments, name) + "; -keys names another folder");
  if (context.arguments.has("p")) {
    Pfx pfx;
    pfx.key = *key;
    pfx.certificate = certificate;
    MIMICA_TRY(Bytes der, make_pfx(pfx, context.arguments.option("p")));
    context.result.files[stem_of(name) + ".pfx"] = {std::move(der), true};
  } else {
    context.result.files[stem_of(name) + ".pem"] = {to_bytes(certificate.pem() + key->pem()), true};
  }
  context.line("Installed Certificate:");
  context.line("  Serial Number: " + certificate.serial_hex());
  context.line("  Subject: " + certificate.subject().to_cert_str());
  context.line("  NotBefore: " + show_date(certificate.not_before()));
  context.line("  NotAfter: " + show_date(certificate.not_after()));
  context.line("  Thumbprint: " + to_hex(certificate.thumbprint()));
  return {};
}

Result<void> not_supported(const VerbContext&) {
  return fault(HResult::ERROR_NOT_SUPPORTED, "this verb is not supported", {},
               "-new, -submit, -retrieve and -accept are");
}

constexpr Verb kVerbs[] = {
    {"new", new_request, false, 2, 2, "policy file request file", true},
    {"submit", submit, true, 1, 3, "request file [certificate file [chain file]]", true},
    {"retrieve", retrieve, true, 1, 3, "request id [certificate file [chain file]]"},
    {"accept", accept, false, 1, 1, "certificate file", true},
    {"policy", not_supported, false, 0, 9, ""},
    {"sign", not_supported, false, 0, 9, ""},
    {"enroll", not_supported, false, 0, 9, ""},
};
constexpr std::string_view kOptionsWithValue[] = {"attrib", "config", "p", "keys", "cert"};
constexpr std::string_view kFlags[] = {"q", "f", "user", "machine", "rpc", "binary", "any", "crl", "anypolicy"};

Result<ParsedVerb> parse(const std::vector<std::string>& arguments) {
  return parse_verb(arguments, kVerbs, kOptionsWithValue, kFlags);
}

}  // namespace

std::vector<std::string> certreq_input_files(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  const auto parsed = parse(arguments);
  if (!parsed || parsed->verb == nullptr || !parsed->verb->has_input) return names;
  names.push_back(parsed->arguments.values.front());
  if (parsed->verb->run == accept)
    names.push_back(key_folder(parsed->arguments, names.front()) + "/*" + std::string(kKeySuffix));
  return names;
}

bool certreq_needs_target(const std::vector<std::string>& arguments) {
  const auto parsed = parse(arguments);
  return parsed && parsed->verb != nullptr && parsed->verb->online;
}

VerbResult certreq(const VerbCall& call, const VerbTarget& target) {
  VerbResult result;
  const auto run = [&]() -> Result<void> {
    auto parsed = parse(call.arguments);
    if (!parsed) return parsed.error();
    if (parsed->verb == nullptr)
      return fault(HResult::E_INVALIDARG, "certreq needs a verb", {}, "-new, -submit, -retrieve or -accept");
    const VerbContext context{call, target, parsed->arguments, result};
    if (parsed->verb->online && target.authority == nullptr)
      return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no certification authority answers here", {},
                   "start a lab, or name one");
    if (parsed->verb->online) MIMICA_RETURN_IF_FAULT(check_config(context));
    return parsed->verb->run(context);
  };
  if (const auto done = run(); !done) {
    result.status = status_of(done.error());
    const std::string where = describe(done.error().where);
    result.text += "Certificate Request Processor: " + (where.empty() ? "" : where + ": ") + done.error().what + " " +
                   show_status(result.status) + "\n";
    if (!done.error().hint.empty()) result.error_text += "hint: " + done.error().hint + "\n";
  }
  return result;
}

}  // namespace mimica::certutil
