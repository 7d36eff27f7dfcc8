// The way of a certificate: requested, delivered, used.
#include "core/base/bytes.h"
#include "core/base/text.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/operations/values.h"

namespace mimica::harness {
namespace step {

std::string CheckIn::title() const { return device + " checks in"; }

Result<Report> CheckIn::run(Lab& lab, const Earlier&) const { return lab.check_in(device); }

std::string Enroll::title() const {
  return spec.caller + " enrolls for " + spec.template_name +
         (spec.subject.empty() ? "" : " as " + quote(spec.subject)) +
         (spec.on_behalf_of.empty() ? "" : " on behalf of " + spec.on_behalf_of) +
         (renews.empty() ? "" : ", renewing step " + quote(renews));
}

Result<Report> Enroll::run(Lab& lab, const Earlier& earlier) const {
  EnrollSpec asked = spec;
  for (std::string& san : asked.sans) {
    if (!starts_with_ignore_case(san, "sid=") || starts_with_ignore_case(san, "sid=S-1-")) continue;
    MIMICA_TRY(const std::string sid, lab.sid_of(san.substr(4)));
    san = "sid=" + sid;
  }
  for (const std::string& id : signed_by) {
    MIMICA_TRY(KeyedCertificate signer, earlier.keyed(id));
    asked.signers.push_back(std::move(signer));
  }
  if (!renews.empty()) {
    MIMICA_TRY(KeyedCertificate old, earlier.keyed(renews));
    asked.renews = std::move(old);
  }
  return lab.enroll(asked);
}

std::string Logon::title() const {
  std::string with;
  if (!certificate.empty()) with = " with the certificate of step " + quote(certificate);
  if (!spec.device.empty())
    with = " from " + spec.device + (spec.which == "previous" ? " with the previous certificate" : "");
  if (!spec.profile.empty()) with += " (" + spec.profile + ")";
  return "logon as " + spec.as + with;
}

Result<Report> Logon::run(Lab& lab, const Earlier& earlier) const {
  LogonSpec asked = spec;
  if (!certificate.empty()) {
    MIMICA_TRY(Certificate used, earlier.certificate(certificate));
    asked.certificate = std::move(used);
  }
  return lab.logon(asked);
}

namespace {
struct Deliver {
  std::string profile, device;
  std::string title() const { return "deliver " + quote(profile) + " to " + device; }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.deliver(profile, device); }
};

struct Renew {
  std::string profile, device;
  std::string title() const { return "renew " + quote(profile) + " on " + device; }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.renew(profile, device); }
};

struct Trust {
  std::string device;
  bool trusted = true;
  std::string title() const {
    return device + (trusted ? " trusts the lab's root" : " no longer trusts the lab's root");
  }
  Result<Report> run(Lab& lab, const Earlier&) const { return lab.trust(device, trusted); }
};

EnrollSpec asked_for(OperationReader& reader, const schema::View& f) {
  EnrollSpec out;
  out.caller = f["as"].text();
  out.template_name = f["template"].text();
  out.subject = f["subject"].text();
  out.sans = f["san"].texts();
  for (const schema::View& san : f["san"].list())
    if (const auto equals = san.text().find('='); equals == std::string::npos || equals == 0)
      reader.add(san.node(), "'" + san.text() + "' is no subject alternative name",
                 "write upn=, dns=, email=, url= or sid= and the value");
  out.key = reader.key(f["key"], out.key);
  if (const schema::View attributes = f["attributes"])
    for (const auto& member : attributes.node().members) out.attributes += member.key + ":" + member.value.text + "\n";
  if (const schema::View request = f["request"]) {
    if (f["subject"] || f["san"] || f["key"])
      reader.add(request.node(), "'request' stands beside 'subject', 'san' or 'key'", "a ready request brings its own");
    out.request = to_bytes(std::string_view(reader.file(request)));
  }
  return out;
}
}  // namespace

}  // namespace step

std::vector<Operation> flow_operations() {
  using schema::View;
  return {
      {"deliver", 10,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("deliver", "Intune hands the profile to the device: service, connector, CA, device.",
                         {needed("profile", v.text, "Display name of the profile."), needed("to", v.text, "Device.")},
                         "deliver: {profile: Intune User, to: LAPTOP-01}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Deliver{f["profile"].text(), reader.device(f["to"])};
       }},
      {"renew", 20,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("renew", "The service asks for a new certificate for a profile that the device already has.",
                         {needed("profile", v.text, "Display name of the profile."), needed("on", v.text, "Device.")},
                         "renew: {profile: Intune User, on: LAPTOP-01}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Renew{f["profile"].text(), reader.device(f["on"])};
       }},
      {"check_in", 30,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("check_in", "The device checks in and receives everything that is assigned and due.",
                         {needed("device", v.text, "Device.")}, "check_in: {device: LAPTOP-01}");
       },
       [](OperationReader& reader, const View& f) -> Action { return step::CheckIn{reader.device(f["device"])}; }},
      {"enroll", 40,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "enroll", "Somebody asks the CA directly.",
             {needed("as", v.text, "Account that asks."), needed("template", v.text, "cn of the template."),
              field("subject", v.text, "Subject in the grammar of CertStrToName.", "empty"),
              field("san", v.texts,
                    "`upn=`, `dns=`, `email=`, `url=` names; `sid=` puts the security extension in (a SID or an "
                    "account name)."),
              field("key", v.text, "Key of the request.", "RSA-2048"),
              field("attributes", v.map(v.text), "Request attributes, for example ValidityPeriod."),
              field("request", v.text, "File with a ready request (DER or PEM), instead of subject, san and key."),
              field("on_behalf_of", v.text,
                    "Account for which an agent asks: CONTOSO\\\\jane or jane. Needs signed_by."),
              field("signed_by", v.texts, "Step ids: their certificates sign the request."),
              field("renews", v.text, "Step id: the certificate to renew; its key signs the request."),
              field("same_key", v.boolean, "The renewal keeps the key.", "false"),
              field("format", v.choice({{"cmc", ""}, {"pkcs7", ""}}), "Form of a signed request.", "cmc")},
             "enroll: {as: jane, template: IntuneUser, subject: CN=Administrator, san: "
             "[upn=administrator@contoso.com]}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::Enroll out{step::asked_for(reader, f), {}, f["renews"] ? reader.step_id(f["renews"]) : std::string()};
         for (const View& signer : f["signed_by"].list()) out.signed_by.push_back(reader.step_id(signer));
         out.spec.on_behalf_of = f["on_behalf_of"].text();
         out.spec.same_key = f["same_key"].text() == "true";
         out.spec.format = f["format"].text();
         if (out.spec.same_key && out.renews.empty())
           reader.add(f["same_key"].node(), "'same_key' stands without 'renews'",
                      "name the step whose certificate is renewed");
         return out;
       }},
      {"logon", 50,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "logon", "A certificate logon at the KDC.",
             {needed("as", v.text, "Account: jane, jane@contoso.com or LAPTOP-01$."),
              field("device", v.text, "Uses the newest certificate in this device's store."),
              field("profile", v.text, "Only certificates of this profile."),
              field("which", v.choice({{"newest", ""}, {"previous", "the one before the newest"}}), "Which of them.",
                    "newest"),
              field("certificate", v.text, "Step id: the certificate of that step, instead of a device's.")},
             "logon: {device: LAPTOP-01, as: jane}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::Logon out;
         out.spec.as = f["as"].text();
         out.spec.device = f["device"] ? reader.device(f["device"]) : "";
         out.spec.profile = f["profile"].text();
         out.spec.which = f["which"].text() == "previous" ? "previous" : "";
         if (f["certificate"]) out.certificate = reader.step_id(f["certificate"]);
         if (static_cast<bool>(f["device"]) == static_cast<bool>(f["certificate"]))
           reader.add(f.node(), "a logon needs either 'device' or 'certificate'",
                      "device: uses its newest certificate; certificate: a step id");
         return out;
       }},
      {"trust", 160,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "trust", "Puts the lab's root into the device's store, or takes it out.",
             {needed("device", v.text, "Device."), field("trusted", v.boolean, "Whether it is trusted.", "true")},
             "trust: {device: LAPTOP-01}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Trust{reader.device(f["device"]), f["trusted"].boolean(true)};
       }},
  };
}

}  // namespace mimica::harness
