// The verbs of certutil and their common frame: last line, failures, rights.
#include <algorithm>

#include "ca/faces/certutil/verbs.h"

namespace mimica::certutil {
namespace {

constexpr std::string_view kRestartNote = "The CertSvc service may need to be restarted for changes to take effect.";

// In the order of docs/certutil.md.
constexpr Verb kCertutilVerbs[] = {
    {"ping", verbs::ping, true, 0, 2, "[max seconds]"},
    {"pingadmin", verbs::ping_admin},
    {"CAInfo", verbs::ca_info, true, 0, 2, "[info name [index]]"},
    {"ca.cert", verbs::ca_cert, true, 1, 2, "out file [index]"},
    {"ca.chain", verbs::ca_chain, true, 1, 2, "out file [index]"},
    {"GetCRL", verbs::get_crl, true, 1, 3, "out file [index] [delta]"},
    {"CATemplates", verbs::ca_templates, true, 0, 1, "[template]"},
    {"SetCATemplates", verbs::set_ca_templates, true, 1, 1, "+|-template,..."},
    {"Template", verbs::template_properties, true, 0, 1, "[template]"},
    {"ADTemplate", verbs::ad_template, true, 0, 1, "[template]"},
    {"dsTemplate", verbs::ds_template, true, 0, 1, "[template]"},
    {"TemplateCAs", verbs::template_cas, true, 1, 1, "template"},
    {"dsPublish", verbs::ds_publish, true, 1, 4, "file [NTAuthCA|RootCA|SubCA|CrossCA] | file container [name]", true},
    {"store", verbs::view_store, true, 0, 2, "[Root|CA|NTAuth]"},
    {"viewstore", verbs::view_store, true, 0, 2, "[Root|CA|NTAuth]"},
    {"revoke", verbs::revoke, true, 1, 2, "serial number,... [reason]"},
    {"isvalid", verbs::is_valid, true, 1, 1, "serial number"},
    {"CRL", verbs::publish_crl, true, 0, 2, "[dd:hh|republish] [delta]"},
    {"renewCert", verbs::renew_cert, true, 0, 1, "[ReuseKeys]"},
    {"resubmit", verbs::resubmit, true, 1, 1, "request id"},
    {"deny", verbs::deny, true, 1, 1, "request id"},
    {"setattributes", verbs::set_attributes, true, 2, 2, "request id Name:Value\\nName:Value"},
    {"view", verbs::view, true, 0, 2, "[Queue|Log|LogFail|Revoked|Ext|Attrib|CRL] [csv]"},
    {"deleterow", verbs::delete_row, true, 1, 2, "row id|date [Request|Cert|Ext|Attrib|CRL]"},
    {"backupDB", verbs::backup_db, true, 1, 1, "file"},
    {"restoreDB", verbs::restore_db, true, 1, 1, "file"},
    {"schema", verbs::schema, false, 0, 1, "[Ext|Attrib|CRL]"},
    {"getreg", verbs::get_reg, true, 0, 1, "CA|policy|exit\\value"},
    {"setreg", verbs::set_reg, true, 2, 2, "CA|policy|exit\\value new value", false, kRestartNote},
    {"delreg", verbs::del_reg, true, 1, 1, "CA|policy|exit\\value", false, kRestartNote},
    {"dump", verbs::dump, false, 1, 1, "file", true},
    {"encode", verbs::encode_file, false, 2, 2, "in file out file", true},
    {"decode", verbs::decode_file, false, 2, 2, "in file out file", true},
    {"hashfile", verbs::hash_file, false, 1, 2, "in file [algorithm]", true},
    {"error", verbs::error_text, false, 1, 1, "error code"},
};
constexpr std::string_view kCertutilOptionsWithValue[] = {"config", "restrict", "out", "p", "dc"};
constexpr std::string_view kCertutilFlags[] = {"f",      "v",          "gmt",     "seconds",  "split",   "user",
                                               "silent", "enterprise", "machine", "nullsign", "unicode", "asn"};

Result<ParsedVerb> parse_certutil(const std::vector<std::string>& arguments) {
  return parse_verb(arguments, kCertutilVerbs, kCertutilOptionsWithValue, kCertutilFlags);
}

}  // namespace

std::vector<std::string> certutil_input_files(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  const auto parsed = parse_certutil(arguments);
  if (!parsed || parsed->verb == nullptr) return names;
  const std::vector<std::string>& values = parsed->arguments.values;
  if (parsed->verb->has_input) names.push_back(values.front());
  for (const std::string& value : values)
    if (value.size() > 1 && value.front() == '@') names.push_back(value.substr(1));
  return names;
}

bool certutil_needs_target(const std::vector<std::string>& arguments) {
  const auto parsed = parse_certutil(arguments);
  return parsed && (parsed->verb == nullptr || parsed->verb->online);
}

VerbResult certutil(const VerbCall& call, const VerbTarget& target) {
  VerbResult result;
  const auto parsed = parse_certutil(call.arguments);
  const Verb* verb = parsed ? parsed->verb : nullptr;
  const std::string name = verb == nullptr ? std::string() : "-" + std::string(verb->name) + " ";
  const auto run = [&]() -> Result<void> {
    if (!parsed) return parsed.error();
    const VerbContext context{call, target, parsed->arguments, result};
    if (verb != nullptr && !verb->online) return verb->run(context);
    if (verb != nullptr && verb->run == verbs::view && target.authority == nullptr) return verb->run(context);
    if (target.authority == nullptr)
      return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no certification authority answers here", {},
                   "start a lab, or name one");
    MIMICA_RETURN_IF_FAULT(check_config(context));
    return verb == nullptr ? verbs::entries(context) : verb->run(context);
  };
  const auto done = run();
  if (done && result.ok()) {
    result.text += "CertUtil: " + name + "command completed successfully.\n";
    if (verb != nullptr && !verb->note.empty()) result.text += std::string(verb->note) + "\n";
    return result;
  }
  if (!done) result.status = status_of(done.error());
  result.text += "CertUtil: " + name + "command FAILED: " + show_status(result.status) + "\n";
  if (!done) {
    result.text +=
        "CertUtil: " + (done.error().what.empty() ? std::string(sentence(result.status)) : done.error().what) + "\n";
    if (!done.error().hint.empty()) result.error_text += "hint: " + done.error().hint + "\n";
  }
  return result;
}

}  // namespace mimica::certutil
