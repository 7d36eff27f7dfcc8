#include "ldap/io/client.h"

#include <ldap.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <mutex>

#include "core/base/bytes.h"
#include "core/base/number.h"
#include "ldap/dsa/protocol.h"
#include "ldap/wire/message_encode.h"

namespace mimica::ldap {
namespace {

// Attributes with DER values. Servers answer them with ";binary", without, or both, so both names are asked for.
constexpr std::string_view kDerAttributes[] = {
    "userCertificate",     "cACertificate",        "certificateRevocationList", "authorityRevocationList",
    "deltaRevocationList", "crossCertificatePair", "userSMIMECertificate"};

struct Unbind {
  void operator()(LDAP* handle) const { ldap_unbind_ext_s(handle, nullptr, nullptr); }
};
using Handle = std::unique_ptr<LDAP, Unbind>;
struct FreeMessage {
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using MessagePtr = std::unique_ptr<LDAPMessage, FreeMessage>;

berval view(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

// Arrays of C strings and bervals over values that outlive them.
class Names {
 public:
  explicit Names(const std::vector<std::string>& names) {
    for (const std::string& name : names) pointers_.push_back(const_cast<char*>(name.c_str()));
    pointers_.push_back(nullptr);
  }
  char** get() { return pointers_.size() == 1 ? nullptr : pointers_.data(); }

 private:
  std::vector<char*> pointers_;
};

class Modifications {
 public:
  void add(int operation, const Attribute& attribute) {
    names_.emplace_back(base_name(attribute.name));
    auto& values = values_.emplace_back();
    for (const std::string& value : attribute.values) values.push_back(view(value));
    operations_.push_back(operation);
  }
  LDAPMod** get() {
    mods_.resize(operations_.size());
    pointers_.clear();
    value_pointers_.resize(operations_.size());
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      for (berval& value : values_[i]) value_pointers_[i].push_back(&value);
      value_pointers_[i].push_back(nullptr);
      mods_[i].mod_op = operations_[i] | LDAP_MOD_BVALUES;
      mods_[i].mod_type = names_[i].data();
      mods_[i].mod_bvalues = values_[i].empty() ? nullptr : value_pointers_[i].data();
      pointers_.push_back(&mods_[i]);
    }
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<int> operations_;
  std::vector<std::string> names_;
  std::vector<std::vector<berval>> values_;
  std::vector<std::vector<berval*>> value_pointers_;
  std::vector<LDAPMod> mods_;
  std::vector<LDAPMod*> pointers_;
};

bool is_lost(int code) { return code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR; }

class Client final : public Directory {
 public:
  explicit Client(ClientOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    LDAP* raw = nullptr;
    if (const int code = ldap_initialize(&raw, options_.url.c_str()); code != LDAP_SUCCESS)
      return fault(LdapCode::unavailable, "'" + options_.url + "' is no usable LDAP URL: " + ldap_err2string(code));
    Handle handle(raw);
    const int version = LDAP_VERSION3;
    const timeval timeout = limit();
    ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(raw, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
    ldap_set_option(raw, LDAP_OPT_TIMEOUT, &timeout);
    berval password = view(options_.password);
    const int code =
        ldap_sasl_bind_s(raw, options_.bind_name.c_str(), LDAP_SASL_SIMPLE, &password, nullptr, nullptr, nullptr);
    if (code != LDAP_SUCCESS) return failure(raw, code, "bind as '" + options_.bind_name + "'");
    handle_ = std::move(handle);
    return {};
  }

  Result<std::vector<Entry>> search(const SearchRequest& request) override {
    const std::lock_guard lock(mutex_);
    MIMICA_RETURN_IF_FAULT(ensure_open());
    int code = LDAP_SUCCESS;
    auto found = search_pages(request, code);
    if (!found && is_lost(code)) {
      MIMICA_RETURN_IF_FAULT(open());
      found = search_pages(request, code);
    }
    if (!found) return found;
    for (Entry& entry : *found) MIMICA_RETURN_IF_FAULT(complete_ranges(entry));
    return found;
  }

  Result<void> add(const Entry& entry) override {
    const std::lock_guard lock(mutex_);
    MIMICA_RETURN_IF_FAULT(ensure_open());
    Modifications changes;
    for (const Attribute& attribute : entry.attributes()) changes.add(LDAP_MOD_ADD, attribute);
    return check(ldap_add_ext_s(handle_.get(), entry.dn().c_str(), changes.get(), nullptr, nullptr),
                 "add of " + entry.dn());
  }

  Result<void> modify(std::string_view dn, const std::vector<Modification>& modifications) override {
    const std::lock_guard lock(mutex_);
    MIMICA_RETURN_IF_FAULT(ensure_open());
    Modifications changes;
    bool descriptor = false;
    for (const Modification& change : modifications) {
      const int operation = change.kind == Modification::Kind::add     ? LDAP_MOD_ADD
                            : change.kind == Modification::Kind::erase ? LDAP_MOD_DELETE
                                                                       : LDAP_MOD_REPLACE;
      descriptor |= equals_ignore_case(base_name(change.attribute.name), "nTSecurityDescriptor");
      changes.add(operation, change.attribute);
    }
    const std::string name(dn);
    SdFlags flags;
    LDAPControl* controls[] = {flags.get(), nullptr};
    return check(
        ldap_modify_ext_s(handle_.get(), name.c_str(), changes.get(), descriptor ? controls : nullptr, nullptr),
        "change of " + name);
  }

  Result<void> remove(std::string_view dn) override {
    const std::lock_guard lock(mutex_);
    MIMICA_RETURN_IF_FAULT(ensure_open());
    const std::string name(dn);
    return check(ldap_delete_ext_s(handle_.get(), name.c_str(), nullptr, nullptr), "removal of " + name);
  }

  Result<void> modify_dn(std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                         std::string_view new_superior) override {
    const std::lock_guard lock(mutex_);
    MIMICA_RETURN_IF_FAULT(ensure_open());
    const std::string name(dn), rdn(new_rdn), superior(new_superior);
    return check(ldap_rename_s(handle_.get(), name.c_str(), rdn.c_str(), superior.empty() ? nullptr : superior.c_str(),
                               delete_old_rdn ? 1 : 0, nullptr, nullptr),
                 "renaming of " + name);
  }

 private:
  // Owner, group and DACL; never critical, because slapd refuses the critical form.
  class SdFlags {
   public:
    SdFlags() {
      constexpr int kOwnerGroupDacl = 7;
      value_ = encode_flags(kOwnerGroupDacl);
      control_.ldctl_oid = oid_.data();
      control_.ldctl_value = view(value_);
      control_.ldctl_iscritical = 0;
    }
    LDAPControl* get() { return &control_; }

   private:
    std::string oid_ = std::string(control::kSdFlags);
    std::string value_;
    LDAPControl control_{};
  };

  timeval limit() const { return {options_.timeout_seconds, 0}; }

  static Fault failure(LDAP* handle, int code, const std::string& what) {
    char* diagnostic = nullptr;
    if (handle != nullptr) ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    std::string text = diagnostic == nullptr ? std::string() : std::string(trim(diagnostic));
    ldap_memfree(diagnostic);
    if (text.empty()) text = ldap_err2string(code);
    text = what + ": " + text;
    if (code > 0) return fault(static_cast<LdapCode>(code), std::move(text));
    if (code == LDAP_FILTER_ERROR) return fault(LdapCode::protocolError, std::move(text));
    if (is_lost(code) || code == LDAP_TIMEOUT)
      return fault(LdapCode::unavailable, std::move(text), {},
                   "is the directory running, and can it be reached from here?");
    return fault(LdapCode::other, std::move(text));
  }

  Result<void> check(int code, const std::string& what) {
    if (code == LDAP_SUCCESS) return {};
    Fault problem = failure(handle_.get(), code, what);
    if (is_lost(code)) handle_.reset();
    return problem;
  }

  // A server may close an idle connection; nothing else can be readable between operations.
  bool is_alive() const {
    int socket = -1;
    if (handle_ == nullptr || ldap_get_option(handle_.get(), LDAP_OPT_DESC, &socket) != LDAP_OPT_SUCCESS || socket < 0)
      return false;
    pollfd state{socket, POLLIN, 0};
    return poll(&state, 1, 0) == 0;
  }
  Result<void> ensure_open() {
    if (is_alive()) return {};
    handle_.reset();
    return open();
  }

  static std::vector<std::string> asked_names(const SearchRequest& request) {
    std::vector<std::string> names;
    for (const std::string& name : request.attributes) {
      const bool der = std::any_of(std::begin(kDerAttributes), std::end(kDerAttributes),
                                   [&](std::string_view one) { return equals_ignore_case(base_name(name), one); });
      names.push_back(der ? std::string(base_name(name)) : name);
      if (der) names.push_back(std::string(base_name(name)) + ";binary");
    }
    if (request.with_security_descriptor && !names.empty()) names.emplace_back("nTSecurityDescriptor");
    return names;
  }

  Result<std::vector<Entry>> search_pages(const SearchRequest& request, int& code) {
    std::vector<Entry> out;
    const std::vector<std::string> names = asked_names(request);
    std::string cookie;
    do {
      SdFlags flags;
      std::vector<LDAPControl*> controls;
      if (request.with_security_descriptor) controls.push_back(flags.get());
      std::string oid(control::kPagedResults);
      const std::string value = encode_paged_results({static_cast<std::int64_t>(options_.page_size), cookie});
      LDAPControl page{oid.data(), view(value), 0};
      if (request.scope != Scope::base) controls.push_back(&page);
      controls.push_back(nullptr);
      timeval timeout = limit();
      LDAPMessage* raw = nullptr;
      const int scope = request.scope == Scope::base        ? LDAP_SCOPE_BASE
                        : request.scope == Scope::one_level ? LDAP_SCOPE_ONELEVEL
                                                            : LDAP_SCOPE_SUBTREE;
      code = ldap_search_ext_s(handle_.get(), request.base.c_str(), scope, request.filter.c_str(), Names(names).get(),
                               0, controls.data(), nullptr, &timeout, 0, &raw);
      const MessagePtr message(raw);
      if (code != LDAP_SUCCESS) {
        Fault problem = failure(handle_.get(), code, "search of '" + request.base + "' for " + request.filter);
        if (is_lost(code)) handle_.reset();
        return problem;
      }
      read_entries(message.get(), out);
      cookie = next_cookie(message.get());
    } while (!cookie.empty());
    return out;
  }

  void read_entries(LDAPMessage* message, std::vector<Entry>& out) const {
    for (LDAPMessage* at = ldap_first_entry(handle_.get(), message); at != nullptr;
         at = ldap_next_entry(handle_.get(), at)) {
      char* dn = ldap_get_dn(handle_.get(), at);
      Entry entry(dn == nullptr ? "" : dn);
      ldap_memfree(dn);
      BerElement* position = nullptr;
      for (char* name = ldap_first_attribute(handle_.get(), at, &position); name != nullptr;
           name = ldap_next_attribute(handle_.get(), at, position)) {
        std::vector<std::string> values;
        berval** found = ldap_get_values_len(handle_.get(), at, name);
        for (berval** value = found; value != nullptr && *value != nullptr; ++value)
          values.emplace_back((*value)->bv_val, (*value)->bv_len);
        ldap_value_free_len(found);
        if (!values.empty() && !entry.has(name)) entry.set(name, std::move(values));
        note_range(entry, name);
        ldap_memfree(name);
      }
      ber_free(position, 0);
      out.push_back(std::move(entry));
    }
  }

  // "member;range=0-1499": the rest is fetched when the search is complete.
  void note_range(const Entry& entry, std::string_view name) const {
    const auto at = name.find(";range=");
    if (at == std::string_view::npos || name.ends_with("-*")) return;
    const auto dash = name.rfind('-');
    const auto last = parse_decimal<std::size_t>(name.substr(dash + 1));
    if (!last) return;
    ranges_.push_back({entry.dn(), std::string(name.substr(0, at)), *last + 1});
  }

  Result<void> complete_ranges(Entry& entry) {
    for (;;) {
      const auto at =
          std::find_if(ranges_.begin(), ranges_.end(), [&](const Range& range) { return range.dn == entry.dn(); });
      if (at == ranges_.end()) return {};
      const Range range = *at;
      ranges_.erase(at);
      int code = LDAP_SUCCESS;
      MIMICA_TRY(const auto more,
                 search_pages({.base = entry.dn(),
                               .scope = Scope::base,
                               .attributes = {range.attribute + ";range=" + std::to_string(range.next) + "-*"}},
                              code));
      if (more.empty()) return {};
      for (const std::string& value : more.front().values(range.attribute)) entry.add(range.attribute, value);
    }
  }

  std::string next_cookie(LDAPMessage* message) const {
    LDAPControl** controls = nullptr;
    int result = LDAP_SUCCESS;
    std::string out;
    LDAPMessage* last = nullptr;
    for (LDAPMessage* at = ldap_first_message(handle_.get(), message); at != nullptr;
         at = ldap_next_message(handle_.get(), at))
      if (ldap_msgtype(at) == LDAP_RES_SEARCH_RESULT) last = at;
    if (last == nullptr ||
        ldap_parse_result(handle_.get(), last, &result, nullptr, nullptr, nullptr, &controls, 0) != LDAP_SUCCESS)
      return out;
    for (LDAPControl** control = controls; control != nullptr && *control != nullptr; ++control) {
      if (std::string_view((*control)->ldctl_oid) != control::kPagedResults) continue;
      const std::string_view value((*control)->ldctl_value.bv_val, (*control)->ldctl_value.bv_len);
      if (auto page = decode_paged_results(as_bytes(value))) out = std::move(page->cookie);
    }
    ldap_controls_free(controls);
    return out;
  }

  struct Range {
    std::string dn;
    std::string attribute;
    std::size_t next = 0;
  };

  ClientOptions options_;
  std::mutex mutex_;
  Handle handle_;
  mutable std::vector<Range> ranges_;
};

}  // namespace

Result<std::unique_ptr<Directory>> connect(const ClientOptions& options) {
  auto client = std::make_unique<Client>(options);
  MIMICA_RETURN_IF_FAULT(client->open());
  return std::unique_ptr<Directory>(std::move(client));
}

}  // namespace mimica::ldap
