#include "harness/scenario/scenario.h"

#include "core/base/bytes.h"
#include "core/base/text.h"

namespace mimica::harness {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string title_of(const step::Addition& what) {
  return std::visit(
      Overloaded{
          [](const UserSpec& u) { return "add user " + u.name; },
          [](const GroupSpec& g) { return "add group " + quoted(g.name); },
          [](const ComputerSpec& c) { return "add computer " + c.name; },
          [](const step::Membership& m) { return "add " + m.member + " to " + quoted(m.group); },
          [](const DeviceSpec& d) { return "add device " + d.name; },
          [](const TemplateSpec& t) { return "add template " + quoted(t.name.empty() ? t.display_name : t.name); },
          [](const IssuancePolicySpec& p) { return "add issuance policy " + quoted(p.name); },
          [](const ProfileSpec& p) { return "add profile " + p.source; },
          [](const ConnectorSpec& c) { return "add connector " + c.name; },
          [](const step::Ldif& l) { return "import " + l.source; },
      },
      what);
}

}  // namespace

std::string title(const Action& action) {
  using namespace step;
  return std::visit(
      Overloaded{
          [](const Deliver& s) { return "deliver " + quoted(s.profile) + " to " + s.device; },
          [](const Renew& s) { return "renew " + quoted(s.profile) + " on " + s.device; },
          [](const CheckIn& s) { return s.device + " checks in"; },
          [](const Enroll& s) {
            return s.spec.caller + " enrolls for " + s.spec.template_name +
                   (s.spec.subject.empty() ? "" : " as " + quoted(s.spec.subject)) +
                   (s.spec.on_behalf_of.empty() ? "" : " on behalf of " + s.spec.on_behalf_of) +
                   (s.renews.empty() ? "" : ", renewing step " + quoted(s.renews));
          },
          [](const Logon& s) {
            std::string with;
            if (!s.certificate.empty()) with = " with the certificate of step " + quoted(s.certificate);
            if (!s.spec.device.empty())
              with = " from " + s.spec.device + (s.spec.which == "previous" ? " with the previous certificate" : "");
            if (!s.spec.profile.empty()) with += " (" + s.spec.profile + ")";
            return "logon as " + s.spec.as + with;
          },
          [](const SetClock& s) { return "clock to " + to_iso(s.to); },
          [](const AdvanceClock& s) { return "clock forward " + to_text(s.by); },
          [](const Registry& s) {
            std::string out = "registry of " + s.connector + ":";
            for (const auto& v : s.values) out += " " + v.name + " = " + v.value;
            return out;
          },
          [](const KdcRegistry& s) {
            std::string out = "registry of the KDC:";
            for (const auto& [name, data] : s.values) out += " " + name + (data ? " = " + *data : " deleted");
            return out;
          },
          [](const Restart& s) { return "restart on " + s.connector + ": " + join(s.services, ", "); },
          [](const Upgrade& s) { return "install connector " + s.version + " on " + s.connector; },
          [](const EditTemplate& s) {
            std::string out = "template " + s.name + ":";
            for (const auto& edit : s.edits) out += (out.back() == ':' ? " " : ", ") + edit.first + " " + edit.second;
            if (s.publish)
              out += std::string(out.back() == ':' ? " " : ", ") + (*s.publish ? "published" : "no longer published");
            return out;
          },
          [](const RemoveTemplate& s) { return "delete template " + s.name; },
          [](const InstallUpdate& s) { return "CA: install the update of " + join(s.names, ", "); },
          [](const Lint& s) {
            return s.certificate_template.empty() ? std::string("lint everything") : "lint " + s.certificate_template;
          },
          [](const CaRights& s) {
            return std::string(s.grant ? "CA: grant " : "CA: take ") + join(s.right.rights, ", ") +
                   (s.grant ? " to " : " from ") + s.right.account;
          },
          [](const EditFlags& s) { return "CA: " + join(s.flags, " "); },
          [](const PublishCrl& s) {
            return std::string(s.delta_only ? "CA: publish the delta CRL" : "CA: publish the CRL");
          },
          [](const RenewCa& s) {
            return std::string("CA: renew its certificate, ") + (s.new_key ? "new key" : "same key");
          },
          [](const Publication& s) {
            return std::string("publication: ") + (!s.reachable ? "out of reach"
                                                   : s.renewed  ? "works"
                                                                : "nothing new is published");
          },
          [](const Revoke& s) { return s.caller + " revokes the certificate of step " + quoted(s.certificate); },
          [](const Resolve& s) {
            return s.caller + (s.issue ? " issues" : " denies") + " the request of step " + quoted(s.request);
          },
          [](const Trust& s) {
            return s.device + (s.trusted ? " trusts the lab's root" : " no longer trusts the lab's root");
          },
          [](const Add& s) { return title_of(s.what); },
          [](const Map& s) {
            return "map the certificate of step " + quoted(s.certificate) + " to " + s.account + " (" + s.form + ")";
          },
          [](const SetAttribute& s) {
            const AttributeWrite& w = s.write;
            return (w.caller.empty() ? "set " : w.caller + " sets ") + w.attribute + " of " + w.name + " to " +
                   (w.values.empty() ? "nothing" : join(w.values, ", "));
          },
          [](const CheckDevice& s) { return "look at the certificates of " + s.device; },
          [](const CheckChain& s) { return "verify the chain of the certificate of step " + quoted(s.certificate); },
      },
      action);
}

std::string Scenario::full_name() const {
  std::string out = name;
  for (std::size_t i = 0; i < variables.size(); ++i)
    out += (i == 0 ? " [" : ", ") + variables[i].first + "=" + variables[i].second;
  return variables.empty() ? out : out + "]";
}

}  // namespace mimica::harness
