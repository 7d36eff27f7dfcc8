#include "kdc/realm/realm.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;
using krb5kdc::AuditNotice;
using krb5kdc::AuthorizeAnswer;
using krb5kdc::AuthorizeQuery;
using krb5kdc::Principal;
using krb5kdc::PrincipalAnswer;
using krb5kdc::PrincipalQuery;

// Says what it was asked, so that tests see the password and the salt.
class SpellingKeyMaker final : public KeyMaker {
 public:
  Result<std::vector<krb5kdc::Key>> from_password(std::string_view password, std::string_view salt) override {
    ++made;
    return std::vector<krb5kdc::Key>{{18, to_bytes(password), std::string(salt)}};
  }
  int made = 0;
};

class RealmTest : public DirectoryLab {
 protected:
  RealmTest() {
    now.set(kNow);
    dsa->set_password(account("jane").dn, "Secret1!");
    RealmEnvironment environment;
    environment.directory = directory.get();
    environment.password = [this](const ldap::Account& one) { return dsa->password(one.dn); };
    environment.revocation = &revocation;
    environment.config = [this] { return config; };
    environment.clock = &now;
    environment.keys = &keys;
    environment.ticket_granting_password = "krbtgt's";
    environment.decided = [this](const LogonDecision& one) { decided.push_back(static_cast<bool>(one.decision)); };
    environment.audited = [this](const Event& event) { audited.push_back(event); };
    realm = must(Realm::open(std::move(environment)));
  }

  PrincipalAnswer ask(Principal name, bool client) {
    return std::get<PrincipalAnswer>(realm->answer(PrincipalQuery{std::move(name), client}));
  }
  static Principal user(std::string name) { return {krb5kdc::name_type::kPrincipal, {std::move(name)}, "CONTOSO.COM"}; }
  AuthorizeAnswer authorize(std::string name, const Certificate& certificate) {
    return std::get<AuthorizeAnswer>(
        realm->answer(AuthorizeQuery{user(std::move(name)), to_bytes(BytesView(certificate.der())), {}}));
  }

  SimClock now{kNow};
  KdcConfig config;
  SpellingKeyMaker keys;
  std::vector<bool> decided;
  std::vector<Event> audited;
  std::unique_ptr<Realm> realm;
};

TEST_F(RealmTest, ClientsAreCanonicalAccountsWithTheirKeys) {
  for (const Principal& name :
       {user("JANE"), Principal{krb5kdc::name_type::kEnterprise, {"jane@contoso.com"}, "CONTOSO.COM"}}) {
    const PrincipalAnswer found = ask(name, true);
    ASSERT_TRUE(found.found);
    EXPECT_EQ(found.name, user("jane"));
    EXPECT_EQ(found.key_version, 1);
    ASSERT_EQ(found.keys.size(), 1U);
    EXPECT_EQ(found.keys[0].salt, "CONTOSO.COMjane");
    EXPECT_TRUE(found.requires_preauth);
    EXPECT_EQ(found.refusal, 0);
  }
  EXPECT_EQ(keys.made, 1) << "derived once";
  EXPECT_FALSE(ask(user("nobody"), true).found);
  EXPECT_FALSE(ask({1, {"jane"}, "FABRIKAM.COM"}, true).found);
  EXPECT_TRUE(ask(user("bob"), true).keys.empty()) << "no password, but certificates work";
}

TEST_F(RealmTest, ANewPasswordIsANewKeyVersion) {
  EXPECT_EQ(ask(user("jane"), true).key_version, 1);
  dsa->set_password(account("jane").dn, "Secret2!");
  const PrincipalAnswer found = ask(user("jane"), true);
  EXPECT_EQ(found.key_version, 2);
  EXPECT_EQ(found.keys[0].value, to_bytes(std::string_view("Secret2!")));
}

TEST_F(RealmTest, AccountsThatMayNotLogOnSayWhy) {
  set("jane", "userAccountControl", {"514"});
  const PrincipalAnswer found = ask(user("jane"), true);
  EXPECT_EQ(found.refusal, static_cast<int>(KrbError::KDC_ERR_CLIENT_REVOKED));
  EXPECT_NE(found.refusal_text.find("kdc.account.enabled"), std::string::npos);
}

TEST_F(RealmTest, PreauthenticationFollowsTheAccount) {
  set("jane", "userAccountControl", {"4194816"});
  EXPECT_FALSE(ask(user("jane"), true).requires_preauth);
}

TEST_F(RealmTest, ServicesAreAccountsWithAServiceName) {
  dsa->set_password(account("LAPTOP-01$").dn, "Machine1!");
  const Principal host{krb5kdc::name_type::kService, {"host", "laptop-01.contoso.com"}, "CONTOSO.COM"};
  const PrincipalAnswer found = ask(host, false);
  ASSERT_TRUE(found.found);
  EXPECT_TRUE(found.may_be_service);
  EXPECT_EQ(found.name, host) << "as it was asked for";
  EXPECT_EQ(found.keys.at(0).salt, "CONTOSO.COMhostlaptop-01.contoso.com");
  EXPECT_FALSE(ask(user("jane"), false).may_be_service);
  set("jane", "servicePrincipalName", {"HTTP/www.contoso.com"});
  EXPECT_TRUE(ask(user("jane"), false).may_be_service);
}

TEST_F(RealmTest, TheTicketGrantingServiceHasTheRealmsOwnKeys) {
  const PrincipalAnswer found = ask({2, {"krbtgt", "CONTOSO.COM"}, "CONTOSO.COM"}, false);
  ASSERT_TRUE(found.found);
  EXPECT_EQ(found.keys.at(0).value, to_bytes(std::string_view("krbtgt's")));
}

TEST_F(RealmTest, CertificatesAreDecidedAsALogon) {
  const Certificate strong = test_pki().ca.issue(jane_spec());
  const AuthorizeAnswer yes = authorize("jane", strong);
  EXPECT_EQ(yes.error, 0);
  EXPECT_EQ(yes.indicators, (std::vector<std::string>{"pkinit", "mapping:sid", "strong-mapping"}));
  LeafSpec weak = jane_spec();
  weak.sid.reset();
  const AuthorizeAnswer no = authorize("jane", test_pki().ca.issue(weak));
  EXPECT_EQ(no.error, static_cast<int>(KrbError::KDC_ERR_CERTIFICATE_MISMATCH));
  EXPECT_NE(no.text.find("kdc.mapping.strong"), std::string::npos);
  EXPECT_EQ(decided, (std::vector<bool>{true, false}));
  EXPECT_EQ(std::get<AuthorizeAnswer>(realm->answer(AuthorizeQuery{user("jane"), {1, 2}, {}})).error,
            static_cast<int>(KrbError::KDC_ERR_INVALID_CERTIFICATE));
}

TEST_F(RealmTest, EveryOutcomeIsAuditedOnce) {
  const Certificate strong = test_pki().ca.issue(jane_spec());
  authorize("jane", strong);
  const Principal tgs{2, {"krbtgt", "CONTOSO.COM"}, "CONTOSO.COM"};
  realm->answer(AuditNotice{user("jane"), tgs, 0, "127.0.0.1", 0});
  ASSERT_EQ(audited.size(), 1U);
  EXPECT_EQ(audited[0]["CertThumbprint"], to_hex_upper(strong.thumbprint()));
  EXPECT_EQ(audited[0]["IpAddress"], "::ffff:127.0.0.1");
  EXPECT_NE(audited[0].trace, nullptr);
  realm->answer(AuditNotice{user("jane"), tgs, 25, "127.0.0.1", 0});
  EXPECT_EQ(audited.size(), 1U) << "asking for pre-authentication is no outcome";
  realm->answer(AuditNotice{user("nobody"), tgs, 6, "127.0.0.1", 0});
  ASSERT_EQ(audited.size(), 2U);
  EXPECT_EQ(audited[1]["Status"], "0x6");
}

TEST_F(RealmTest, KeysForKeytabs) {
  EXPECT_EQ(must(realm->keys_of("jane")).keys.size(), 1U);
  const auto nobody = realm->keys_of("HTTP/nowhere.contoso.com");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Code{KrbError::KDC_ERR_S_PRINCIPAL_UNKNOWN});
  const auto keyless = realm->keys_of("bob");
  ASSERT_FALSE(keyless);
  EXPECT_EQ(keyless.error().code, Code{KrbError::KDC_ERR_NULL_KEY});
}

}  // namespace
}  // namespace mimica::kdc
