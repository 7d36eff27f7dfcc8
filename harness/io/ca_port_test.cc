#include <gtest/gtest.h>

#include "ca/testing/test_lab.h"
#include "harness/io/lab_impl.h"

namespace mimica::harness {
namespace {

TEST(CaPort, ThePairOfHostAndNamePicksTheAuthority) {
  ca::TestLab first, second(ca::CaType::enterprise_root);
  second.config.CAServerName = "ca02.contoso.com";
  second.config.CommonName = "CONTOSO-CA2";
  first.start();
  second.start();
  second.add_computer("CONNECTOR01");
  second.add_intune_template("IntuneUser", "CONNECTOR01$");
  EXPECT_TRUE(ca::must(second.ca->set_template_published("IntuneUser", true, "")));
  CaPort port({first.ca.get(), second.ca.get()});
  const std::string host = first.config.CAServerName, name = first.config.CommonName;
  EXPECT_FALSE(ca::must(port.template_facts(host, name, "IntuneUser")));
  EXPECT_TRUE(ca::must(port.template_facts("CA02.contoso.com", "CONTOSO-CA2", "IntuneUser")));
  const auto elsewhere = port.template_facts("ca03.contoso.com", name, "User");
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, Code{HResult::RPC_S_SERVER_UNAVAILABLE});
  const auto crossed = port.template_facts(host, "CONTOSO-CA2", "User");
  ASSERT_FALSE(crossed);
  EXPECT_EQ(crossed.error().code, Code{HResult::E_INVALIDARG});
}

}  // namespace
}  // namespace mimica::harness
