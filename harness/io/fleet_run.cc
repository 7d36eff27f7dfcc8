#include "harness/io/fleet_run.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unordered_map>
#include <unordered_set>

#include "ca/io/sqlite/database.h"
#include "core/base/text.h"
#include "harness/io/certificate_files.h"
#include "harness/io/scenario_files.h"
#include "kdc/pkinit/leads.h"

namespace mimica::harness {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAuthorities = 1000;  // CA certificates taken from the fleet itself

struct Item {
  std::string source;
  std::optional<Certificate> certificate;
  std::string unreadable;  // why there is none
  bool revoked = false;
};
using Take = std::function<Result<void>(Item)>;

// Certificates that can be gone through more than once.
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<void> each(const Take& take) = 0;
};

class Folder final : public Source {
 public:
  Folder(const std::string& folder, std::string password) : folder_(folder), password_(std::move(password)) {}

  Result<void> list() {
    std::error_code error;
    if (!fs::is_directory(folder_, error))
      return fault("'" + folder_ + "' is no folder", {}, "give a folder with certificate files");
    for (fs::recursive_directory_iterator at(folder_, fs::directory_options::skip_permission_denied, error), end;
         at != end && !error; at.increment(error)) {
      std::error_code ignored;
      const std::string extension = to_lower(at->path().extension().string());
      const bool known = extension == ".cer" || extension == ".crt" || extension == ".der" || extension == ".pem" ||
                         extension == ".p12" || extension == ".pfx";
      if (known && at->is_regular_file(ignored)) files_.push_back(at->path().string());
    }
    if (error) return fault(HResult::E_FAIL, "'" + folder_ + "' cannot be read: " + error.message());
    std::sort(files_.begin(), files_.end());
    if (files_.empty())
      return fault("'" + folder_ + "' holds no certificate file", {}, "known are .cer .crt .der .pem .p12 .pfx");
    return {};
  }

  Result<void> each(const Take& take) override {
    for (const std::string& file : files_) {
      auto certificates = read_certificates(file, password_);
      if (!certificates) {
        MIMICA_RETURN_IF_FAULT(take({file, std::nullopt, certificates.error().what, false}));
        continue;
      }
      for (Certificate& certificate : *certificates)
        MIMICA_RETURN_IF_FAULT(take({file, std::move(certificate), {}, false}));
    }
    return {};
  }

 private:
  std::string folder_, password_;
  std::vector<std::string> files_;
};

class CaDatabase final : public Source {
 public:
  explicit CaDatabase(std::unique_ptr<ca::Database> database) : database_(std::move(database)) {}

  Result<void> each(const Take& take) override {
    ca::Database::View view;
    for (;;) {
      MIMICA_TRY(const auto rows, database_->view(view));
      if (rows.empty()) return {};
      view.after_request_id = rows.back().request.RequestID;
      for (const ca::RequestRecord& row : rows) {
        if (!row.certificate) continue;
        MIMICA_TRY(const auto record, database_->by_request_id(row.request.RequestID));
        if (!record || !record->certificate) continue;
        Item item{"request " + std::to_string(row.request.RequestID), std::nullopt, {}, false};
        item.revoked = record->request.Disposition == ca::DbDisposition::revoked;
        auto certificate = Certificate::parse(record->certificate->RawCertificate);
        if (certificate)
          item.certificate = *std::move(certificate);
        else
          item.unreadable = certificate.error().what;
        MIMICA_RETURN_IF_FAULT(take(std::move(item)));
      }
    }
  }

 private:
  std::unique_ptr<ca::Database> database_;
};

// A file that appears under its name only when it is complete.
class Output {
 public:
  Output() = default;
  Result<void> open(const std::string& path) {
    path_ = path;
    std::error_code error;
    if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path(), error);
    out_.open(path + ".new", std::ios::binary | std::ios::trunc);
    return check();
  }
  void write(std::string_view text) { out_.write(text.data(), static_cast<std::streamsize>(text.size())); }
  Result<void> close() {
    out_.flush();
    MIMICA_RETURN_IF_FAULT(check());
    out_.close();
    std::error_code error;
    fs::rename(path_ + ".new", path_, error);
    if (error) return fault(HResult::E_FAIL, "'" + path_ + "' cannot be written: " + error.message());
    return {};
  }

 private:
  Result<void> check() const {
    if (out_) return {};
    return fault(HResult::E_FAIL, "'" + path_ + "' cannot be written", {}, "check the folder and its free space");
  }
  std::string path_;
  std::ofstream out_;
};

struct ReportFile {
  std::unique_ptr<audit::FleetReport> report;
  Output output;
};

// What renewals and copies of a certificate have in common: issuer, template, subject and names.
std::size_t group_of(const Certificate& certificate) {
  std::string text(as_text(certificate.issuer_der()));
  text += as_text(certificate.subject_der());
  if (const Extension* names = certificate.extension(oids::kSubjectAltName)) text += as_text(names->value);
  if (const auto info = certificate.template_info()) text += info->oid.dotted();
  text += certificate.template_name().value_or(std::string());
  return std::hash<std::string>{}(text);
}
std::size_t identity_of(const Certificate& certificate) {
  return std::hash<std::string_view>{}(as_text(certificate.der()));
}

class Fleet {
 public:
  Fleet(const FleetRun& run, KdcJudge& judge) : run_(run), judge_(judge) {}

  Result<FleetAnswer> go() {
    MIMICA_TRY(const auto source, open_source());
    MIMICA_RETURN_IF_FAULT(open_reports());
    MIMICA_RETURN_IF_FAULT(template_names());
    MIMICA_RETURN_IF_FAULT(survey(*source));
    for (ReportFile& file : files_) file.output.write(file.report->begin());
    std::size_t done = 0;
    MIMICA_RETURN_IF_FAULT(source->each([&](Item item) -> Result<void> {
      MIMICA_TRY(const audit::FleetRow row, judge(item));
      answer_.summary.add(row, run_.expired_counts);
      for (ReportFile& file : files_) file.output.write(file.report->row(row));
      if (!run_.fixes.empty() && audit::is_counted(row, run_.expired_counts)) fixes_.write(row.ldif);
      if (run_.progress) run_.progress(++done, total_);
      return {};
    }));
    answer_.notes = judge_.source.notes;
    if (!judge_.check_revocation)
      answer_.notes.emplace_back("revocation was not checked: give revocation lists with --crl");
    for (ReportFile& file : files_) {
      file.output.write(file.report->end(answer_.summary, answer_.notes));
      MIMICA_RETURN_IF_FAULT(file.output.close());
    }
    if (!run_.fixes.empty()) MIMICA_RETURN_IF_FAULT(fixes_.close());
    return std::move(answer_);
  }

 private:
  struct Group {
    std::size_t number = 0, size = 0;
    std::pair<bool, Timestamp> newest;
    std::size_t newest_identity = 0;
  };

  Result<std::unique_ptr<Source>> open_source() const {
    if (run_.folder.empty() == run_.database.empty())
      return fault("give either a folder of certificates or a CA database", {}, "--certs FOLDER or --database FILE");
    if (!run_.folder.empty()) {
      auto folder = std::make_unique<Folder>(run_.folder, run_.password);
      MIMICA_RETURN_IF_FAULT(folder->list());
      return std::unique_ptr<Source>(std::move(folder));
    }
    std::error_code error;
    if (!fs::is_regular_file(run_.database, error))
      return fault("there is no CA database '" + run_.database + "'", {},
                   "give the file ca.db or ca.sqlite below the folder of `mimica up --state`");
    MIMICA_TRY(auto database, ca::open_database_for_reading(run_.database));
    return std::unique_ptr<Source>(std::make_unique<CaDatabase>(std::move(database)));
  }

  Result<void> open_reports() {
    files_.resize(run_.reports.size());
    for (std::size_t i = 0; i < run_.reports.size(); ++i) {
      files_[i].report = audit::fleet_report_for(run_.reports[i], judge_.at);
      if (!files_[i].report)
        return fault("'" + run_.reports[i] + "' has no known ending", {},
                     "end the report's name in .csv, .json, .jsonl or .html");
      MIMICA_RETURN_IF_FAULT(files_[i].output.open(run_.reports[i]));
    }
    if (!run_.fixes.empty()) MIMICA_RETURN_IF_FAULT(fixes_.open(run_.fixes));
    return {};
  }

  Result<void> template_names() {
    auto found = judge_.source.directory->search({.base = judge_.source.trust.contexts.certificate_templates(),
                                                  .filter = "(objectClass=pKICertificateTemplate)",
                                                  .attributes = {"cn", "msPKI-Cert-Template-OID"}});
    if (!found) {
      if (found.error().code == Code{LdapCode::noSuchObject}) return {};
      return std::move(found).error();
    }
    for (const ldap::Entry& entry : *found)
      templates_.emplace(entry.first("msPKI-Cert-Template-OID"), entry.first("cn"));
    return {};
  }

  // How many there are, which belong together, and the CA certificates among them.
  Result<void> survey(Source& source) {
    std::unordered_set<std::size_t> seen;
    return source.each([&](const Item& item) -> Result<void> {
      ++total_;
      if (!item.certificate || !seen.insert(identity_of(*item.certificate)).second) return {};
      if (item.certificate->is_ca()) {
        if (authorities_.size() < kMaxAuthorities) authorities_.push_back(*item.certificate);
        return {};
      }
      Group& group = groups_[group_of(*item.certificate)];
      if (group.size++ == 0) group.number = groups_.size();
      // The newest of those that can be used now, if there is one.
      const bool valid = item.certificate->not_before() <= judge_.at && judge_.at <= item.certificate->not_after();
      const auto rank = std::pair(valid, item.certificate->not_before());
      if (group.size == 1 || group.newest < rank) {
        group.newest = rank;
        group.newest_identity = identity_of(*item.certificate);
      }
      return {};
    });
  }

  Result<audit::FleetRow> judge(const Item& item) {
    audit::FleetRow row;
    if (!item.certificate) {
      row.what_breaks = item.unreadable;
    } else if (item.certificate->is_ca()) {
      row = described(*item.certificate, audit::FleetState::ca);
    } else if (!done_.insert(identity_of(*item.certificate)).second) {
      row = described(*item.certificate, audit::FleetState::duplicate);
    } else {
      MIMICA_TRY(row, judge_certificate(*item.certificate, item.revoked));
    }
    row.source = item.source;
    if (const auto name = templates_.find(row.template_name); name != templates_.end())
      row.template_name = name->second;
    return row;
  }

  audit::FleetRow described(const Certificate& certificate, audit::FleetState state) const {
    kdc::LogonFacts facts;
    facts.certificate = kdc::cert_facts(certificate, nullptr, false);
    audit::FleetRow row = audit::fleet_row(audit::assess(facts, judge_.config, judge_.at), {}, false);
    row.state = state;
    row.compatibility = row.full = row.rule = row.what_breaks = {};
    return row;
  }

  Result<audit::FleetRow> judge_certificate(const Certificate& certificate, bool revoked) {
    MIMICA_TRY(const kdc::Leads leads, kdc::find_leads(*judge_.source.directory, judge_.source.trust, certificate));
    std::string led_by, name;
    if (!leads.accounts.empty()) {
      name = leads.accounts.front().account.sam_account_name;
      led_by = join(leads.accounts.front().by, " + ");
    }
    MIMICA_TRY(const kdc::LogonFacts facts, judge_.facts(name, certificate, authorities_));
    audit::FleetRow row = audit::fleet_row(audit::assess(facts, judge_.config, judge_.at), std::move(led_by), revoked);
    const Group& group = groups_.at(group_of(certificate));
    row.group = group.number;
    row.group_size = group.size;
    row.newest = group.newest_identity == identity_of(certificate);
    return row;
  }

  const FleetRun& run_;
  KdcJudge& judge_;
  FleetAnswer answer_;
  std::vector<ReportFile> files_;
  Output fixes_;
  std::unordered_map<std::string, std::string> templates_;  // OID to cn
  std::unordered_map<std::size_t, Group> groups_;
  std::unordered_set<std::size_t> done_;
  std::vector<Certificate> authorities_;
  std::size_t total_ = 0;
};

}  // namespace

Result<FleetAnswer> run_fleet(const FleetRun& run, KdcJudge& judge) { return Fleet(run, judge).go(); }

}  // namespace mimica::harness
