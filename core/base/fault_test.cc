#include "core/base/fault.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

namespace mimica {
namespace {

TEST(Fault, CodesPrintInTheFormOfTheirSpace) {
  EXPECT_EQ(describe(Code{HResult::CERTSRV_E_TEMPLATE_DENIED}), "CERTSRV_E_TEMPLATE_DENIED (0x80094012)");
  EXPECT_EQ(describe(Code{KrbError::KDC_ERR_CERTIFICATE_MISMATCH}), "KDC_ERR_CERTIFICATE_MISMATCH (66)");
  EXPECT_EQ(describe(Code{}), "");
  EXPECT_EQ(symbol(Code{static_cast<HResult>(0x8123ABCDU)}), "0x8123ABCD");
  EXPECT_EQ(number(Code{HResult::S_OK}), "0x00000000");
  EXPECT_TRUE(sentence(Code{static_cast<HResult>(0x8123ABCDU)}).empty());
}

TEST(Fault, CodesAreFoundByNameAndNumber) {
  EXPECT_EQ(code_named("certsrv_e_template_denied"), Code{HResult::CERTSRV_E_TEMPLATE_DENIED});
  EXPECT_EQ(code_named("0x80094012"), Code{HResult::CERTSRV_E_TEMPLATE_DENIED});
  EXPECT_EQ(code_named("nonsense"), std::nullopt);
  EXPECT_EQ(code_named("0x8009401"), std::nullopt);
}

TEST(Fault, EveryCodeIsNamedOnceAndExplained) {
  std::set<std::string_view> names;
  std::set<Code> values;
  for (const CodeEntry& entry : all_codes()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(values.insert(entry.code).second) << entry.name;
    EXPECT_FALSE(entry.text.empty()) << entry.name;
    EXPECT_EQ(code_named(entry.name), entry.code);
  }
  EXPECT_GT(names.size(), 50u);
}

TEST(Fault, PlacesPrint) {
  EXPECT_EQ(describe(Where{"lab.yaml", 12, 5, {}}), "lab.yaml:12:5");
  EXPECT_EQ(describe(Where{"lab.yaml", 12, 0, {}}), "lab.yaml:12");
  EXPECT_EQ(describe(Where{"request", 0, 0, 17}), "request, offset 17");
  EXPECT_EQ(describe(Where{"", 3, 1, {}}), "line 3:1");
  EXPECT_EQ(describe(Where{}), "");
  const Fault all =
      fault(HResult::E_INVALIDARG, "unknown key 'expct'", Where{"lab.yaml", 12, 5, {}}, "did you mean 'expect'?");
  EXPECT_EQ(all.describe(),
            "lab.yaml:12:5: unknown key 'expct' [E_INVALIDARG (0x80070057)]\n  hint: did you mean 'expect'?");
}

Result<int> half(int number) {
  if (number % 2 != 0) return fault("odd");
  return number / 2;
}
Result<int> quarter(int number) {
  MIMICA_TRY(const int once, half(number));
  MIMICA_TRY(const int twice, half(once));
  return twice;
}
Result<void> must_be_even(int number) {
  MIMICA_RETURN_IF_FAULT(half(number));
  return {};
}

TEST(Result, CarriesAValueOrAFault) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().what, "odd");
  EXPECT_EQ(half(3).value_or(-1), -1);
  EXPECT_TRUE(must_be_even(2));
  EXPECT_FALSE(must_be_even(3));
  Result<std::unique_ptr<int>> owned(std::make_unique<int>(5));
  EXPECT_EQ(**std::move(owned), 5);
}

}  // namespace
}  // namespace mimica
