// The certification authority, as its administrators and certificate managers run it.
#include "core/base/text.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/operations/values.h"

namespace mimica::harness {
namespace step {

std::string Publication::title() const {
  return std::string("publication: ") + (!reachable ? "out of reach" : renewed ? "works" : "nothing new is published");
}

Result<Report> Publication::run(Lab& lab, const Earlier&) const {
  return report_of(lab.set_publication(reachable, renewed));
}

std::string Revoke::title() const { return caller + " revokes the certificate of step " + quote(certificate); }

Result<Report> Revoke::run(Lab& lab, const Earlier& earlier) const {
  MIMICA_TRY(const Certificate revoked, earlier.certificate(certificate));
  return lab.revoke(revoked, caller, reason);
}

std::string Resolve::title() const {
  return caller + (issue ? " issues" : " denies") + " the request of step " + quote(request);
}

Result<Report> Resolve::run(Lab& lab, const Earlier& earlier) const {
  MIMICA_TRY(const std::int64_t id, earlier.request(request));
  return lab.resolve_pending(id, caller, issue);
}

namespace {
struct CaRights {
  CaRight right;
  bool grant = true;
  std::string title() const {
    return std::string(grant ? "CA: grant " : "CA: take ") + join(right.rights, ", ") + (grant ? " to " : " from ") +
           right.account;
  }
  Result<Report> run(Lab& lab, const Earlier&) const { return report_of(lab.set_ca_rights(right, grant)); }
};

struct EditFlags {
  std::vector<std::string> flags;
  std::string title() const { return "CA: " + join(flags, " "); }
  Result<Report> run(Lab& lab, const Earlier&) const {
    for (const std::string& flag : flags) MIMICA_RETURN_IF_FAULT(lab.set_edit_flag(flag));
    return Report{};
  }
};

struct InstallUpdate {
  std::vector<std::string> names;
  std::string title() const { return "CA: install the update of " + join(names, ", "); }
  Result<Report> run(Lab& lab, const Earlier&) const {
    for (const std::string& name : names) MIMICA_RETURN_IF_FAULT(lab.install_update(name));
    return Report{};
  }
};

struct PublishCrl {
  bool delta_only = false;
  std::string title() const { return delta_only ? "CA: publish the delta CRL" : "CA: publish the CRL"; }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.publish_crl(delta_only); }
};

struct RenewCa {
  bool new_key = true;
  std::string title() const { return std::string("CA: renew its certificate, ") + (new_key ? "new key" : "same key"); }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.renew_ca(new_key); }
};
}  // namespace

}  // namespace step

namespace {

struct RevocationReason {
  std::string_view name;
  int number;
};
constexpr RevocationReason kReasons[] = {
    {"unspecified", 0},  // RFC 5280 5.3.1
    {"key_compromise", 1}, {"ca_compromise", 2},          {"affiliation_changed", 3},
    {"superseded", 4},     {"cessation_of_operation", 5}, {"certificate_hold", 6}};

}  // namespace

std::vector<Operation> authority_operations() {
  using schema::View;
  return {
      {"ca", 120,
       [](Vocabulary& v) -> const schema::Type* {
         const schema::Type* update =
             v.choice({{"may_2022", "KB5014754: the SID extension"},
                       {"november_2024", "CVE-2024-49019: requested application policies are dropped"}},
                      "update");
         return v.object(
             "change ca", "Changes the certification authority.",
             {verb("grant", v.grant, "Grants rights."), verb("remove", v.grant, "Takes rights away."),
              verb("edit_flag", v.texts, "`+EDITF_...` sets, `-EDITF_...` clears."),
              verb("install_update", v.any_of({update, v.list(update)}), "Installs updates on its host."),
              verb("publish_crl", v.boolean, "Publishes a new base CRL, and a delta CRL with it."),
              verb("publish_delta_crl", v.boolean, "Publishes a new delta CRL alone."),
              verb("renew", v.choice({{"new_key", ""}, {"same_key", ""}}), "Renews the certificate of the CA.")},
             "ca: {grant: {account: CONNECTOR01$, rights: request}}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         const std::string& what = f.verb()->key;
         if (what == "grant" || what == "remove") return step::CaRights{reader.right(f[what]), what == "grant"};
         if (what == "edit_flag") {
           for (const View& flag : f["edit_flag"].list())
             if (flag.text().empty() || (flag.text()[0] != '+' && flag.text()[0] != '-'))
               reader.add(flag.node(), "'" + flag.text() + "' must begin with + or -",
                          "for example +EDITF_ATTRIBUTEENDDATE");
           return step::EditFlags{f["edit_flag"].texts()};
         }
         if (what == "renew") return step::RenewCa{f["renew"].text() == "new_key"};
         if (what == "install_update") return step::InstallUpdate{f["install_update"].texts()};
         return step::PublishCrl{what == "publish_delta_crl"};
       }},
      {"publication", 130,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "publication", "How the places where CRLs and CA certificates are published work from now on.",
             {field("reachable", v.boolean, "false: neither the HTTP server nor the directory gives them out.", "true"),
              field("renewed", v.boolean, "false: CRLs that are due are not published; the last ones stay.", "true")},
             "publication: {reachable: false}");
       },
       [](OperationReader&, const View& f) -> Action {
         return step::Publication{f["reachable"].boolean(true), f["renewed"].boolean(true)};
       }},
      {"revoke", 140,
       [](Vocabulary& v) -> const schema::Type* {
         std::vector<schema::Choice> reasons;
         for (const RevocationReason& reason : kReasons) reasons.push_back({std::string(reason.name), ""});
         return v.object(
             "revoke", "Revokes the certificate of an earlier step.",
             {needed("certificate", v.text, "Step id."), field("as", v.text, "Account that asks.", "Administrator"),
              field("reason", v.choice(std::move(reasons), "reason"), "Reason code.", "unspecified")},
             "revoke: {certificate: first, reason: key_compromise}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         int number = 0;
         for (const RevocationReason& reason : kReasons)
           if (reason.name == f["reason"].text()) number = reason.number;
         return step::Revoke{reader.step_id(f["certificate"]), f["as"].text("Administrator"), number};
       }},
      {"resolve", 150,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("resolve", "A certificate manager decides on a pending request.",
                         {needed("request", v.text, "Step id of the request."),
                          field("as", v.text, "Account that decides.", "Administrator"),
                          needed("decision", v.choice({{"issue", ""}, {"deny", ""}}), "What is decided.")},
                         "resolve: {request: asked, decision: issue}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Resolve{reader.step_id(f["request"]), f["as"].text("Administrator"),
                              f["decision"].text() == "issue"};
       }},
  };
}

}  // namespace mimica::harness
