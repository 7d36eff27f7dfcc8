#include "connector/device/device.h"

#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"
#include "core/pki/pfx.h"

namespace mimica::connector {
namespace {

using testing::kNow;
using testing::kQuickKey;
using testing::laptop;
using testing::SigningAuthority;
using testing::windows_user_profile;

// A PFX as the connector would upload it, with a certificate made to order.
struct Parcel {
  KeySpec key = kQuickKey;
  Bytes key_usage = {0xA0};
  Timestamp not_before = kNow;
  Timestamp not_after = kNow + 365 * kDay;
  bool with_chain = true;
};

class Installation : public ::testing::Test {
 protected:
  Device made(Enrollment enrollment, bool with_root = true) {
    ManagedDevice record = laptop();
    record.enrollment = enrollment;
    Device device(record);
    EXPECT_TRUE(device.enrol(record.id, keys, kNow));
    if (with_root) {
      EXPECT_TRUE(device.install_trusted_root(
          testing::root_profile("windows81TrustedRootCertificate", "root", authority.root), kNow));
    }
    return device;
  }
  EncryptedPfx parcel(const Device& device, const Parcel& spec = {}) {
    const PrivateKey key = *PrivateKey::generate(spec.key);
    CertificateFields fields;
    fields.serial = {0x42, serial++};
    fields.issuer_der = to_bytes(authority.issuing.subject_der());
    fields.subject_der = SigningAuthority::common_name("Jane Doe").to_der();
    fields.not_before = spec.not_before;
    fields.not_after = spec.not_after;
    fields.spki = key.public_key().spki();
    fields.extensions.push_back({oids::kKeyUsage, true, ext::key_usage(spec.key_usage)});
    Pfx pfx;
    pfx.key = key;
    pfx.certificate = *Certificate::parse(*sign_certificate(fields, authority.issuing_key, Digest::sha256));
    if (spec.with_chain) pfx.chain = {authority.issuing};
    last = pfx.certificate.thumbprint();
    const Bytes file = *make_pfx(pfx, "secret");
    return {*cms_encrypt(file, device.management_certificate()),
            *cms_encrypt(as_bytes("secret"), device.management_certificate())};
  }
  Decision<StoredCertificate> install(Device& device, const Parcel& spec = {}, Timestamp at = kNow) {
    return device.install_pfx(parcel(device, spec), profile, at);
  }
  SigningAuthority authority;
  FreshKeys keys;
  Profile profile = windows_user_profile();
  std::uint8_t serial = 1;
  Bytes last;
};

TEST_F(Installation, TheKeyDoesNotLeaveTheDevice) {
  Device device = made(Enrollment::windows);
  const auto installed = install(device);
  ASSERT_TRUE(installed) << explain(installed.trace);
  EXPECT_FALSE(installed.granted->exportable);
  EXPECT_EQ(installed.granted->store, DeviceStore::my_user);
  const auto exported = device.export_pfx(last);
  EXPECT_EQ(exported.rule(), "connector.device.private_key_export");
  EXPECT_EQ(exported.code, Code(HResult::NTE_BAD_KEY_STATE));
  EXPECT_EQ(device.export_pfx(Bytes(20)).rule(), "connector.device.certificate");
  const auto used = device.use_key("edge", last, false);
  ASSERT_TRUE(used);
  EXPECT_EQ(used.granted->public_key().spki(), installed.granted->certificate.public_key().spki());
}

TEST_F(Installation, AnotherManagementKeyCannotOpenIt) {
  Device device = made(Enrollment::windows);
  const EncryptedPfx payload = parcel(device);
  ASSERT_TRUE(device.enrol(device.record().id, keys, kNow));
  EXPECT_EQ(device.install_pfx(payload, profile, kNow).rule(), "connector.device.decrypt");
  EncryptedPfx broken = parcel(device);
  broken.pfx.resize(broken.pfx.size() / 2);
  EXPECT_EQ(device.install_pfx(broken, profile, kNow).rule(), "connector.device.decrypt");
  device.wipe();
  EXPECT_EQ(device.install_pfx(payload, profile, kNow).rule(), "connector.device.enrolled");
}

TEST_F(Installation, TheChainMustEndInARootOnTheDevice) {
  Device device = made(Enrollment::windows, false);
  const auto refused = install(device);
  EXPECT_EQ(refused.rule(), "connector.device.trusted_root");
  EXPECT_NE(refused.code, Code(HResult::S_OK));
  Device rooted = made(Enrollment::windows);
  EXPECT_TRUE(install(rooted).trace.has("connector.device.trusted_root", Verdict::pass));
  Parcel bare;
  bare.with_chain = false;
  EXPECT_EQ(install(rooted, bare).rule(), "connector.device.trusted_root");
  Profile intermediate = testing::root_profile("windows81TrustedRootCertificate", "issuing", authority.issuing);
  intermediate.id = "i";
  intermediate.trusted_root()->destination = DestinationStore::computer_intermediate;
  ASSERT_EQ(*rooted.install_trusted_root(intermediate, kNow).granted, DeviceStore::intermediate);
  EXPECT_TRUE(install(rooted, bare));
  // The issuing certificate alone, in the root store, anchors nothing.
  intermediate.trusted_root()->destination = DestinationStore::computer_root;
  ASSERT_TRUE(device.install_trusted_root(intermediate, kNow));
  EXPECT_EQ(install(device).rule(), "connector.device.trusted_root");
}

TEST_F(Installation, OnlyAuthorityCertificatesAreRoots) {
  Device device = made(Enrollment::windows);
  Profile root = testing::root_profile("windows81TrustedRootCertificate", "r", authority.root);
  root.trusted_root()->certificate =
      SigningAuthority::sign("leaf", "CONTOSO-CA", authority.issuing_key, authority.issuing_key, 7, false).der();
  EXPECT_EQ(device.install_trusted_root(root, kNow).rule(), "connector.profile.root_content");
  root.trusted_root()->certificate = {1, 2, 3};
  EXPECT_EQ(device.install_trusted_root(root, kNow).rule(), "connector.profile.root_content");
  root.trusted_root()->certificate.clear();
  EXPECT_EQ(device.install_trusted_root(root, kNow).rule(), "connector.profile.root_content");
  EXPECT_EQ(device.install_trusted_root(windows_user_profile(), kNow).rule(), "connector.profile.root_content");
}

TEST_F(Installation, NearExpiryIsRefused) {
  Device device = made(Enrollment::windows);
  Parcel short_lived;
  short_lived.not_after = kNow + 4 * kDay;
  EXPECT_TRUE(install(device, short_lived));
  const auto late = install(device, short_lived, kNow + 3 * kDay + kHour);
  EXPECT_EQ(late.rule(), "connector.device.near_expiry");
  EXPECT_EQ(late.code, Code(HResult::CERT_E_EXPIRED));
  EXPECT_EQ(install(device, {}, kNow + 330 * kDay).rule(), "connector.device.near_expiry");
  EXPECT_TRUE(install(device, {}, kNow + 300 * kDay));
}

TEST_F(Installation, IosAndProofOfOrigin) {
  Device phone = made(Enrollment::ios);
  profile = *make_profile("iosPkcsCertificateProfile", "ios");
  Parcel signing;
  signing.key_usage = {0xE0};
  const auto refused = install(phone, signing);
  EXPECT_EQ(refused.rule(), "connector.device.proof_of_origin");
  EXPECT_EQ(refused.code, Code(HResult::CERT_E_WRONG_USAGE));
  EXPECT_TRUE(install(phone).trace.has("connector.device.proof_of_origin", Verdict::pass));
  phone.policy().refuse_proof_of_origin = false;
  EXPECT_TRUE(install(phone, signing).trace.has("connector.device.proof_of_origin", Verdict::warn));
  Device laptop_device = made(Enrollment::windows);
  profile = windows_user_profile();
  EXPECT_TRUE(install(laptop_device, signing));
}

TEST_F(Installation, KeyStorageProviders) {
  Device device = made(Enrollment::windows);
  Parcel rsa;
  rsa.key = {KeyKind::rsa, 2048};
  Parcel large;
  large.key = {KeyKind::rsa, 3072};
  const auto with = [&](KeyStorageProvider provider, const Parcel& spec) {
    profile.pkcs()->key_storage = provider;
    return install(device, spec);
  };
  using K = KeyStorageProvider;
  EXPECT_EQ(with(K::software, large).granted->location, KeyLocation::software);
  EXPECT_EQ(with(K::tpm_else_fail, rsa).granted->location, KeyLocation::tpm);
  EXPECT_EQ(with(K::tpm_else_fail, large).code, Code(HResult::NTE_NOT_SUPPORTED));
  EXPECT_EQ(with(K::tpm_else_software, large).rule(), "connector.device.key_storage");
  device.policy().tpm_falls_back_for_large_keys = true;
  EXPECT_EQ(with(K::tpm_else_software, large).granted->location, KeyLocation::software);
  EXPECT_EQ(with(K::hello_else_fail, rsa).code, Code(HResult::NTE_DEVICE_NOT_READY));
  device.traits().hello_provisioned = true;
  EXPECT_EQ(with(K::hello_else_fail, rsa).granted->location, KeyLocation::hello);
  EXPECT_EQ(with(K::hello_else_fail, large).code, Code(HResult::NTE_NOT_SUPPORTED));
  device.traits().tpm = false;
  EXPECT_EQ(with(K::tpm_else_fail, rsa).code, Code(HResult::NTE_DEVICE_NOT_READY));
  EXPECT_EQ(with(K::tpm_else_software, rsa).granted->location, KeyLocation::software);
  Device mac = made(Enrollment::macos);
  EXPECT_TRUE(install(mac, large).trace.has("connector.device.key_size", Verdict::warn));
  EXPECT_TRUE(install(mac, rsa).trace.has("connector.device.key_size", Verdict::pass));
}

TEST_F(Installation, MacKeychainsFollowTheChannel) {
  Device mac = made(Enrollment::macos);
  profile = *make_profile("macOSPkcsCertificateProfile", "mac");
  profile.pkcs()->store = CertificateStore::user;
  profile.pkcs()->channel = DeploymentChannel::user;
  EXPECT_EQ(install(mac).granted->store, DeviceStore::user_keychain);
  profile.pkcs()->channel = DeploymentChannel::device;
  const auto discouraged = install(mac);
  EXPECT_EQ(discouraged.granted->store, DeviceStore::system_keychain);
  EXPECT_TRUE(discouraged.trace.has("connector.profile.channel", Verdict::warn));
  profile.pkcs()->store = CertificateStore::machine;
  EXPECT_EQ(install(mac).granted->store, DeviceStore::system_keychain);
  EXPECT_EQ(mac.use_key("vpn", last, false).rule(), "connector.device.key_access");
  profile.pkcs()->allow_all_apps = true;
  ASSERT_TRUE(install(mac));
  EXPECT_TRUE(mac.use_key("vpn", last, false));
}

TEST_F(Installation, AndroidHidesAndGuardsTheCertificate) {
  Device phone = made(Enrollment::android_fully_managed);
  profile = *make_profile("androidDeviceOwnerPkcsCertificateProfile", "owner");
  profile.pkcs()->access = CertificateAccess::specific_apps;
  profile.pkcs()->silent_packages = {"com.android.chrome"};
  ASSERT_TRUE(install(phone));
  EXPECT_TRUE(phone.visible_certificates().empty());
  EXPECT_EQ(phone.in(DeviceStore::android_keystore).size(), 1u);
  EXPECT_TRUE(phone.use_key("com.android.chrome", last, false));
  const auto refused = phone.use_key("com.example.vpn", last, false);
  EXPECT_EQ(refused.rule(), "connector.device.key_access");
  EXPECT_EQ(refused.code, Code(HResult::E_ACCESSDENIED));
  EXPECT_TRUE(phone.use_key("com.example.vpn", last, true));
  EXPECT_TRUE(phone.use_key("com.example.vpn", last, false));  // remembered
  Device windows_device = made(Enrollment::windows);
  profile = windows_user_profile();
  ASSERT_TRUE(install(windows_device));
  EXPECT_EQ(windows_device.visible_certificates().size(), 1u);
}

TEST_F(Installation, ReplacementAndRemoval) {
  Device device = made(Enrollment::windows);
  profile.id = "p";
  ASSERT_TRUE(install(device));
  ASSERT_TRUE(install(device));
  EXPECT_EQ(device.in(DeviceStore::my_user).size(), 2u);
  device.policy().replaced_certificate_stays = false;
  ASSERT_TRUE(install(device));
  EXPECT_EQ(device.in(DeviceStore::my_user).size(), 1u);
  EXPECT_EQ(device.find("p")->certificate.thumbprint(), last);
  EXPECT_TRUE(device.remove(last));
  EXPECT_FALSE(device.remove(last));
  EXPECT_FALSE(device.use_key("edge", last, true));
  device.wipe();
  EXPECT_TRUE(device.certificates().empty());
  EXPECT_FALSE(device.enrolled());
}

}  // namespace
}  // namespace mimica::connector
