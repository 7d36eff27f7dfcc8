// A lab without parts: remembers what it was asked and answers what the test prepared.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "harness/lab/lab.h"
#include "harness/lab/request_builder.h"
#include "harness/scenario/runner.h"

namespace mimica::harness {

// What the test sees of a FakeLab, also after the runner has destroyed it.
struct FakeScript {
  std::vector<std::string> calls;
  std::deque<Report> answers;               // of deliver, renew, enroll, logon, ... in order; then: done
  std::map<std::string, std::string> sids;  // account to SID
  std::map<std::string, Fault> faults;      // call to what it answers with
  std::map<std::string, Trace> refusals;    // call to why a party decides against it
  std::vector<Certificate> device_certificates;
  std::vector<audit::Finding> findings;  // of the linter
  std::vector<Certificate> chain;        // of the CA
  std::vector<Bytes> crls;               // of the root, of the issuing CA
};

class FakeLab final : public Lab {
 public:
  FakeLab(LabSpec spec, FakeScript& script) : spec_(std::move(spec)), script_(script), now_(spec_.clock) {}

  Timestamp now() const override { return now_; }
  void set_clock(Timestamp t) override { now_ = t; }
  void advance(Seconds s) override { now_ = now_ + s; }

  Result<void> add_user(const UserSpec& s) override { return called("add_user " + s.name); }
  Result<void> add_group(const GroupSpec& s) override { return called("add_group " + s.name); }
  Result<void> add_computer(const ComputerSpec& s) override { return called("add_computer " + s.name); }
  Result<void> add_member(const std::string& g, const std::string& m) override {
    return called("add_member " + g + " " + m);
  }
  Attempt add_device(const DeviceSpec& s) override { return attempted("add_device " + s.name); }
  Attempt set_attribute(const std::string& a, const std::string& n, const std::vector<std::string>& v) override {
    return called("set_attribute " + a + " " + n + " " + join(v, ","));
  }
  Attempt write_attribute(const AttributeWrite& w) override {
    return attempted("set_attribute " + w.name + " " + w.attribute + " " + join(w.values, ",") +
                     (w.caller.empty() ? "" : " as " + w.caller));
  }
  Result<void> remove_template(const std::string& n) override { return called("remove_template " + n); }
  Result<void> add_issuance_policy(const IssuancePolicySpec& s) override { return called("add_policy " + s.name); }
  Result<std::vector<audit::Finding>> lint() override {
    MIMICA_RETURN_IF_FAULT(called("lint"));
    return script_.findings;
  }
  Result<void> install_update(const std::string& n) override { return called("install_update " + n); }
  Result<void> map_certificate(const std::string& a, const Certificate&, const std::string& f) override {
    return called("map " + a + " " + f);
  }
  Result<std::string> sid_of(const std::string& account) override {
    const auto at = script_.sids.find(account);
    if (at == script_.sids.end()) return fault(HResult::ERROR_NONE_MAPPED, "nobody is called '" + account + "'");
    return at->second;
  }
  Result<void> import_ldif(const std::string& s, const std::string&) override { return called("import " + s); }
  Result<std::string> export_ldif() override { return std::string("version: 1\n"); }
  Result<void> add_template(const TemplateSpec& s) override { return called("add_template " + s.display_name); }
  Result<void> edit_template(const std::string& n, const std::vector<std::pair<std::string, std::string>>& e) override {
    std::string all;
    for (const auto& [verb, argument] : e) all += " " + verb + "=" + argument;
    return called("edit_template " + n + all);
  }
  Result<void> publish_template(const std::string& n, bool p) override {
    return called("publish " + n + (p ? " true" : " false"));
  }
  Result<void> set_ca_rights(const CaRight& r, bool g) override {
    return called("ca_rights " + r.account + " " + join(r.rights, ",") + (g ? " grant" : " remove"));
  }
  Result<void> set_edit_flag(const std::string& f) override { return called("edit_flag " + f); }
  Report publish_crl(bool delta_only) override { return answer(delta_only ? "publish_crl delta" : "publish_crl"); }
  Report renew_ca(bool new_key) override { return answer(new_key ? "renew_ca new key" : "renew_ca same key"); }
  Result<void> set_publication(bool reachable, bool renewed) override {
    return called(std::string("publication ") + (reachable ? "reachable" : "gone") + (renewed ? " renewed" : " stale"));
  }
  Report revoke(const Certificate&, const std::string& c, int r) override {
    return answer("revoke " + c + " " + std::to_string(r));
  }
  Report resolve_pending(std::int64_t id, const std::string& c, bool issue) override {
    return answer("resolve " + std::to_string(id) + " " + c + (issue ? " issue" : " deny"));
  }
  Attempt add_profile(const ProfileSpec& s) override { return attempted("add_profile " + s.json); }
  Attempt add_connector(const ConnectorSpec& s) override { return called("add_connector " + s.name); }
  Result<void> set_kdc_registry(const std::string& n, const std::optional<std::string>& d) override {
    return called("kdc registry " + n + "|" + d.value_or("absent"));
  }
  Result<KerberosRealm> start_kerberos() override {
    MIMICA_RETURN_IF_FAULT(called("start kerberos"));
    return KerberosRealm{};
  }
  Result<void> write_keytab(const std::string& path, const std::vector<std::string>& principals) override {
    return called("keytab " + path + "|" + join(principals, ","));
  }
  Result<void> set_registry(const std::string& c, const std::string& p, const std::string& n, const std::string& t,
                            const std::string& v) override {
    return called("registry " + c + "|" + p + "|" + n + "|" + t + "|" + v);
  }
  Result<void> restart_service(const std::string& c, const std::string& s) override {
    return called("restart " + c + " " + s);
  }
  Result<void> upgrade_connector(const std::string& c, const std::string& v) override {
    return called("upgrade " + c + " " + v);
  }
  Report enroll(const EnrollSpec& s) override {
    return answer("enroll " + s.caller + " " + s.template_name + " " + join(s.sans, ","));
  }
  Report deliver(const std::string& p, const std::string& d) override { return answer("deliver " + p + " " + d); }
  Report renew(const std::string& p, const std::string& d) override { return answer("renew " + p + " " + d); }
  Report check_in(const std::string& d) override { return answer("check_in " + d); }
  Report logon(const LogonSpec& s) override {
    return answer("logon " + s.as + " " + s.device + s.which + (s.certificate ? " certificate" : ""));
  }
  Report trust(const std::string& d, bool t) override { return answer("trust " + d + (t ? " true" : " false")); }

  Certificate ca_certificate() const override { return {}; }
  std::vector<Certificate> ca_chain() const override { return script_.chain; }
  Result<Bytes> crl_of_key(int, bool) override { return Bytes{1}; }
  std::vector<Certificate> ca_certificates() const override { return {}; }
  Result<Bytes> crl(bool of_root) override {
    if (script_.crls.size() < 2) return fault("no CRL");
    return script_.crls[of_root ? 0 : 1];
  }
  Result<std::vector<Certificate>> device_certificates(const std::string& d) override {
    MIMICA_RETURN_IF_FAULT(called("device_certificates " + d));
    return script_.device_certificates;
  }
  Result<Bytes> delivered_pfx(const std::string&, std::string&) override { return fault("no PFX"); }
  Result<Trace> request_trace(std::int64_t) override { return Trace{}; }
  Result<std::string> explain_request(std::int64_t) override { return std::string(); }
  Result<std::string> explain_certificate(const Certificate&) override { return std::string(); }
  CertificateSummary summarise(const Certificate& certificate) override {
    return summarise_certificate(certificate, [](const Oid&) { return std::string("T"); });
  }
  VerbResult certutil(const VerbCall&) override { return {}; }
  VerbResult certreq(const VerbCall&) override { return {}; }
  std::vector<Endpoint> endpoints() const override { return {}; }
  const EventLog& event_log() const override { return events_; }
  const LabSpec& spec() const override { return spec_; }

 private:
  Result<void> called(const std::string& call) {
    script_.calls.push_back(call);
    const auto at = script_.faults.find(call);
    if (at != script_.faults.end()) return at->second;
    return {};
  }
  Attempt attempted(const std::string& call) {
    Attempt out = called(call);
    if (const auto at = script_.refusals.find(call); at != script_.refusals.end())
      return Attempt::refused(fault(at->second.deciding()->code, "refused"), at->second);
    return out;
  }
  Report answer(const std::string& call) {
    script_.calls.push_back(call);
    if (script_.answers.empty()) return {};
    Report next = std::move(script_.answers.front());
    script_.answers.pop_front();
    return next;
  }

  LabSpec spec_;
  FakeScript& script_;
  Timestamp now_;
  EventLog events_;
};

inline LabFactory fake_labs(FakeScript& script) {
  return [&script](const LabSpec& spec) -> Result<std::unique_ptr<Lab>> {
    return std::unique_ptr<Lab>(std::make_unique<FakeLab>(spec, script));
  };
}

// Loads one scenario from text; a failure shows all faults.
inline LoadedScenarios load_text(const std::string& text) {
  LoadOptions options;
  options.rules = {"kdc.mapping.strong", "templates.permission.enroll", "harness.directory.access"};
  options.read_file = [](const std::string& path) -> Result<std::string> {
    if (path == "profile.json") return std::string(R"({"@odata.type": "#x", "displayName": "P", "version": 1})");
    if (path == "list.json") return std::string("[1, 2]");
    if (path == "users.ldif") return std::string("dn: CN=x\n");
    return fault("'" + path + "' cannot be read");
  };
  return load_scenarios(text, "s.yaml", options);
}

}  // namespace mimica::harness
