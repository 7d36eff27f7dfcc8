#include "harness/scenario/runner.h"

#include <algorithm>
#include <map>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/pki/chain.h"
#include "harness/rules.h"

namespace mimica::harness {
namespace {

struct Known {
  std::optional<Certificate> certificate;
  std::optional<PrivateKey> key;
  std::optional<std::int64_t> request_id;
  StepRecord::Status status = StepRecord::Status::ok;
};

// A step cannot run because an earlier one, which it refers to, did not go as expected.
struct Skip {
  std::string why;
};

using StepAnswer = std::variant<Report, Fault, Skip>;

class Run final : public StepCertificates {
 public:
  Run(const Scenario& scenario, Lab& lab, const RunOptions& options)
      : scenario_(scenario), lab_(lab), options_(options) {}

  void all(CaseRecord& record) {
    bool stopped = false;
    for (const ScenarioStep& step : scenario_.steps) {
      StepRecord done;
      done.number = record.steps.size() + 1;
      done.title = title(step.action);
      done.id = step.id;
      done.note = step.note;
      done.where = step.where;
      done.at = lab_.now();
      if (stopped) {
        done.status = StepRecord::Status::skipped;
        done.why_skipped = "an earlier step could not be carried out";
      } else {
        const double begin = options_.stopwatch ? options_.stopwatch() : 0;
        one(step, done);
        done.seconds = options_.stopwatch ? options_.stopwatch() - begin : 0;
        if (options_.after_step) options_.after_step(done, lab_);
      }
      if (done.status == StepRecord::Status::fault) {
        stopped = true;
        record.exit = worst(record.exit, exit_code(*done.fault));
      } else if (done.status == StepRecord::Status::failed) {
        record.exit = worst(record.exit, ExitCode::expectation_failed);
      }
      record.steps.push_back(std::move(done));
    }
  }

  const Certificate* of_step(const std::string& id) const override {
    const auto at = known_.find(id);
    return at == known_.end() || !at->second.certificate ? nullptr : &*at->second.certificate;
  }

 private:
  void one(const ScenarioStep& step, StepRecord& done) {
    StepAnswer answer = std::visit([&](const auto& action) { return perform(action); }, step.action);
    const Expectation* wanted = step.expect ? &*step.expect : nullptr;
    if (auto* skip = std::get_if<Skip>(&answer)) {
      done.status = StepRecord::Status::skipped;
      done.why_skipped = skip->why;
    } else if (auto* fault = std::get_if<Fault>(&answer)) {
      // A scenario may expect that the lab cannot carry something out.
      if (wanted != nullptr && wanted->outcome == Outcome::failed && fault->code.index() != 0) {
        done.report.outcome = Outcome::failed;
        done.report.code = fault->code;
        done.report.message = fault->what;
        judge(wanted, done);
      } else {
        fail(std::move(*fault), step, done);
      }
    } else {
      done.report = std::get<Report>(std::move(answer));
      if (done.report.certificate && !done.report.summary)
        done.report.summary = lab_.summarise(*done.report.certificate);
      judge(wanted, done);
      if (const auto* look = std::get_if<step::CheckDevice>(&step.action); look != nullptr) count(*look, done);
    }
    if (!step.id.empty())
      known_[step.id] = {done.report.certificate, done.report.key, done.report.request_id, done.status};
  }

  void fail(Fault fault, const ScenarioStep& step, StepRecord& done) {
    if (fault.where.source.empty() && fault.where.line == 0) fault.where = step.where;
    done.status = StepRecord::Status::fault;
    done.fault = std::move(fault);
  }

  void judge(const Expectation* wanted, StepRecord& done) {
    auto mismatches = compare(done.report, wanted, lab_, *this);
    if (!mismatches) {
      Fault fault = mismatches.error();
      if (fault.where.source.empty()) fault.where = done.where;
      done.status = StepRecord::Status::fault;
      done.fault = std::move(fault);
      return;
    }
    done.mismatches = *std::move(mismatches);
    if (!done.mismatches.empty()) done.status = StepRecord::Status::failed;
  }

  void count(const step::CheckDevice& look, StepRecord& done) {
    if (!look.count || static_cast<std::int64_t>(seen_) == *look.count) return;
    done.mismatches.push_back({"count", std::to_string(*look.count), std::to_string(seen_)});
    if (done.status == StepRecord::Status::ok) done.status = StepRecord::Status::failed;
  }

  static StepAnswer from(Result<void> result) {
    if (!result) return std::move(result).error();
    return Report{};
  }

  // The certificate of an earlier step, or why there is none.
  std::variant<Certificate, Fault, Skip> certificate_of(const std::string& id) const {
    if (const Certificate* certificate = of_step(id)) return *certificate;
    const auto at = known_.find(id);
    if (at != known_.end() && at->second.status != StepRecord::Status::ok)
      return Skip{"step '" + id + "', whose certificate is needed, did not go as expected"};
    return fault("step '" + id + "' yielded no certificate", {}, "name a step that issues one");
  }

  template <typename Use>
  StepAnswer with_certificate(const std::string& id, Use use) {
    auto found = certificate_of(id);
    if (auto* fault = std::get_if<Fault>(&found)) return std::move(*fault);
    if (auto* skip = std::get_if<Skip>(&found)) return std::move(*skip);
    return use(std::get<Certificate>(found));
  }

  StepAnswer perform(const step::Deliver& s) { return lab_.deliver(s.profile, s.device); }
  StepAnswer perform(const step::Renew& s) { return lab_.renew(s.profile, s.device); }
  StepAnswer perform(const step::CheckIn& s) { return lab_.check_in(s.device); }

  StepAnswer perform(const step::Enroll& s) {
    EnrollSpec spec = s.spec;
    for (std::string& san : spec.sans) {
      if (!starts_with_ignore_case(san, "sid=") || starts_with_ignore_case(san, "sid=S-1-")) continue;
      auto sid = lab_.sid_of(san.substr(4));
      if (!sid) return std::move(sid).error();
      san = "sid=" + *sid;
    }
    for (const std::string& id : s.signed_by) {
      auto signer = keyed(id);
      if (auto* other = std::get_if<StepAnswer>(&signer)) return std::move(*other);
      spec.signers.push_back(std::get<KeyedCertificate>(std::move(signer)));
    }
    if (!s.renews.empty()) {
      auto old = keyed(s.renews);
      if (auto* other = std::get_if<StepAnswer>(&old)) return std::move(*other);
      spec.renews = std::get<KeyedCertificate>(std::move(old));
    }
    return lab_.enroll(spec);
  }

  // Certificate and key of an earlier step, or what is answered without.
  std::variant<KeyedCertificate, StepAnswer> keyed(const std::string& id) const {
    auto found = certificate_of(id);
    if (auto* fault = std::get_if<Fault>(&found)) return StepAnswer(std::move(*fault));
    if (auto* skip = std::get_if<Skip>(&found)) return StepAnswer(std::move(*skip));
    const std::optional<PrivateKey>& key = known_.at(id).key;
    if (!key)
      return StepAnswer(fault("the key of step '" + id + "' is not known here", {}, "name a step that enrolls"));
    return KeyedCertificate{std::get<Certificate>(std::move(found)), *key};
  }

  StepAnswer perform(const step::Logon& s) {
    if (s.certificate.empty()) return lab_.logon(s.spec);
    return with_certificate(s.certificate, [&](const Certificate& certificate) -> StepAnswer {
      LogonSpec spec = s.spec;
      spec.certificate = certificate;
      return lab_.logon(spec);
    });
  }

  StepAnswer perform(const step::SetClock& s) { return lab_.set_clock(s.to), Report{}; }
  StepAnswer perform(const step::AdvanceClock& s) { return lab_.advance(s.by), Report{}; }

  StepAnswer perform(const step::Registry& s) {
    for (const step::RegistryValue& v : s.values)
      if (auto set = lab_.set_registry(s.connector, s.path, v.name, v.type, v.value); !set)
        return std::move(set).error();
    return Report{};
  }

  StepAnswer perform(const step::KdcRegistry& s) {
    for (const auto& [name, data] : s.values)
      if (auto set = lab_.set_kdc_registry(name, data); !set) return std::move(set).error();
    return Report{};
  }

  StepAnswer perform(const step::Restart& s) {
    for (const std::string& service : s.services)
      if (auto done = lab_.restart_service(s.connector, service); !done) return std::move(done).error();
    return Report{};
  }

  StepAnswer perform(const step::Upgrade& s) { return from(lab_.upgrade_connector(s.connector, s.version)); }

  StepAnswer perform(const step::EditTemplate& s) {
    if (!s.edits.empty())
      if (auto done = lab_.edit_template(s.name, s.edits); !done) return std::move(done).error();
    if (s.publish) return from(lab_.publish_template(s.name, *s.publish));
    return Report{};
  }

  StepAnswer perform(const step::RemoveTemplate& s) { return from(lab_.remove_template(s.name)); }

  StepAnswer perform(const step::InstallUpdate& s) {
    for (const std::string& name : s.names)
      if (auto done = lab_.install_update(name); !done) return std::move(done).error();
    return Report{};
  }

  StepAnswer perform(const step::Lint& s) {
    auto findings = lab_.lint();
    if (!findings) return std::move(findings).error();
    if (!s.certificate_template.empty()) {
      std::erase_if(*findings, [&](const ca::Finding& finding) {
        return finding.kind == ca::Finding::Kind::certificate_template &&
               !equals_ignore_case(finding.subject, s.certificate_template);
      });
      if (std::none_of(findings->begin(), findings->end(), [](const ca::Finding& finding) {
            return finding.kind == ca::Finding::Kind::certificate_template;
          }))
        return fault("no certificate template is named '" + s.certificate_template + "'", {},
                     "templates are named by their cn");
    }
    Report report;
    report.trace = ca::summary(*findings);
    const bool sound = report.trace.deciding() == nullptr;
    report.outcome = sound ? Outcome::done : Outcome::refused;
    report.message = sound ? "no known weakness" : "known weaknesses";
    return report;
  }

  StepAnswer perform(const step::CaRights& s) { return from(lab_.set_ca_rights(s.right, s.grant)); }

  StepAnswer perform(const step::EditFlags& s) {
    for (const std::string& flag : s.flags)
      if (auto done = lab_.set_edit_flag(flag); !done) return std::move(done).error();
    return Report{};
  }

  StepAnswer perform(const step::PublishCrl& s) { return lab_.publish_crl(s.delta_only); }

  StepAnswer perform(const step::RenewCa& s) { return lab_.renew_ca(s.new_key); }

  StepAnswer perform(const step::Publication& s) { return from(lab_.set_publication(s.reachable, s.renewed)); }

  StepAnswer perform(const step::Revoke& s) {
    return with_certificate(s.certificate,
                            [&](const Certificate& c) -> StepAnswer { return lab_.revoke(c, s.caller, s.reason); });
  }

  StepAnswer perform(const step::Resolve& s) {
    const auto at = known_.find(s.request);
    if (at == known_.end() || !at->second.request_id) {
      if (at != known_.end() && at->second.status != StepRecord::Status::ok)
        return Skip{"step '" + s.request + "', whose request is needed, did not go as expected"};
      return fault("step '" + s.request + "' left no request at the CA", {}, "name a step whose request is pending");
    }
    return lab_.resolve_pending(*at->second.request_id, s.caller, s.issue);
  }

  StepAnswer perform(const step::Trust& s) { return lab_.trust(s.device, s.trusted); }

  StepAnswer perform(const step::Add& s) {
    struct Adder {
      Lab& lab;
      Result<void> operator()(const UserSpec& v) const { return lab.add_user(v); }
      Result<void> operator()(const GroupSpec& v) const { return lab.add_group(v); }
      Result<void> operator()(const ComputerSpec& v) const { return lab.add_computer(v); }
      Result<void> operator()(const step::Membership& v) const { return lab.add_member(v.group, v.member); }
      Result<void> operator()(const DeviceSpec& v) const { return lab.add_device(v); }
      Result<void> operator()(const TemplateSpec& v) const { return lab.add_template(v); }
      Result<void> operator()(const IssuancePolicySpec& v) const { return lab.add_issuance_policy(v); }
      Result<void> operator()(const ProfileSpec& v) const { return lab.add_profile(v); }
      Result<void> operator()(const ConnectorSpec& v) const { return lab.add_connector(v); }
      Result<void> operator()(const step::Ldif& v) const { return lab.import_ldif(v.source, v.text); }
    };
    return from(std::visit(Adder{lab_}, s.what));
  }

  StepAnswer perform(const step::Map& s) {
    return with_certificate(s.certificate, [&](const Certificate& c) -> StepAnswer {
      return from(lab_.map_certificate(s.account, c, s.form));
    });
  }

  StepAnswer perform(const step::SetAttribute& s) { return from(lab_.write_attribute(s.write)); }

  StepAnswer perform(const step::CheckDevice& s) {
    auto certificates = lab_.device_certificates(s.device);
    if (!certificates) return std::move(certificates).error();
    seen_ = certificates->size();
    Report report;
    report.message = std::to_string(seen_) + (seen_ == 1 ? " certificate" : " certificates");
    if (!certificates->empty()) report.certificate = certificates->front();
    return report;
  }

  StepAnswer perform(const step::CheckChain& s) {
    return with_certificate(s.certificate, [&](const Certificate& leaf) -> StepAnswer {
      ChainInput input;
      input.leaf = leaf;
      input.at = lab_.now();
      for (const Certificate& c : lab_.ca_chain()) (c.self_issued() ? input.anchors : input.intermediates).push_back(c);
      for (const bool root : {false, true})
        if (auto crl = lab_.crl(root)) input.crls.push_back(*std::move(crl));
      // What renewals left behind still counts: a key index is the index of the first certificate of that key.
      const std::vector<Certificate> own = lab_.ca_certificates();
      for (std::size_t i = 0; i + 1 < own.size(); ++i) {
        (own[i].self_issued() ? input.anchors : input.intermediates).push_back(own[i]);
        if (auto crl = lab_.crl_of_key(static_cast<int>(i), false)) input.crls.push_back(*std::move(crl));
      }
      const ChainResult result = build_chain(input);
      Report report;
      if (result.status == ChainStatus::ok) {
        const std::string way =
            join(result.chain, " <- ", [](const Certificate& c) { return c.subject().to_cert_str(); });
        report.trace.pass(kChainVerifies, way);
        report.message = "the chain verifies";
      } else {
        report.outcome = Outcome::refused;
        report.code = to_hresult(result.status);
        report.message = result.detail;
        report.trace.fail(kChainVerifies, report.code, result.detail);
      }
      return report;
    });
  }

  const Scenario& scenario_;
  Lab& lab_;
  const RunOptions& options_;
  std::map<std::string, Known> known_;
  std::size_t seen_ = 0;  // certificates that the last look at a device found
};

}  // namespace

std::string_view to_string(StepRecord::Status status) {
  switch (status) {
    case StepRecord::Status::ok:
      return "as_expected";
    case StepRecord::Status::failed:
      return "failed";
    case StepRecord::Status::fault:
      return "fault";
    case StepRecord::Status::skipped:
      return "skipped";
  }
  return "";
}

ExitCode worst(ExitCode a, ExitCode b) { return std::max(a, b); }

ExitCode exit_code(const Fault& fault) {
  for (const Code outside :
       {Code{HResult::RPC_S_SERVER_UNAVAILABLE}, Code{HResult::ERROR_DIRECTORY_UNAVAILABLE}, Code{HResult::E_FAIL},
        Code{LdapCode::unavailable}, Code{LdapCode::busy}, Code{LdapCode::other}})
    if (fault.code == outside) return ExitCode::environment;
  return ExitCode::bad_input;
}

CaseRecord run(const Scenario& scenario, const LabFactory& factory, const RunOptions& options) {
  CaseRecord record;
  record.name = scenario.full_name();
  record.why = scenario.why;
  record.refs = scenario.refs;
  record.source = scenario.source;
  const double begin = options.stopwatch ? options.stopwatch() : 0;
  if (scenario.steps.empty()) {
    record.fault =
        fault("the scenario has no steps", {scenario.source, 0, 0, {}}, "`mimica up` starts a lab without steps");
    record.exit = ExitCode::bad_input;
    return record;
  }
  auto lab = factory(scenario.lab);
  if (!lab) {
    record.fault = lab.error();
    if (record.fault->where.source.empty()) record.fault->where.source = scenario.source;
    record.exit = exit_code(*record.fault);
    return record;
  }
  Run(scenario, **lab, options).all(record);
  if (options.before_end) options.before_end(record, **lab);
  record.seconds = options.stopwatch ? options.stopwatch() - begin : 0;
  return record;
}

CaseRecord unreadable(const std::string& source, const std::vector<Fault>& faults) {
  CaseRecord record;
  record.name = source;
  record.source = source;
  record.fault = faults.front();
  record.more_faults.assign(faults.begin() + 1, faults.end());
  for (const Fault& fault : faults) record.exit = worst(record.exit, exit_code(fault));
  return record;
}

}  // namespace mimica::harness
