#include "harness/scenario/language.h"

#include "harness/operations/operation.h"
#include "harness/operations/vocabulary.h"

namespace mimica::harness {
namespace {

using schema::Choice;
using schema::Field;
using schema::Kind;
using schema::Type;

class Language : private Vocabulary {
 public:
  Language() : Vocabulary(operation_types()) {
    lab();
    expectations();
    steps();
    document();
  }
  const Type& root() const { return *document_; }
  const Type& step() const { return *step_; }

 private:
  void lab() {
    const Type* import = object(
        "import", "Directory content from outside.",
        {needed("ldif", text,
                "LDIF: its content, or the path of a file; domain and forest names are replaced by the lab's.")});
    const Type* domain =
        object("domain", "The one domain of the forest.",
               {field("dns_name", text, "DNS name.", "contoso.com"),
                field("netbios_name", text, "NetBIOS name.", "first label of the DNS name in capitals")});
    const Type* ca = object(
        "ca", "The certification authority.",
        {field("name", text, "Common name.", "CONTOSO-CA"),
         field("host", text, "DNS name of its host, in the domain.", "ca01.contoso.com"),
         field("kind",
               choice({{"enterprise", "with templates and directory"}, {"standalone", "without either"}}, "ca kind"),
               "Enterprise or standalone.", "enterprise"),
         field("tiers", number(1, 2), "2: offline root and issuing CA; 1: a single root.", "2"),
         field("key", text, "RSA-2048, RSA-3072, RSA-4096, P-256, P-384 or P-521.", "RSA-2048"),
         field("validity", duration, "ValidityPeriod of the CA: no certificate lives longer.", "730 d"),
         field("edit_flags", texts, "Changes of EditFlags: `+EDITF_...` or `-EDITF_...`."),
         field("disable_extensions", texts, "OIDs for DisableExtensionList."),
         field("request_disposition",
               choice({{"issue", "issue at once"},
                       {"pending", "a certificate manager decides"},
                       {"deny", "refuse everything"}},
                      "request disposition"),
               "What the policy module does with a request that passes.", "issue"),
         field("ocsp_urls", texts, "URLs of an OCSP responder, for the AIA of issued certificates."),
         field("ocsp", boolean, "The lab answers OCSP at /ocsp itself; the URL goes into the AIA.", "false"),
         field("deterministic_good", boolean,
               "Switch: its answer about a serial number that was never issued is unknown, not good.", "false"),
         field("sid_extension_update", boolean, "The update of May 2022 is installed (KB5014754).", "true"),
         field("application_policy_update", boolean, "The update of November 2024 is installed (CVE-2024-49019).",
               "true"),
         field("rights", list(grant), "Rights granted on the CA beside the defaults."),
         field("removed", texts, "Accounts whose entries leave the CA's security, for example Authenticated Users.")});
    const Type* mode = choice({{"disabled", "0: no strong mapping is asked for"},
                               {"compatibility", "1: weak mappings are allowed with event 39"},
                               {"full", "2: weak mappings are refused"}},
                              "enforcement");
    const Type* bypass = number(0, 2);
    const Type* kdc = object(
        "kdc", "Registry and update level of the domain controllers. Absent values are the defaults of the lab's date.",
        {field("profile",
               choice({{"windows", "a Windows domain controller"},
                       {"samba", "a Samba AD domain controller where it differs: no dates, SAN URI, NTAuth or events"}},
                      "profile"),
               "Whose domain controllers they are.", "windows"),
         field("enforcement", any_of({mode, number(0, 2)}, "compatibility"), "StrongCertificateBindingEnforcement.",
               "default of the date"),
         field("backdating", duration, "CertificateBackdatingCompensation.", "10 min; 0 min under samba"),
         field("use_subject_alt_name", boolean, "UseSubjectAltName.", "true"),
         field("nt_auth_bypass", bypass, "AllowNtAuthPolicyBypass.", "default of the date"),
         field("has_kdc_certificate", boolean, "Whether they have a certificate for PKINIT.", "true"),
         field("os_version", choice({{"2016", ""}, {"2019", ""}, {"2022", ""}, {"2025", ""}}),
               "Windows Server version.", "2022"),
         field("revocation_unknown_ignored", boolean, "UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors.", "false"),
         field("revocation_cache", boolean,
               "Switch: CRLs and OCSP answers are reused until their nextUpdate, as Windows does.", "false"),
         field("strong_name_matches", texts, "Tuples of the policy that allows name-based strong mappings."),
         field("uri_mismatch_refused", boolean, "Switch: a SAN URI with another SID is refused.", "true"),
         field("uri_list_accepted", boolean,
               "Switch: a SAN URI of several values joined by commas is read up to the comma.", "false"),
         field("sid_alone_maps", boolean, "Switch: the SID extension maps without a name or an explicit mapping.",
               "false"),
         field("unresolved_upn_refused", boolean,
               "Switch: a SAN UPN that nobody has is refused even if an explicit mapping matches.", "true"),
         field("computer_upn_maps", boolean, "Switch: a SAN UPN that leads to a computer maps it, beside its DNS name.",
               "true"),
         field("nt_auth_before_upn", boolean, "Switch: NTAuth is judged before a SAN UPN of another account.", "false"),
         field("nt_auth_bypass_all_forms", boolean,
               "Switch: nt_auth_bypass covers every explicit mapping, not only those that KB5057784 lists.", "true"),
         field("sha1_pukey_takes_key_hash", boolean, "Switch: `<SHA1-PUKEY>` also takes the SHA-1 of the public key.",
               "false"),
         field("password_change_refused", boolean, "Switch: an account that must change its password is refused.",
               "true"),
         field("application_policies_count", boolean, "Switch: the Application Policies extension counts as EKU.",
               "false")});
    lab_ = object("lab", "What the lab is made of. Only what differs from the default lab needs to be given.",
                  {field("clock", time, "Where the lab clock stands at the start.", "2026-01-05T08:00:00Z"),
                   field("seed", text,
                         "Seed of all randomness and of the test keys; an empty text asks for fresh keys.", "mimica"),
                   field("directory",
                         choice({{"ldap", "look-ups go through libldap and a loopback socket"},
                                 {"in_process", "look-ups are function calls"}},
                                "directory"),
                         "How the parties ask the directory.", "ldap"),
                   field("domain", domain, "The domain."), field("ca", ca, "The certification authority."),
                   field("users", list(user), "People."), field("groups", list(group), "Groups."),
                   field("computers", list(computer), "Further computers."),
                   field("policies", list(policy), "Issuance policies of the forest."),
                   field("templates", list(certificate_template), "Certificate templates made for this lab."),
                   field("devices", list(device), "Devices."), field("profiles", list(profile), "Intune profiles."),
                   field("connectors", list(connector), "Certificate connectors; an empty list for none.",
                         "one connector CONNECTOR01"),
                   field("kdc", kdc, "The domain controllers."),
                   field("import", list(import), "LDIF to load before anything else.")});
  }

  void expectations() {
    const Type* event = number(1, 65535);
    events_ = any_of({none, event, list(event)}, "39");
    const Type* log_of_channel = map(any_of({event, list(event)}));
    log_ = any_of({none, event, list(event), log_of_channel}, "{connector/Admin: 1051}");
    certificate_ = object(
        "certificate", "What the certificate of this step must look like. Only what is given is compared.",
        {field("sid", text, "`absent`, an account name, or a SID in text form."),
         field("subject", text, "Subject, leaf first: `CN=Jane Doe, DC=contoso, DC=com`."),
         field("issuer", text, "Issuer in the same form."),
         field("san", any_of({none, text, list(text)}),
               "All subject alternative names, in any order: `UPN=jane@contoso.com`."),
         field("template", text, "cn of the template."), field("key", text, "RSA-2048, P-256, ..."),
         field("eku", texts, "All extended key usages, in any order, as OIDs or names."),
         field("validity", duration, "Time from notBefore to notAfter."), field("not_after", time, "End of validity."),
         field("same_as", text, "Step id: the very certificate of that step."),
         field("differs_from", text, "Step id: another certificate than that step's.")},
        "{sid: jane, san: UPN=jane@contoso.com}");
    const Type* verdict = choice({{"pass", ""}, {"fail", ""}, {"warn", ""}, {"n/a", ""}});
    expect_ = object(
        "expect",
        "What the step must answer. Without `expect` a step must succeed; with `code` or `rule` alone it must not.",
        {field("outcome",
               choice({{"issued", "a certificate was issued"},
                       {"allowed", "the logon is allowed"},
                       {"done", "the operation was carried out"},
                       {"pending", "taken under submission, waiting, or not applicable yet"},
                       {"refused", "a party decided against it"},
                       {"failed", "it could not be carried out"},
                       {"any", "whatever it is"}},
                      "outcome"),
               "The answer.", "success"),
         field("code", code, "Code of the refusal: symbol or number."),
         field("rule", rule, "Id of the rule that decided a refusal."),
         field("trace", map(verdict), "Verdicts of single rules: `{kdc.mapping.strong: warn}`."),
         field("event", events_, "KDC events of this logon: exactly these ids, or `none`."),
         field("log", log_, "Events that other parties logged in this step: these ids are among them, or `none`."),
         field("certificate", any_of({none, certificate_}), "The certificate of this step, or `none`.")},
        "{outcome: refused, code: CERTSRV_E_TEMPLATE_DENIED, rule: templates.permission.enroll}");
  }

  void steps();
  void document();

  const Type *lab_{}, *events_{}, *log_{}, *certificate_{}, *expect_{};
  Type* step_{};
  const Type* document_{};
};

void Language::steps() {
  // `repeat` holds steps, so the step type must exist before it is filled.
  step_ = make(Kind::object);
  const Type* repeat = object(
      "repeat", "Repeats steps for each combination of values; `${name}` stands for the value.",
      {needed("for_each", map(list(json)), "Names with their lists of values."),
       needed("steps", list(step_), "The steps.")},
      "repeat:\n  for_each: {device: [LAPTOP-01, IPHONE-01]}\n  steps:\n    - check_in: {device: \"${device}\"}");
  step_->name = "step";
  step_->help = "One entry of `steps`: exactly one verb, and what is expected of it.";
  step_->example = "- logon: {device: LAPTOP-01, as: jane}\n  expect: {outcome: allowed, event: none}";
  for (const Operation& operation : operations())
    step_->fields.push_back(verb(std::string(operation.key), operation.type, operation.type->help));
  for (Field& f : std::vector<Field>{
           verb("repeat", repeat, repeat->help), field("expect", expect_, "What the step must answer.", "it succeeds"),
           field("as", text, "Id of the step; later steps name its certificate or request by it."),
           field("note", text, "A sentence for the timeline.")})
    step_->fields.push_back(std::move(f));
}

void Language::document() {
  document_ = object("scenario", "A scenario file is one YAML document with these keys.",
                     {needed("scenario", text, "Title: one line."), field("why", text, "What the scenario shows."),
                      field("refs", texts, "Requirements, articles and specifications it follows."),
                      field("lab", lab_, "The lab.", "the default lab"),
                      field("matrix", map(list(json)),
                            "Runs the scenario once, in a lab of its own, for each combination of these values; "
                            "`${name}` stands for the value and "
                            "`${name.key}` for a part of it."),
                      field("steps", list(step_), "What happens, in order.")});
}

const Language& language() {
  static const Language instance;
  return instance;
}

}  // namespace

const schema::Type& scenario_language() { return language().root(); }
const schema::Type& step_language() { return language().step(); }

std::string scenario_json_schema() { return schema::json_schema(scenario_language(), "Mimica scenario"); }

}  // namespace mimica::harness
