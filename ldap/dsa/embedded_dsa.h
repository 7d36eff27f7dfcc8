// The embedded directory's state and rules, behind dsa.h.
#pragma once

#include <atomic>
#include <shared_mutex>
#include <unordered_map>

#include "ldap/dsa/dsa.h"
#include "ldap/store/match.h"
#include "ldap/store/store.h"

namespace mimica::ldap {

// Attributes that the rules name.
struct KnownAttributes {
  const AttributeType &object_class, &object_category, &object_guid, &object_sid, &sam_account_name, &sam_account_type,
      &user_principal_name, &service_principal_name, &user_account_control, &primary_group_id, &group_type, &member,
      &member_of, &name, &cn, &instance_type, &when_created, &when_changed, &usn_created, &usn_changed, &descriptor,
      &distinguished_name, &hidden, &critical, &system_flags, &unicode_password, &user_password, &password_last_set,
      &account_expires;
};
const KnownAttributes& known();

bool is_administrator(const Caller& caller, const Sid& domain);

class EmbeddedDsa final : public Dsa {
 public:
  EmbeddedDsa(const ForestOptions& options, const Clock& clock, Entropy& entropy);
  Result<void> build_forest(const ForestOptions& options);  // forest.cc

  Result<SearchAnswer> search(const Caller&, const SearchRequest&, const SearchOptions&) override;
  Result<SearchAnswer> search(const Caller&, const SearchRequest&, const Filter&, const SearchOptions&) override;
  Result<void> add(const Caller&, const Entry&) override;
  Result<void> modify(const Caller&, std::string_view dn, const std::vector<Modification>&,
                      const WriteOptions&) override;
  Result<void> modify_dn(const Caller&, std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                         const std::optional<std::string>& new_superior) override;
  Result<void> remove(const Caller&, std::string_view dn, const WriteOptions&) override;
  Result<bool> compare(const Caller&, std::string_view dn, std::string_view attribute, std::string_view value) override;
  Result<Caller> bind(std::string_view name, std::string_view password) override;
  Result<Caller> impersonate(std::string_view account_name) override;
  void set_password(std::string_view dn, std::string_view password) override;
  std::optional<Password> password(std::string_view dn) const override;
  const NamingContexts& naming_contexts() const override { return contexts_; }
  const Sid& domain_sid() const override { return domain_sid_; }
  const std::string& netbios_name() const override { return netbios_name_; }
  const std::string& dns_name() const override { return dns_name_; }

 private:
  // dsa_search.cc
  struct Selection {
    bool user_attributes = false;
    bool operational_attributes = false;
    std::vector<const AttributeType*> named;
    bool names(const AttributeType& type) const;
  };
  Selection select(const std::vector<std::string>& attributes) const;
  Result<RecordId> resolve_base(std::string_view base) const;
  Fault missing(std::string_view dn) const;  // noSuchObject, or a referral for a name outside the naming contexts
  std::vector<RecordId> scope_members(RecordId base, Scope scope) const;
  bool in_scope(const Record& record, RecordId base, Scope scope) const;
  Result<Entry> render(const Record& record, const Selection& selection, const Caller& caller,
                       const SearchOptions& options, Scope scope) const;
  std::optional<std::string> render_descriptor(const Record& record, const Selection& selection, const Caller& caller,
                                               const SearchOptions& options) const;
  std::vector<std::string> computed_values(const Record& record, const AttributeType& type) const;
  std::vector<std::string> subordinate_references(RecordId base) const;
  Entry root_dse(const Caller& caller, const std::vector<std::string>& attributes) const;  // dsa_root.cc
  std::vector<std::string> subschema_values(const AttributeType& type) const;
  bool is_subschema(const Record& record) const;

  // dsa_accounts.cc
  const Record* find_account(std::string_view name) const;
  std::set<Sid> token_groups(const Record& account) const;
  Caller caller_for(const Record& account) const;
  std::string principal_name(const Record& account) const;
  void store_password(RecordId id, std::string_view password);

  // dsa_write.cc
  struct Passwords {                      // what a request says about unicodePwd and userPassword
    std::optional<std::string> now = {};  // to be set
    std::optional<std::string> old = {};  // given by a user who changes the own password
  };
  Result<void> check_place(const Caller& caller, const Record& parent, const ObjectClass& object_class) const;
  Result<Record> draft_add(const Caller& caller, const Entry& entry, Passwords& passwords);
  Result<void> take_attributes(const Caller& caller, const Entry& entry, Record& record, Passwords& passwords) const;
  Result<void> apply_change(const Caller& caller, Record& record, const Modification& change,
                            const WriteOptions& options, Passwords& passwords) const;
  Result<void> change_values(Record& record, const AttributeType& type, const Modification& change,
                             bool permissive) const;
  Result<void> check_password_change(const Caller& caller, const Record& record, const Passwords& passwords) const;
  void add_defaults(const Caller& caller, Record& record);
  void add_account_defaults(Record& record);
  void update_account_type(Record& record) const;
  void touch(Record& record);
  void remove_subtree(RecordId id);

  // dsa_checks.cc
  Result<std::vector<std::string>> checked_values(const AttributeType& type,
                                                  const std::vector<std::string>& values) const;
  Result<std::vector<const ObjectClass*>> checked_classes(const std::vector<std::string>& names) const;
  Result<void> check_record(const Record& record) const;
  Result<void> check_unique(const Record& record) const;

  // dsa_access.cc
  Result<void> may_write(const Caller& caller, const Record& record, const AttributeType& type) const;
  bool holds_right(const Caller& caller, const Record& record, std::uint32_t right,
                   std::string_view object_type = {}) const;
  std::string new_descriptor(const Caller& caller, const Record* parent, const ObjectClass& object_class,
                             std::string_view requested, bool in_domain);
  std::string changed_descriptor(const Caller& caller, const Record& record, std::string_view requested,
                                 std::uint32_t parts) const;
  Sid default_owner(const Caller& caller, bool in_domain) const;
  void propagate_descriptor(RecordId from);  // inherited ACEs of everything below

  // schema_objects.cc: the objects below the schema naming context are made on first use, under the exclusive lock
  void load_schema_objects();
  bool needs_schema_objects(std::string_view dn) const;

  // forest.cc
  Result<void> put(Entry entry, std::string_view sddl = {}, std::string_view password = {});
  Result<void> put_head(Entry entry, std::string_view sddl);
  Result<void> build_domain(const ForestOptions& options);
  Result<void> build_groups();
  Result<void> build_configuration();
  Result<void> build_public_key_services();

  const Clock& clock_;
  Entropy& entropy_;
  mutable std::shared_mutex mutex_;
  Store store_;
  std::unordered_map<RecordId, Password> passwords_;
  NamingContexts contexts_;
  std::string schema_key_;  // normalised DN of the schema naming context
  Sid domain_sid_;
  std::string netbios_name_, dns_name_, dc_host_, dc_dn_, server_dn_;
  std::int64_t usn_ = 4096;
  std::uint32_t next_rid_ = 1103;  // 1000 is the domain controller, 1101 and 1102 the DNS groups
  std::string schema_seed_;
  std::atomic<bool> schema_loaded_ = false;
  std::vector<std::optional<SecurityDescriptor>> class_descriptors_;  // parsed defaultSecurityDescriptor by class index
};

}  // namespace mimica::ldap
