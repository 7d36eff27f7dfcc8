// Runs kdc/pkinit/decision_table.json: each row gets a directory, an account and a real certificate, and logs on.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "kdc/mapping/key_credential.h"
#include "kdc/rules.h"
#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;
namespace json = boost::json;

const json::array& table() {
  static const json::value document = [] {
    std::ifstream file(std::string(MIMICA_SOURCE_DIR) + "/kdc/pkinit/decision_table.json");
    std::ostringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
  }();
  return document.at("rows").as_array();
}

std::string text_of(const json::object& object, std::string_view name, std::string_view otherwise = {}) {
  const json::value* value = object.if_contains(name);
  return std::string(value == nullptr || value->is_null() ? otherwise : std::string_view(value->as_string()));
}

std::vector<std::string> texts_of(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  if (const json::value* value = object.if_contains(name))
    for (const json::value& text : value->as_array()) out.emplace_back(text.as_string());
  return out;
}

std::vector<Oid> oids_of(const json::object& object, std::string_view name) {
  std::vector<Oid> out;
  for (const std::string& text : texts_of(object, name)) out.push_back(must(Oid::parse(text)));
  return out;
}

std::string with(std::string text, std::string_view placeholder, std::string_view value) {
  for (std::size_t at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + value.size()))
    text.replace(at, placeholder.size(), value);
  return text;
}

KdcConfig config_of(const json::object& given, const Certificate& issuer) {
  KdcConfig config;
  std::map<std::string_view, bool*> switches = {
      {"UseSubjectAltName", &config.UseSubjectAltName},
      {"revocation_unknown_ignored", &config.revocation_unknown_ignored},
      {"has_kdc_certificate", &config.has_kdc_certificate},
      {"uri_mismatch_refused", &config.uri_mismatch_refused},
      {"uri_list_accepted", &config.uri_list_accepted},
      {"sid_alone_maps", &config.sid_alone_maps},
      {"unresolved_upn_refused", &config.unresolved_upn_refused},
      {"computer_upn_maps", &config.computer_upn_maps},
      {"nt_auth_before_upn", &config.nt_auth_before_upn},
      {"nt_auth_bypass_all_forms", &config.nt_auth_bypass_all_forms},
      {"sha1_pukey_takes_key_hash", &config.sha1_pukey_takes_key_hash},
      {"password_change_refused", &config.password_change_refused},
      {"application_policies_count", &config.application_policies_count},
  };
  for (const auto& [name, value] : given) {
    if (name == "profile")
      config.profile = profile_named(std::string_view(value.as_string())).value();
    else if (name == "StrongCertificateBindingEnforcement")
      config.StrongCertificateBindingEnforcement = value.to_number<int>();
    else if (name == "CertificateBackdatingCompensation")
      config.CertificateBackdatingCompensation = value.to_number<Seconds>();
    else if (name == "AllowNtAuthPolicyBypass")
      config.AllowNtAuthPolicyBypass = value.to_number<int>();
    else if (name == "os_version")
      config.os_version = value.to_number<int>();
    else if (name == "StrongNameMatches")
      for (const std::string& rule : texts_of(given, name))
        config.StrongNameMatches.push_back(with(rule, "{ca_thumbprint}", to_hex(issuer.thumbprint())));
    else
      *switches.at(name) = value.as_bool();
  }
  return config;
}

class DecisionTable : public DirectoryLab, public ::testing::WithParamInterface<std::size_t> {
 protected:
  struct Answer {
    LogonDecision decision;
    std::string why;
  };

  Answer run() {
    const Timestamp when = at(text_of(row_, "at"));
    make_account();
    const Certificate certificate = make_certificate();
    configure_account(certificate);
    publish_lists(certificate, when);
    const KdcConfig config = config_of(row_.at("config").as_object(), test_pki().ca.certificate);
    LogonRequest request{text_of(row_, "as", name_), certificate, {}};
    auto decided = must(logon(*directory, revocation, request, config, when));
    std::string why = explain(decided.decision.trace, text_of(row_, "id"), decided.decision.code, Colour::none);
    return {std::move(decided), std::move(why)};
  }

  const json::object& row_ = table().at(GetParam()).as_object();

 private:
  bool is_computer() const { return text_of(account_, "kind") == "computer"; }

  void make_account() {
    clock.set(at(text_of(account_, "created")));
    name_ = is_computer() ? "PC-07$" : "alice";
    if (is_computer())
      must(ldap::add_computer(*directory, contexts, {.name = "PC-07"}));
    else
      must(ldap::add_user(*directory, contexts, {.name = "alice"}));
  }

  Sid sid_named(std::string_view which) { return account(which == "own" ? name_ : "bob").sid; }

  LeafSpec leaf() {
    LeafSpec spec;
    spec.subject = text_of(certificate_, "subject", "CN=" + with(name_, "$", ""));
    spec.not_before = at(text_of(certificate_, "not_before"));
    spec.not_after = spec.not_before + 365 * kDay;
    if (const std::string name = text_of(certificate_, "upn"); !name.empty()) spec.names.push_back(upn(name));
    for (const std::string& name : texts_of(certificate_, "dns")) spec.names.push_back(dns(name));
    if (const std::string mail = text_of(certificate_, "email"); !mail.empty()) spec.names.push_back(email(mail));
    if (const std::string text = text_of(certificate_, "uri"); text == "own" || text == "other")
      spec.names.push_back(uri(sid_uri(sid_named(text))));
    else if (!text.empty())
      spec.names.push_back(uri(with(text, "{own}", sid_named("own").to_string())));
    if (const std::string text = text_of(certificate_, "sid"); text == "malformed")
      spec.sid_value = to_bytes("S-1-5-21");
    else if (!text.empty())
      spec.sid = sid_named(text);
    if (const json::value* eku = certificate_.if_contains("eku"))
      spec.purposes = eku->is_null() ? std::nullopt : std::optional(oids_of(certificate_, "eku"));
    spec.policies = oids_of(certificate_, "policies");
    spec.application_policies = oids_of(certificate_, "application_policies");
    return spec;
  }

  Certificate make_certificate() {
    const std::string issuer = text_of(certificate_, "issuer", "lab");
    if (issuer == "self") return TestCa{"CN=S-1-12-1-1", rsa_key()}.certificate;
    static const TestCa second{"CN=CONTOSO-CA2,DC=contoso,DC=com", key(2), &test_pki().root};
    static const TestCa rogue_root{"CN=ROGUE-ROOT", key(3)};
    static const TestCa rogue{"CN=CONTOSO-CA,DC=contoso,DC=com", key(4), &rogue_root};
    issuer_ = issuer == "not-in-ntauth" ? &second : issuer == "rogue" ? &rogue : &test_pki().ca;
    if (issuer_ == &second) publish(contexts.aia(), "CONTOSO-CA2", second.certificate);
    return issuer_->issue(leaf());
  }

  std::string mapping(const std::string& wanted, const Certificate& certificate) {
    const auto value = [&](IdentityForm form) { return to_string(must(identity_for(form, certificate))); };
    if (const auto form = identity_form_named(wanted)) return value(*form);
    const auto after = [&](IdentityForm form, std::string_view tag) {
      const std::string text = value(form);
      return text.substr(text.find(tag) + tag.size());
    };
    std::string out = with(wanted, "{ski}", after(IdentityForm::subject_key_identifier, "<SKI>"));
    out = with(out, "{thumbprint}", after(IdentityForm::sha1_public_key, "<SHA1-PUKEY>"));
    out = with(out, "{serial}", after(IdentityForm::issuer_serial, "<SR>"));
    return with(out, "{issuer in lower case}", to_lower(after(IdentityForm::issuer, "<I>")));
  }

  void configure_account(const Certificate& certificate) {
    std::vector<std::string> values;
    for (const std::string& wanted : texts_of(account_, "mappings")) values.push_back(mapping(wanted, certificate));
    if (!values.empty()) set(name_, "altSecurityIdentities", values);
    if (const std::string owner = text_of(account_, "key_credential_of"); !owner.empty()) {
      const ldap::Account holder = account(owner == "account" ? name_ : "bob");
      const Bytes blob = must(make_key_credential(certificate.public_key(), {}, holder.when_created));
      set(holder.sam_account_name, "msDS-KeyCredentialLink", {dn_binary(blob, holder.dn)});
    }
    if (const json::value* state = account_.if_contains("state"))
      for (const auto& [attribute, value] : state->as_object()) {
        constexpr std::string_view kBase64 = "base64:";
        std::string text(value.as_string());
        if (text.starts_with(kBase64)) text = mimica::to_string(BytesView(*from_base64(text.substr(kBase64.size()))));
        set(name_, std::string(attribute), {std::move(text)});
      }
  }

  void publish_lists(const Certificate& certificate, Timestamp when) {
    revocation.lists.clear();
    const std::string status = text_of(certificate_, "status");
    if (issuer_ == nullptr || status == "unknown") return;
    std::vector<Bytes> revoked;
    if (status == "revoked") revoked.push_back(certificate.serial());
    revocation.lists.emplace(kCrlUrl, issuer_->crl(revoked, when - kDay, when + kDay));
  }

  const json::object& account_ = row_.at("account").as_object();
  const json::object& certificate_ = row_.at("certificate").as_object();
  std::string name_;
  const TestCa* issuer_ = nullptr;
};

TEST_P(DecisionTable, Row) {
  const Answer got = run();
  const json::object& expected = row_.at("expect").as_object();
  const auto& decision = got.decision.decision;
  const std::string code = text_of(expected, "code");
  EXPECT_EQ(decision ? "KDC_ERR_NONE" : std::string(symbol(decision.code)), code) << got.why;
  std::ostringstream status;
  status << "0x" << std::hex << static_cast<int>(std::get<KrbError>(code_named(code).value()));
  EXPECT_EQ(got.decision.audit["Status"], status.str());
  ASSERT_FALSE(decision.trace.empty());
  EXPECT_EQ(decision ? decision.trace.steps().back().rule->id : decision.rule(), text_of(expected, "rule")) << got.why;
  std::vector<std::string> events, wanted;
  for (const Event& event : got.decision.events)
    events.push_back(std::to_string(event.id()) + " " + std::string(to_string(event.level)));
  for (const json::value& event : expected.at("events").as_array())
    wanted.push_back(std::to_string(event.at("id").to_number<int>()) + " " +
                     std::string(std::string_view(event.at("level").as_string())));
  EXPECT_EQ(events, wanted) << got.why;
}

std::string test_name(const ::testing::TestParamInfo<std::size_t>& row) {
  std::string name = text_of(table().at(row.param).as_object(), "id");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Kdc, DecisionTable, ::testing::Range<std::size_t>(0, table().size()), test_name);

}  // namespace
}  // namespace mimica::kdc
