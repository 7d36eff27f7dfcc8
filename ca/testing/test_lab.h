// A forest with a CA for tests: lab clock, seeded entropy, embedded directory, database in memory, fixed keys.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ca/authority/authority.h"
#include "ca/io/sqlite/database.h"
#include "core/pki/certificate.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"
#include "ldap/provision.h"
#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/edit.h"

namespace mimica::ca {

// The value or an exception.
template <typename T>
T must(Result<T> result, const char* what = "operation") {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().describe());
  return *std::move(result);
}
inline void must(const Result<void>& result, const char* what = "operation") {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().describe());
}

// The n-th key of scenarios/keys/<name>.pem.
inline PrivateKey fixed_key(const std::string& name, std::size_t index = 0) {
  std::ifstream in(std::string(MIMICA_SOURCE_DIR) + "/scenarios/keys/" + name + ".pem");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  constexpr std::string_view kEnd = "-----END PRIVATE KEY-----\n";
  std::size_t begin = 0;
  for (std::size_t i = 0; i < index; ++i) begin = text.find(kEnd, begin) + kEnd.size();
  const std::size_t end = text.find(kEnd, begin) + kEnd.size();
  return must(PrivateKey::from_pem(std::string_view(text).substr(begin, end - begin)), "fixed key");
}

class FixedKeys final : public KeySource {
 public:
  Result<PrivateKey> key(const KeySpec& spec) override {
    const std::string name =
        spec.kind == KeyKind::rsa ? "rsa-" + std::to_string(spec.bits) : "p-" + std::to_string(spec.bits);
    if (name == "p-521" || name == "rsa-4096") return PrivateKey::generate(spec);  // not enough of them on file
    return fixed_key(name, used_[name]++);
  }

 private:
  std::map<std::string, std::size_t> used_;
};

inline const KeySpec kP256 = {KeyKind::ec, 256};

struct TestLab {
  SimClock clock{must(parse_iso("2024-11-20T08:00:00Z"))};
  SeededEntropy entropy{"ca tests"};
  FixedKeys keys;
  std::unique_ptr<ldap::Dsa> dsa;
  std::unique_ptr<ldap::Directory> directory;
  ldap::NamingContexts contexts;
  std::unique_ptr<Database> database;
  EventLog log;
  std::uint64_t seen = 0;
  CaConfig config;
  SetupOptions options;
  std::unique_ptr<CertificationAuthority> ca;

  explicit TestLab(CaType type = CaType::enterprise_sub, const std::string& database_path = "") {
    ldap::ForestOptions forest;
    forest.domain_sid = must(Sid::parse("S-1-5-21-1004336348-1177238915-682003330"));
    dsa = must(ldap::create_forest(forest, clock, entropy), "forest");
    directory = ldap::in_process(*dsa, ldap::Caller::system());
    contexts = must(ldap::read_naming_contexts(*directory));
    database = must(open_database(database_path), "database");
    config = default_config(type, dsa->domain_sid());
    set_http_base(config, "http://127.0.0.1:8080");
    options.key = kP256;
    options.two_tier = type == CaType::enterprise_sub || type == CaType::standalone_sub;
  }

  CertificationAuthority& start() {
    ca = must(CertificationAuthority::setup(config, options, keys, environment()), "setup");
    return *ca;
  }
  CaEnvironment environment() {
    CaEnvironment environment;
    environment.directory = directory.get();
    environment.database = database.get();
    environment.clock = &clock;
    environment.entropy = &entropy;
    environment.events = &log;
    return environment;
  }
  // The events since the last call.
  std::vector<Event> new_events() {
    std::vector<Event> events = log.query({.after = seen});
    seen = log.last_record_id();
    return events;
  }

  void add_user(const std::string& name, const std::string& mail = "") {
    ldap::UserSpec user{name};
    user.mail = mail;
    must(ldap::add_user(*directory, contexts, user), "user");
  }
  void add_computer(const std::string& name) { must(ldap::add_computer(*directory, contexts, {name}), "computer"); }

  templates::CertificateTemplate read_template(const std::string& cn) {
    const auto entry = must(ldap::read_entry(*directory, templates::template_dn(cn, contexts.configuration), {}, true));
    return must(templates::decode(*entry), "template");
  }
  void write_template(const templates::CertificateTemplate& value) {
    const ldap::Entry entry = templates::encode(value, contexts.configuration);
    (void)directory->remove(entry.dn());
    must(directory->add(entry), "template");
  }
  // A duplicate of `source` (default "User") as the connector's administrator makes it: subject from the request,
  // Enroll for `enrollee` alone.
  templates::CertificateTemplate add_intune_template(const std::string& cn, const std::string& enrollee,
                                                     bool publish_to_directory = false) {
    templates::CertificateTemplate value = read_template("User");
    value.other.clear();  // objectGUID and the like belong to the original
    value.cn = cn;
    value.display_name = "Display " + cn;
    value.schema_version = 2;
    value.major_revision = 100;
    value.minor_revision = 4;
    value.oid = Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6." + std::to_string(1000 + cn.size()) + ".77");
    value.flags = templates::FlagSet<templates::GeneralFlag>(0x2023A);
    value.enrollment_flags = templates::FlagSet<templates::EnrollmentFlag>(publish_to_directory ? 9U : 1U);
    value.private_key_flags = templates::FlagSet<templates::PrivateKeyFlag>(0x03030010);
    value.name_flags = templates::FlagSet<templates::NameFlag>(1U);
    value.application_policies = value.extended_key_usage;
    const auto account = must(ldap::account_by_any_name(*directory, contexts, enrollee));
    remove_trustee(*value.security, dsa->domain_sid().with_rid(rid::kDomainUsers));
    grant(*value.security, account->sid, access::kControlAccess, guids::kEnroll);
    write_template(value);
    if (!must(ca->set_template_published(cn, true, ""))) throw std::runtime_error("cannot publish " + cn);
    return value;
  }
  void allow_enroll(const std::string& cn, const Sid& trustee) {
    templates::CertificateTemplate value = read_template(cn);
    grant(*value.security, trustee, access::kControlAccess, guids::kEnroll);
    write_template(value);
  }
};

inline Bytes request_der(const PrivateKey& key, const std::string& subject = "", std::vector<Extension> extensions = {},
                         std::vector<std::pair<std::string, std::string>> pairs = {}) {
  RequestSpec spec;
  if (!subject.empty()) spec.subject = must(Name::parse_rfc4514(subject), "subject");
  spec.extensions = std::move(extensions);
  spec.name_value_pairs = std::move(pairs);
  return must(make_request(spec, key), "request");
}

inline GeneralName upn_name(const std::string& upn) {
  GeneralName name;
  name.kind = GeneralName::Kind::upn;
  name.text = upn;
  return name;
}
inline Extension san_extension(const std::vector<GeneralName>& names) {
  return {oids::kSubjectAltName, false, encode_general_names(names)};
}

inline std::vector<std::string> extension_order(const Certificate& certificate) {
  std::vector<std::string> order;
  for (const Extension& extension : certificate.extensions()) order.push_back(extension.oid.dotted());
  return order;
}

}  // namespace mimica::ca
