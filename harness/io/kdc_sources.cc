#include "harness/io/kdc_sources.h"

#include "audit/import/certificates.h"
#include "harness/io/certificate_files.h"
#include "harness/io/scenario_files.h"
#include "kdc/pkinit/leads.h"
#include "ldap/account_attributes.h"
#include "ldap/io/client.h"
#include "ldap/io/ldif_file.h"
#include "ldap/store/snapshot.h"

namespace mimica::harness {
namespace {

using ldap::Snapshot;

Result<std::unique_ptr<Snapshot>> from_text(const std::string& text, const std::string& source) {
  auto snapshot = Snapshot::create();
  MIMICA_TRY(const auto records, ldap::parse_ldif(text, source));
  for (const ldap::LdifRecord& record : records) MIMICA_RETURN_IF_FAULT(snapshot->load(record.entry));
  return snapshot;
}

Result<std::unique_ptr<Snapshot>> from_ldif(const std::vector<std::string>& files) {
  auto snapshot = Snapshot::create();
  for (const std::string& file : files) {
    MIMICA_RETURN_IF_FAULT(ldap::read_ldif_file(file, [&](const ldap::LdifRecord& record) -> Result<void> {
      if (record.kind != ldap::LdifRecord::Kind::content && record.kind != ldap::LdifRecord::Kind::add)
        return fault(LdapCode::protocolError, "a change to " + record.entry.dn() + " in an export",
                     {file, record.line, 0, {}}, "give the content of a directory, not changes to one");
      if (record.entry.dn().empty()) return {};  // the rootDSE
      auto loaded = snapshot->load(record.entry);
      if (!loaded) loaded.error().where = {file, record.line, 0, {}};
      return loaded;
    }));
  }
  if (!snapshot->has_domain())
    return fault("the export has no account", {files.front(), 0, 0, {}},
                 "export users and computers with sAMAccountName, objectSid and objectClass");
  return snapshot;
}

Result<void> copy(ldap::Directory& from, const ldap::SearchRequest& request, Snapshot& to) {
  auto found = from.search(request);
  if (!found) {
    if (found.error().code == Code{LdapCode::noSuchObject}) return {};
    return std::move(found).error();
  }
  for (const ldap::Entry& entry : *found) MIMICA_RETURN_IF_FAULT(to.load(entry));
  return {};
}

// Accounts, certificate services and the domain's name of a server.
Result<std::unique_ptr<Snapshot>> prefetch(ldap::Directory& server) {
  MIMICA_TRY(const auto contexts, ldap::read_naming_contexts(server));
  auto snapshot = Snapshot::create();
  MIMICA_RETURN_IF_FAULT(copy(server, {.base = contexts.public_key_services()}, *snapshot));
  MIMICA_RETURN_IF_FAULT(
      copy(server, {.base = "CN=Partitions," + contexts.configuration, .filter = "(objectClass=crossRef)"}, *snapshot));
  MIMICA_RETURN_IF_FAULT(copy(server, {.base = contexts.domain, .scope = ldap::Scope::base}, *snapshot));
  MIMICA_RETURN_IF_FAULT(copy(server,
                              {.base = contexts.domain,
                               .filter = "(&(objectClass=user)(objectSid=*))",
                               .attributes = ldap::account_attributes()},
                              *snapshot));
  if (!snapshot->has_domain())
    return fault(LdapCode::insufficientAccessRights, "the directory shows no account of " + contexts.domain, {},
                 "bind as an account that may read users and computers");
  return snapshot;
}

Result<void> from_lab(const std::string& file, OpenedDirectory& out) {
  LoadedScenarios loaded = load_scenario_file(file);
  if (!loaded.ok()) return loaded.faults.front();
  LabSpec spec = std::move(loaded.cases.front().lab);
  spec.directory_over_ldap = false;
  MIMICA_TRY(const auto lab, Lab::start(spec));
  MIMICA_TRY(const std::string text, lab->export_ldif());
  MIMICA_TRY(auto snapshot, from_text(text, file));
  out.entries = snapshot->size();
  out.directory = std::move(snapshot);
  out.config = spec.kdc;
  out.clock = lab->now();
  for (const bool of_root : {false, true})
    if (auto list = lab->crl(of_root)) out.crls.push_back(*std::move(list));
  return {};
}

Result<void> add_files(const std::vector<std::string>& files, std::vector<Certificate>& to) {
  for (const std::string& file : files) {
    MIMICA_TRY(auto certificates, read_certificates(file));
    to.insert(to.end(), certificates.begin(), certificates.end());
  }
  return {};
}

}  // namespace

Result<OpenedDirectory> open_directory(const DirectoryChoice& choice) {
  const int given = static_cast<int>(!choice.ldif.empty()) + static_cast<int>(!choice.ldap_url.empty()) +
                    static_cast<int>(!choice.lab.empty()) + static_cast<int>(!choice.ldif_text.empty());
  if (given != 1)
    return fault(given == 0 ? "no directory is given" : "more than one directory is given", {},
                 "use one of --ldif FILE (an export), --ldap URL (a server) and --lab FILE (a scenario's lab)");
  OpenedDirectory out;
  if (!choice.lab.empty()) {
    MIMICA_RETURN_IF_FAULT(from_lab(choice.lab, out));
  } else if (!choice.ldif.empty() || !choice.ldif_text.empty()) {
    MIMICA_TRY(auto snapshot, choice.ldif.empty() ? from_text(choice.ldif_text, "LDIF") : from_ldif(choice.ldif));
    out.entries = snapshot->size();
    out.directory = std::move(snapshot);
  } else {
    MIMICA_TRY(out.directory,
               ldap::connect({.url = choice.ldap_url, .bind_name = choice.bind_dn, .password = choice.password}));
    if (choice.for_many) {
      MIMICA_TRY(auto snapshot, prefetch(*out.directory));
      out.entries = snapshot->size();
      out.directory = std::move(snapshot);
    }
  }
  MIMICA_TRY(out.trust, kdc::read_trust(*out.directory));
  MIMICA_RETURN_IF_FAULT(add_files(choice.roots, out.trust.anchors));
  MIMICA_RETURN_IF_FAULT(add_files(choice.nt_auth, out.trust.nt_auth));
  const std::string where = choice.ldif.empty() ? "the directory" : "the export";
  if (out.trust.anchors.empty())
    out.notes.push_back(where + " holds no trusted root (CN=Certification Authorities): give them with --root");
  if (out.trust.nt_auth.empty())
    out.notes.push_back(where + " holds no NTAuth store (CN=NTAuthCertificates): give its CAs with --ntauth");
  return out;
}

Result<void> RevocationFiles::add(const Bytes& list, const std::string& source) {
  auto crl = Crl::parse(from_pem("X509 CRL", as_text(list)).value_or(list));
  if (!crl)
    return fault("this is no revocation list: " + crl.error().what, {source, 0, 0, {}}, "give a CRL as DER or PEM");
  List& known = by_issuer_[std::string(as_text(crl->issuer_der()))];
  if (known.der.empty() || known.this_update < crl->this_update()) known = {crl->this_update(), crl->der()};
  return {};
}

Result<void> RevocationFiles::read(const std::string& path) {
  MIMICA_TRY(const std::string content, read_file(path, kMaxCrlSize));
  return add(to_bytes(content), path);
}

Result<Bytes> RevocationFiles::fetch(std::string_view url) {
  const auto found = by_issuer_.find(issuer_);
  if (found != by_issuer_.end()) return found->second.der;
  if (online_ == nullptr) return fault("no list was given for the issuer");
  // One list serves all certificates of its issuer.
  auto known = online_->cache.at_hand()->fetch(url);
  return known ? known : online_->cache.fetch(url);
}

Result<Bytes> RevocationFiles::ask(std::string_view url, BytesView request) {
  if (online_ == nullptr || by_issuer_.contains(issuer_)) return fault("OCSP responders are not asked");
  return online_->cache.ask(url, request);
}

Result<KdcJudge::Answer> KdcJudge::check(const std::string& account, std::vector<Certificate> certificates) {
  certificates = audit::leaf_first(std::move(certificates));
  const Certificate leaf = certificates.front();
  certificates.erase(certificates.begin());
  Answer out;
  out.notes = source.notes;
  if (!check_revocation) out.notes.emplace_back("revocation was not checked: give revocation lists with --crl");
  std::vector<std::string> names{account};
  if (account.empty()) {
    MIMICA_TRY(const kdc::Leads leads, kdc::find_leads(*source.directory, source.trust, leaf));
    for (const std::string& name : leads.ambiguous) out.notes.push_back("several accounts have the name " + name);
    if (leads.accounts.empty())
      out.notes.push_back("no account of " + source.trust.realm +
                          " is named or mapped by the certificate; ask for one with --account");
    else
      names.clear();
    for (const kdc::Lead& lead : leads.accounts) names.push_back(lead.account.sam_account_name);
  }
  for (const std::string& name : names) {
    MIMICA_TRY(const kdc::LogonFacts found, facts(name, leaf, certificates));
    out.assessments.push_back(audit::assess(found, config, at));
    out.allowed |= out.assessments.back().now.allowed;
  }
  return out;
}

Result<kdc::LogonFacts> KdcJudge::facts(const std::string& cname, const Certificate& certificate,
                                        const std::vector<Certificate>& sent) {
  lists.look_at(certificate);
  MIMICA_TRY(auto facts, kdc::gather(*source.directory, source.trust, lists, {cname, certificate, sent}, at));
  if (!check_revocation && facts.chain.status == ChainStatus::revocation_unknown) facts.chain.detail = "not checked";
  return facts;
}

}  // namespace mimica::harness
