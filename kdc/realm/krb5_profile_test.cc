#include "kdc/realm/krb5_profile.h"

#include <gmock/gmock.h>

namespace mimica::kdc {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RealmFiles files() {
  RealmFiles out;
  out.realm = "CONTOSO.COM";
  out.domain = "contoso.com";
  out.kdc_host_names = {"dc01.contoso.com"};
  out.port = 61088;
  out.folder = "/tmp/lab";
  out.module_folder = "/opt/mimica";
  out.socket = "/tmp/lab/kdc";
  return out;
}

TEST(Krb5Profile, ClientsFindTheRealmWithoutDns) {
  const std::string text = client_profile(files());
  EXPECT_THAT(text, HasSubstr("default_realm = CONTOSO.COM\n"));
  EXPECT_THAT(text, HasSubstr("dns_lookup_kdc = false\n"));
  EXPECT_THAT(text, HasSubstr("kdc = 127.0.0.1:61088\n"));
  EXPECT_THAT(text, HasSubstr("pkinit_kdc_hostname = dc01.contoso.com\n"));
  EXPECT_THAT(text, HasSubstr(".contoso.com = CONTOSO.COM\n"));
}

TEST(Krb5Profile, TheServerListensOnLoopbackAndLoadsOnlyOurModule) {
  const std::string text = server_profile(files());
  EXPECT_THAT(text, HasSubstr("kdc_listen = 127.0.0.1:61088\n"));
  EXPECT_THAT(text, HasSubstr("enable_only = mimica\n"));
  EXPECT_THAT(text, HasSubstr("socket = /tmp/lab/kdc\n"));
  EXPECT_THAT(text, HasSubstr("pkinit_identity = FILE:/tmp/lab/kdc.pem,/tmp/lab/kdc-key.pem\n"));
}

TEST(Krb5Profile, WithoutACertificateTheServerOffersNoPkinit) {
  RealmFiles without = files();
  without.has_kdc_certificate = false;
  EXPECT_THAT(server_profile(without), Not(HasSubstr("pkinit")));
}

}  // namespace
}  // namespace mimica::kdc
