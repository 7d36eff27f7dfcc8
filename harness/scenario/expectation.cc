// Does the answer match what the scenario expects?
#include <algorithm>
#include <set>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "harness/scenario/runner.h"

namespace mimica::harness {
namespace {

std::string or_none(const std::string& text) { return text.empty() ? "none" : text; }

std::string listing(const std::vector<std::string>& words) { return words.empty() ? "none" : join(words, "; "); }

std::string listing(const std::vector<int>& ids) {
  std::vector<std::string> words;
  for (const int id : ids) words.push_back(std::to_string(id));
  return words.empty() ? "none" : join(words, ", ");
}

// "CN=a, DC=b" and "CN=a,DC=b" are the same name.
std::string folded_name(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    out += text[i];
    if (!quoted && (text[i] == ',' || text[i] == '+'))
      while (i + 1 < text.size() && text[i + 1] == ' ') ++i;
  }
  return out;
}

// "upn=jane@contoso.com" and "UPN=jane@contoso.com" are the same alternative name.
std::string folded_san(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::string(text);
  return to_upper(trim(text.substr(0, equals))) + std::string(text.substr(equals));
}

bool same_code(Code code, const std::string& wanted) {
  if (code.index() == 0) return false;
  if (const auto named = code_named(wanted)) return *named == code;
  return number(code) == wanted;
}

class Comparison {
 public:
  Comparison(const Report& report, Lab& lab, const StepCertificates& earlier)
      : report_(report), lab_(lab), earlier_(earlier) {}

  Result<std::vector<Mismatch>> compare(const Expectation* wanted) {
    outcome(wanted);
    if (wanted != nullptr) {
      answer(*wanted);
      logged(*wanted);
      if (wanted->certificate) MIMICA_RETURN_IF_FAULT(certificate(*wanted->certificate));
    }
    return std::move(mismatches_);
  }

 private:
  void differ(std::string what, std::string wanted, std::string found) {
    mismatches_.push_back({std::move(what), std::move(wanted), std::move(found)});
  }

  void outcome(const Expectation* wanted) {
    const std::string found(to_string(report_.outcome));
    if (wanted != nullptr && wanted->any_outcome) return;
    if (wanted != nullptr && wanted->outcome) {
      if (report_.outcome != *wanted->outcome) differ("outcome", std::string(to_string(*wanted->outcome)), found);
    } else if (wanted == nullptr || wanted->wants_success()) {
      if (!report_.ok()) differ("outcome", "success", found);
    } else if (report_.ok()) {
      differ("outcome", "no success", found);
    }
  }

  void answer(const Expectation& wanted) {
    if (!wanted.code.empty() && !same_code(report_.code, wanted.code)) {
      const auto named = code_named(wanted.code);
      differ("code", named ? describe(*named) : wanted.code, or_none(describe(report_.code)));
    }
    if (!wanted.rule.empty() && report_.rule() != wanted.rule)
      differ("rule", wanted.rule, or_none(std::string(report_.rule())));
    for (const auto& [rule, verdict] : wanted.trace) {
      if (report_.trace.has(rule, verdict)) continue;
      const Step* step = report_.trace.find(rule);
      differ("trace." + rule, std::string(to_string(verdict)),
             step == nullptr ? "not checked" : std::string(to_string(step->verdict)));
    }
  }

  void logged(const Expectation& wanted) {
    if (wanted.events) {
      std::vector<int> found;
      for (const Event& event : report_.events) found.push_back(event.id());
      if (std::multiset<int>(found.begin(), found.end()) !=
          std::multiset<int>(wanted.events->begin(), wanted.events->end()))
        differ("event", listing(*wanted.events), listing(found));
    }
    if (!wanted.log) return;
    std::vector<std::string> found;
    for (const auto& [channel, id] : report_.log) found.push_back(channel + " " + std::to_string(id));
    if (wanted.log->empty() && !found.empty()) differ("log", "none", listing(found));
    for (const LogExpectation& log : *wanted.log) {
      const bool there =
          std::any_of(report_.log.begin(), report_.log.end(), [&](const std::pair<std::string, int>& entry) {
            return entry.second == log.id && (log.channel.empty() || equals_ignore_case(entry.first, log.channel));
          });
      if (!there)
        differ("log", (log.channel.empty() ? "" : log.channel + " ") + std::to_string(log.id), listing(found));
    }
  }

  Result<void> certificate(const CertificateExpectation& wanted) {
    if (!report_.certificate && !report_.summary) {
      if (!wanted.none) differ("certificate", "a certificate", "none");
      return {};
    }
    const CertificateSummary found = report_.summary ? *report_.summary : lab_.summarise(*report_.certificate);
    if (wanted.none) {
      differ("certificate", "none", "one for " + or_none(found.subject));
      return {};
    }
    MIMICA_RETURN_IF_FAULT(sid(wanted, found));
    text("subject", wanted.subject, found.subject, folded_name);
    text("issuer", wanted.issuer, found.issuer, folded_name);
    text("template", wanted.template_name, found.template_name, [](std::string_view t) { return std::string(t); });
    text("key", wanted.key, found.key, [](std::string_view t) { return to_upper(t); });
    names(wanted, found);
    if (wanted.validity && found.not_after - found.not_before != *wanted.validity)
      differ("certificate.validity", to_text(*wanted.validity), to_text(found.not_after - found.not_before));
    if (wanted.not_after && found.not_after != *wanted.not_after)
      differ("certificate.not_after", to_iso(*wanted.not_after), to_iso(found.not_after));
    identity(wanted);
    return {};
  }

  Result<void> sid(const CertificateExpectation& wanted, const CertificateSummary& found) {
    if (!wanted.sid) return {};
    const std::string have = found.sid.value_or("absent");
    if (*wanted.sid == "absent" || starts_with_ignore_case(*wanted.sid, "S-1-")) {
      if (!equals_ignore_case(have, *wanted.sid)) differ("certificate.sid", *wanted.sid, have);
      return {};
    }
    MIMICA_TRY(const std::string account, lab_.sid_of(*wanted.sid));
    if (have != account) differ("certificate.sid", account + " (" + *wanted.sid + ")", have);
    return {};
  }

  template <typename Fold>
  void text(const std::string& what, const std::optional<std::string>& wanted, const std::string& found, Fold fold) {
    if (wanted && fold(*wanted) != fold(found)) differ("certificate." + what, or_none(*wanted), or_none(found));
  }

  void names(const CertificateExpectation& wanted, const CertificateSummary& found) {
    if (wanted.sans) {
      std::multiset<std::string> want, have;
      for (const std::string& san : *wanted.sans) want.insert(folded_san(san));
      for (const std::string& san : found.sans) have.insert(folded_san(san));
      if (want != have) differ("certificate.san", listing(*wanted.sans), listing(found.sans));
    }
    if (wanted.ekus) {
      std::set<std::string> oids;
      if (report_.certificate)
        for (const Oid& oid : report_.certificate->extended_key_usage()) oids.insert(oid.dotted());
      const auto carried = [&](const std::string& eku) {
        return oids.count(eku) > 0 || std::any_of(found.ekus.begin(), found.ekus.end(), [&](const std::string& have) {
                 return equals_ignore_case(have, eku);
               });
      };
      if (wanted.ekus->size() != found.ekus.size() || !std::all_of(wanted.ekus->begin(), wanted.ekus->end(), carried))
        differ("certificate.eku", listing(*wanted.ekus), listing(found.ekus));
    }
  }

  void identity(const CertificateExpectation& wanted) {
    const auto same = [&](const std::string& id) {
      const Certificate* other = earlier_.of_step(id);
      return other != nullptr && report_.certificate && other->der() == report_.certificate->der();
    };
    const std::string mine = report_.certificate ? "serial number " + report_.certificate->serial_hex() : "none";
    if (wanted.same_as && !same(*wanted.same_as))
      differ("certificate.same_as", "that of step " + *wanted.same_as, mine);
    if (wanted.differs_from && same(*wanted.differs_from))
      differ("certificate.differs_from", "another than that of step " + *wanted.differs_from, mine);
  }

  const Report& report_;
  Lab& lab_;
  const StepCertificates& earlier_;
  std::vector<Mismatch> mismatches_;
};

}  // namespace

Result<std::vector<Mismatch>> compare(const Report& report, const Expectation* expectation, Lab& lab,
                                      const StepCertificates& earlier) {
  return Comparison(report, lab, earlier).compare(expectation);
}

}  // namespace mimica::harness
