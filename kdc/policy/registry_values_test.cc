#include "kdc/policy/registry_values.h"

#include <gtest/gtest.h>

namespace mimica::kdc {
namespace {

TEST(KdcRegistry, ValuesAreSetByTheirNamesAndDeleted) {
  KdcConfig config;
  EXPECT_TRUE(set_registry_value(config, "strongcertificatebindingenforcement", "1"));
  EXPECT_EQ(config.StrongCertificateBindingEnforcement, 1);
  EXPECT_TRUE(set_registry_value(config, "StrongCertificateBindingEnforcement", std::nullopt));
  EXPECT_FALSE(config.StrongCertificateBindingEnforcement);
  EXPECT_TRUE(set_registry_value(config, "CertificateBackdatingCompensation", "0x5E0C89C0"));
  EXPECT_EQ(config.CertificateBackdatingCompensation, kMaximumBackdating);
  EXPECT_TRUE(set_registry_value(config, "UseSubjectAltName", "0"));
  EXPECT_FALSE(config.UseSubjectAltName);
  EXPECT_TRUE(set_registry_value(config, "UseSubjectAltName", std::nullopt));
  EXPECT_TRUE(config.UseSubjectAltName);
  EXPECT_TRUE(set_registry_value(config, "AllowNtAuthPolicyBypass", "2"));
  EXPECT_EQ(config.AllowNtAuthPolicyBypass, 2);
  EXPECT_TRUE(set_registry_value(config, "UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors", "1"));
  EXPECT_TRUE(config.revocation_unknown_ignored);
  EXPECT_TRUE(set_registry_value(config, "StrongNameMatches", "a\nb"));
  EXPECT_EQ(config.StrongNameMatches, std::vector<std::string>{"a\nb"});
  EXPECT_TRUE(set_registry_value(config, "StrongNameMatches", std::nullopt));
  EXPECT_TRUE(config.StrongNameMatches.empty());
}

TEST(KdcRegistry, WhatIsNotKnownOrNoNumberIsAFault) {
  KdcConfig config;
  EXPECT_FALSE(set_registry_value(config, "StrongBinding", "1"));
  for (const char* data : {"", "one", "1x", "0x", "-1", "4294967296"})
    EXPECT_FALSE(set_registry_value(config, "StrongCertificateBindingEnforcement", data)) << data;
  EXPECT_FALSE(config.StrongCertificateBindingEnforcement);
}

}  // namespace
}  // namespace mimica::kdc
