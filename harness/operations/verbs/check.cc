// Looks without changing anything.
#include "core/base/text.h"
#include "core/pki/chain.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/rules.h"

namespace mimica::harness {
namespace step {

namespace {
struct CheckDevice {
  std::string device;
  std::optional<std::int64_t> count;
  std::string title() const { return "look at the certificates of " + device; }
  Result<Report> run(Lab& lab, const Earlier&) const {
    MIMICA_TRY(const auto certificates, lab.device_certificates(device));
    Report report;
    report.count = static_cast<std::int64_t>(certificates.size());
    report.message =
        std::to_string(certificates.size()) + (certificates.size() == 1 ? " certificate" : " certificates");
    if (!certificates.empty()) report.certificate = certificates.front();
    return report;
  }
  std::vector<Mismatch> judge(const Report& report) const {
    if (!count || report.count == count) return {};
    return {{"count", std::to_string(*count), std::to_string(report.count.value_or(0))}};
  }
};

struct CheckChain {
  std::string certificate;
  std::string title() const { return "verify the chain of the certificate of step " + quote(certificate); }
  Result<Report> run(Lab& lab, const Earlier& earlier) const {
    ChainInput input;
    MIMICA_TRY(input.leaf, earlier.certificate(certificate));
    input.at = lab.now();
    for (const Certificate& c : lab.ca_chain()) (c.self_issued() ? input.anchors : input.intermediates).push_back(c);
    for (const bool root : {false, true})
      if (auto crl = lab.crl(root)) input.crls.push_back(*std::move(crl));
    // What renewals left behind still counts: a key index is the index of the first certificate of that key.
    const std::vector<Certificate> own = lab.ca_certificates();
    for (std::size_t i = 0; i + 1 < own.size(); ++i) {
      (own[i].self_issued() ? input.anchors : input.intermediates).push_back(own[i]);
      if (auto crl = lab.crl_of_key(static_cast<int>(i), false)) input.crls.push_back(*std::move(crl));
    }
    const ChainResult result = build_chain(input);
    Report report;
    if (result.status == ChainStatus::ok) {
      std::string way;
      for (const Certificate& c : result.chain) way += (way.empty() ? "" : " <- ") + c.subject().to_cert_str();
      report.trace.pass(kChainVerifies, way);
      report.message = "the chain verifies";
    } else {
      report.outcome = Outcome::refused;
      report.code = to_hresult(result.status);
      report.message = result.detail;
      report.trace.fail(kChainVerifies, report.code, result.detail);
    }

    return report;
  }
};
}  // namespace

}  // namespace step

std::vector<Operation> check_operations() {
  using schema::View;
  return {
      {"check", 220,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "check", "Looks without changing anything.",
             {verb("device", v.text,
                   "The certificates in this device's store; `expect: {certificate: ...}` looks at the newest."),
              verb("chain", v.text,
                   "Step id: builds and verifies the chain of its certificate at the lab's time, with the published "
                   "CRLs."),
              field("count", v.number(0, 100000), "With `device`: the number of certificates in its store.")},
             "check: {chain: first}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         if (f["chain"]) return step::CheckChain{reader.step_id(f["chain"])};
         step::CheckDevice look{reader.device(f["device"]), std::nullopt};
         if (f["count"]) look.count = f["count"].integer();
         return look;
       }},
  };
}

}  // namespace mimica::harness
