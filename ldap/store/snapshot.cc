#include "ldap/store/snapshot.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "core/asn1/name.h"
#include "core/base/text.h"
#include "ldap/provision.h"
#include "ldap/store/match.h"
#include "ldap/store/store.h"

namespace mimica::ldap {
namespace {

constexpr std::string_view kConfiguration = "CN=Configuration,";
constexpr std::size_t kMaxRemembered = 64;

// "CN=jane,CN=Users,DC=contoso,DC=com" -> "DC=contoso,DC=com": the part that consists of DC components alone.
std::string_view domain_part(std::string_view dn) {
  std::string_view best;
  for (std::string_view rest = dn; !rest.empty(); rest = parent_dn(rest)) {
    if (!starts_with_ignore_case(rest, "DC=")) {
      best = {};
    } else if (best.empty()) {
      best = rest;
    }
  }
  return best;
}

class LoadedSnapshot final : public Snapshot {
 public:
  Result<void> load(const Entry& entry) override {
    Record record;
    record.dn = entry.dn();
    record.key = normalise_dn(entry.dn());
    if (record.key.empty()) return fault(LdapCode::invalidDNSyntax, "'" + entry.dn() + "' is no DN");
    const Schema& schema = Schema::active_directory();
    for (const Attribute& attribute : entry.attributes()) {
      const AttributeType* type = schema.attribute(base_name(attribute.name));
      if (type == nullptr || attribute.values.empty()) continue;
      record.set(*type, as_stored(*type, attribute.values));
    }
    note_contexts(entry);
    if (const Record* known = store_.find(record.dn)) {
      Record merged = *known;
      for (const StoredAttribute& attribute : record.attributes)
        if (merged.find(*attribute.type) == nullptr) merged.set(*attribute.type, *attribute.values);
      store_.replace(std::move(merged));
    } else {
      store_.insert(std::move(record));
    }
    remembered_.clear();
    settled_ = false;
    return {};
  }
  std::size_t size() const override { return store_.size(); }
  bool has_domain() const override { return !domains_.empty(); }

  Result<std::vector<Entry>> search(const SearchRequest& request) override {
    settle();
    if (request.base.empty()) return root(request);
    const std::string base = normalise_dn(request.base);
    if (base.empty()) return fault(LdapCode::invalidDNSyntax, "'" + request.base + "' is no DN");
    MIMICA_TRY(const Filter filter, parse_filter(request.filter));
    MIMICA_TRY(const Matcher matcher, Matcher::prepare(filter, store_, contexts_.schema));
    if (request.scope == Scope::base) {
      const RecordId id = store_.find_key(base);
      if (id == kNoRecord) return missing(request.base);
      std::vector<Entry> out;
      if (matcher.matches(*store_.get(id))) out.push_back(render(*store_.get(id), request.attributes));
      return out;
    }
    const auto candidates = matcher.candidates();
    std::vector<Entry> out;
    if (candidates) {
      for (const RecordId id : *candidates) {
        const Record* record = store_.get(id);
        if (record != nullptr && in_scope(*record, base, request.scope) && matcher.matches(*record))
          out.push_back(render(*record, request.attributes));
      }
      return out;
    }
    // Nothing changes between searches, and those that no index serves come again and again.
    const std::string question = base + "\n" + std::to_string(static_cast<int>(request.scope)) + request.filter + "\n" +
                                 join(request.attributes, ",");
    if (const auto known = remembered_.find(question); known != remembered_.end()) return known->second;
    bool any = false;
    for (RecordId id = 0; id < store_.size(); ++id) {
      const Record* record = store_.get(id);
      if (record == nullptr || !in_scope(*record, base, request.scope)) continue;
      any = true;
      if (matcher.matches(*record)) out.push_back(render(*record, request.attributes));
    }
    if (!any && store_.find_key(base) == kNoRecord) return missing(request.base);
    if (remembered_.size() < kMaxRemembered) remembered_.emplace(question, out);
    return out;
  }

  Result<void> add(const Entry& entry) override { return refuse(entry.dn()); }
  Result<void> modify(std::string_view dn, const std::vector<Modification>&) override { return refuse(dn); }
  Result<void> remove(std::string_view dn) override { return refuse(dn); }

 private:
  static Fault refuse(std::string_view dn) {
    return fault(LdapCode::unwillingToPerform, "an export cannot be changed: " + std::string(dn));
  }
  static Fault missing(const std::string& dn) { return fault(LdapCode::noSuchObject, "the export has no " + dn); }

  static std::vector<std::string> as_stored(const AttributeType& type, std::vector<std::string> values) {
    if (type.syntax != Syntax::sid) return values;
    for (std::string& value : values)
      if (const auto sid = starts_with_ignore_case(value, "S-1-") ? Sid::parse(value) : Result<Sid>(fault("binary")))
        value = to_string(sid->to_binary());
    return values;
  }

  void note_contexts(const Entry& entry) {
    const std::string_view domain = domain_part(entry.dn());
    if (domain.empty()) return;
    std::string_view above = entry.dn();
    while (!above.empty() && !starts_with_ignore_case(above, kConfiguration)) above = parent_dn(above);
    if (!above.empty()) {
      if (configuration_.empty()) configuration_ = above;
    } else if (entry.has("sAMAccountName")) {
      ++domains_[std::string(domain)];
    }
  }

  // The domain is that of most accounts.
  void settle() {
    if (settled_) return;
    settled_ = true;
    const auto most = std::max_element(domains_.begin(), domains_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != domains_.end()) contexts_.domain = most->first;
    if (contexts_.domain.empty() && !configuration_.empty()) contexts_.domain = domain_part(configuration_);
    contexts_.configuration = !configuration_.empty() ? configuration_ : std::string(kConfiguration) + contexts_.domain;
    contexts_.root_domain = contexts_.configuration.substr(kConfiguration.size());
    contexts_.schema = "CN=Schema," + contexts_.configuration;
    name_domain();
  }

  // The domain's NetBIOS name is asked for; an export of accounts alone does not have it.
  void name_domain() {
    const Schema& schema = Schema::active_directory();
    const AttributeType &netbios = *schema.attribute("nETBIOSName"), &context = *schema.attribute("nCName");
    const std::string domain = normalise_dn(contexts_.domain);
    for (RecordId id = 0; id < store_.size(); ++id) {
      const Record& record = *store_.get(id);
      if (record.find(netbios) != nullptr && normalise_dn(record.first(context)) == domain) return;
    }
    const std::string dns = dns_name_of(contexts_.domain);
    const std::string name = to_upper(dns.substr(0, dns.find('.')));
    if (name.empty()) return;
    Record record;
    record.dn = "CN=" + name + ",CN=Partitions," + contexts_.configuration;
    record.key = normalise_dn(record.dn);
    if (store_.find_key(record.key) != kNoRecord) return;
    record.set(*schema.attribute("objectClass"), {"top", "crossRef"});
    record.set(netbios, {name});
    record.set(context, {contexts_.domain});
    store_.insert(std::move(record));
  }

  Result<std::vector<Entry>> root(const SearchRequest& request) const {
    if (request.scope != Scope::base) return fault(LdapCode::noSuchObject, "an export has no root to search below");
    Entry entry;
    entry.set("defaultNamingContext", contexts_.domain);
    entry.set("configurationNamingContext", contexts_.configuration);
    entry.set("schemaNamingContext", contexts_.schema);
    entry.set("rootDomainNamingContext", contexts_.root_domain);
    return std::vector<Entry>{std::move(entry)};
  }

  static bool in_scope(const Record& record, std::string_view base, Scope scope) {
    const std::string_view key = record.key;
    if (key == base) return scope == Scope::subtree;
    if (key.size() <= base.size() || !key.ends_with(base) || key[key.size() - base.size() - 1] != ',') return false;
    return scope == Scope::subtree || parent_dn(key) == base;
  }

  static Entry render(const Record& record, const std::vector<std::string>& attributes) {
    Entry out(record.dn);
    for (const StoredAttribute& attribute : record.attributes) {
      const bool wanted =
          attributes.empty() || std::any_of(attributes.begin(), attributes.end(), [&](const std::string& name) {
            return name == "*" || equals_ignore_case(base_name(name), attribute.type->name);
          });
      if (wanted) out.set(attribute.type->name, *attribute.values);
    }
    return out;
  }

  Store store_;
  std::map<std::string, std::size_t> domains_;  // of accounts, with their number
  std::string configuration_;
  NamingContexts contexts_;
  bool settled_ = false;
  std::unordered_map<std::string, std::vector<Entry>> remembered_;  // answers of searches that no index serves
};

}  // namespace

std::unique_ptr<Snapshot> Snapshot::create() { return std::make_unique<LoadedSnapshot>(); }

}  // namespace mimica::ldap
