#include "templates/edit_rules.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/refusal.h"
#include "templates/catalogue.h"
#include "templates/edit_verbs.h"
#include "templates/rules.h"

namespace mimica::templates {
namespace {

const Sid kForest = *Sid::parse("S-1-5-21-1-2-3");
const Oid kOwnOid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.5191136.12906913");

CertificateTemplate built_in(std::string_view cn) {
  return *built_in_template(cn, {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kForest});
}
CertificateTemplate duplicated() { return *duplicate(built_in("User"), {"Intune PKCS", "", kOwnOid, {}}); }

Result<Edit> read(std::string_view verb, std::string_view argument) {
  return parse_edit(verb, argument,
                    [](std::string_view) -> Result<Sid> { return kForest.with_rid(rid::kDomainUsers); });
}
// Reads an edit, applies it and saves.
Result<void> edited(CertificateTemplate value, std::string_view verb, std::string_view argument) {
  MIMICA_TRY(const Edit change, read(verb, argument));
  return save(value, {&change, 1});
}
Result<void> with_key_storage(std::string_view verb, std::string_view argument) {
  CertificateTemplate value = duplicated();
  const std::vector<Edit> first{edit::SetCompatibility{2, 2},
                                edit::UseProviders{edit::ProviderCategory::key_storage, {}}};
  MIMICA_RETURN_IF_FAULT(save(value, first));
  return edited(std::move(value), verb, argument);
}
Result<void> without_permissions(std::string_view verb, std::string_view argument) {
  CertificateTemplate value = duplicated();
  value.security.reset();
  return edited(std::move(value), verb, argument);
}
Result<void> duplicates(const DuplicateOptions& options) {
  MIMICA_RETURN_IF_FAULT(duplicate(built_in("User"), options));
  return {};
}

struct Case {
  const Rule& rule;
  HResult code;
  Result<void> passes, fails;
};

std::vector<Case> cases() {
  const CertificateTemplate copy = duplicated();
  return {
      {rule::kEditVerb, HResult::E_INVALIDARG, edited(copy, "display_name", "New"),
       edited(copy, "dislpay_name", "New")},
      {rule::kEditArgument, HResult::E_INVALIDARG, edited(copy, "publish_in_ad", "true"),
       edited(copy, "publish_in_ad", "perhaps")},
      {rule::kEditSchemaVersion, HResult::ERROR_NOT_SUPPORTED, edited(built_in("User"), "allow_enroll", "Domain Users"),
       edited(built_in("User"), "publish_in_ad", "true")},
      {rule::kEditPermissionsKnown, HResult::ERROR_NOT_SUPPORTED, without_permissions("publish_in_ad", "true"),
       without_permissions("allow_enroll", "Domain Users")},
      {rule::kEditDisplayName, HResult::E_INVALIDARG, edited(copy, "display_name", "New"),
       edited(copy, "display_name", " ")},
      {rule::kEditValidity, HResult::E_INVALIDARG, edited(copy, "validity", "365 d"), edited(copy, "validity", "0 d")},
      {rule::kEditRenewal, HResult::E_INVALIDARG, edited(copy, "renewal", "0 d"),
       [&] {
         CertificateTemplate value = copy;
         return apply_edit(value, edit::SetOverlap{-1});
       }()},
      {rule::kEditOverlap, HResult::CERTSRV_E_CERT_TYPE_OVERLAP, edited(copy, "renewal", "42 d"),
       edited(copy, "renewal", "365 d")},
      {rule::kEditCompatibility, HResult::E_INVALIDARG, edited(copy, "compatibility", "2016"),
       [&] {
         CertificateTemplate value = copy;
         return apply_edit(value, edit::SetCompatibility{7, 1});
       }()},
      {rule::kEditKeyStorage, HResult::ERROR_NOT_SUPPORTED, with_key_storage("compatibility", "2008"),
       with_key_storage("compatibility", "2003")},
      {rule::kEditAlgorithmProvider, HResult::ERROR_NOT_SUPPORTED, with_key_storage("hash_algorithm", "SHA256"),
       edited(copy, "hash_algorithm", "SHA256")},
      {rule::kEditAlgorithmName, HResult::E_INVALIDARG, with_key_storage("key_algorithm", "ECDSA_P256"),
       with_key_storage("key_algorithm", "RSA`x")},
      {rule::kEditKeySize, HResult::E_INVALIDARG, edited(copy, "minimum_key_size", "4096"),
       edited(copy, "minimum_key_size", "16385")},
      {rule::kEditSignatures, HResult::E_INVALIDARG, edited(copy, "ra_signatures", "100"),
       edited(copy, "ra_signatures", "101")},
      {rule::kEditOid, HResult::E_INVALIDARG, duplicates({"Copy", "", kOwnOid, {}}), duplicates({"Copy", "", {}, {}})},
      {rule::kEditBuiltIn, HResult::ERROR_NOT_SUPPORTED, check_removable(copy), check_removable(built_in("User"))},
  };
}

TEST(EditRules, EachPassesAndRefusesWithItsCode) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.rule.id);
    EXPECT_TRUE(one.passes) << (one.passes ? "" : one.passes.error().describe());
    ASSERT_FALSE(one.fails);
    const Trace trace = trace_of(one.fails.error());
    ASSERT_NE(trace.deciding(), nullptr) << one.fails.error().describe();
    EXPECT_EQ(trace.deciding()->rule->id, one.rule.id) << one.fails.error().describe();
    EXPECT_EQ(trace.deciding()->code, Code(one.code));
    EXPECT_FALSE(trace.deciding()->hint.empty() && one.rule.hint.empty());
  }
}

TEST(EditRules, EachHasACase) {
  std::set<std::string_view> listed, tested;
  for (const Rule* one : rules())
    if (one->id.substr(0, 15) == "templates.edit.") listed.insert(one->id);
  for (const Case& one : cases()) tested.insert(one.rule.id);
  EXPECT_EQ(listed, tested);
}

}  // namespace
}  // namespace mimica::templates
