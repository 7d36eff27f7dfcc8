#include <gtest/gtest.h>

#include "ca/testing/test_lab.h"
#include "ca/views/view.h"

namespace mimica::ca {
namespace {

ViewQuery query_of(const std::string& columns) { return must(parse_view({ViewName::all, "", columns}, {})); }

// The form of a real listing (Windows Server 2022, US locale).
TEST(ViewText, PrintsAsCertutil) {
  const ViewQuery query = query_of("RequestID,Request.RequesterName,NotAfter");
  ViewPrinter printer(query, {});
  std::string out = printer.head();
  const Timestamp end = must(parse_iso("2027-04-25T19:36:12Z"));
  out += printer.row({4, {std::int64_t{4}, std::string("CORP\\pki.admin"), end}, {}, {}});
  out += printer.row({11, {std::int64_t{11}, ViewValue(), end}, {}, {}});
  out += printer.foot();
  EXPECT_EQ(out, R"(Schema:
  Column Name                   Localized Name                Type    MaxLength
  ----------------------------  ----------------------------  ------  ---------
  RequestID                     Issued Request ID             Long    4 -- Indexed
  Request.RequesterName         Requester Name                String  2048 -- Indexed
  NotAfter                      Certificate Expiration Date   Date    8 -- Indexed

Row 1:
  Issued Request ID: 0x4
  Requester Name: "CORP\pki.admin"
  Certificate Expiration Date: 4/25/2027 7:36 PM

Row 2:
  Issued Request ID: 0xb (11)
  Requester Name: EMPTY
  Certificate Expiration Date: 4/25/2027 7:36 PM

Maximum Row Index: 2

2 Rows
   5 Row Properties, Total Size = 52, Max Size = 28, Ave Size = 10
   0 Request Attributes, Total Size = 0, Max Size = 0, Ave Size = 0
   0 Certificate Extensions, Total Size = 0, Max Size = 0, Ave Size = 0
   5 Total Fields, Total Size = 52, Max Size = 28, Ave Size = 10
)");
}

TEST(ViewText, PrintsAnEmptyResult) {
  const ViewQuery query = query_of("RequestID");
  EXPECT_EQ(ViewPrinter(query, {}).foot(), R"(
Maximum Row Index: 0

0 Rows
   0 Row Properties, Total Size = 0, Max Size = 0, Ave Size = 0
   0 Request Attributes, Total Size = 0, Max Size = 0, Ave Size = 0
   0 Certificate Extensions, Total Size = 0, Max Size = 0, Ave Size = 0
   0 Total Fields, Total Size = 0, Max Size = 0, Ave Size = 0
)");
}

TEST(ViewText, PrintsEachKindOfValue) {
  const auto shown = [](std::string_view name, ViewValue value, const ViewFormat& format = {}) {
    for (const ViewTable table : {ViewTable::request, ViewTable::extension, ViewTable::crl})
      if (const auto column = find_view_column(table, name)) return value_text(**column, value, format);
    return std::string("no such column");
  };
  const auto number = [](std::int64_t value) { return ViewValue(value); };
  const auto text = [](const char* value) { return ViewValue(std::string(value)); };
  EXPECT_EQ(shown("Disposition", number(20)), "0x14 (20) -- Issued");
  EXPECT_EQ(shown("Disposition", number(21)), "0x15 (21) -- Revoked");
  EXPECT_EQ(shown("Disposition", number(31)), "0x1f (31) -- Denied");
  EXPECT_EQ(shown("Disposition", number(30)), "0x1e (30) -- Error");
  EXPECT_EQ(shown("Disposition", number(15)), "0xf (15) -- CA Cert");
  EXPECT_EQ(shown("Disposition", number(9)), "0x9 -- Pending");
  EXPECT_EQ(shown("StatusCode", number(0)), "0x0 (WIN32: 0) -- The operation completed successfully.");
  EXPECT_TRUE(shown("StatusCode", number(0x80094800LL))
                  .starts_with("0x80094800 (-2146875392 CERTSRV_E_UNSUPPORTED_CERT_TYPE) -- "));
  EXPECT_TRUE(shown("StatusCode", number(0x80070057LL)).starts_with("0x80070057 (WIN32: 87 E_INVALIDARG) -- "));
  EXPECT_EQ(shown("RevokedReason", number(5)), "0x5 -- Reason: Cessation of Operation");
  EXPECT_TRUE(shown("RevokedReason", number(-1)).starts_with("0xffffffff (-1) -- Reason: "));
  EXPECT_EQ(shown("RequestType", number(0x40400)), "0x40400 (263168) -- CMC, Full Response");
  EXPECT_EQ(shown("RequestType", number(0x40100)), "0x40100 (262400) -- PKCS10, Full Response");
  EXPECT_EQ(shown("RequestFlags", number(4)), "0x4 -- Force UTF-8");
  EXPECT_EQ(shown("CertificateTemplate", text("Machine")), "\"Machine\"");
  ViewFormat named;
  named.template_name = [](std::string_view oid) { return oid.ends_with(".32") ? "OCSP Response Signing" : ""; };
  EXPECT_EQ(shown("CertificateTemplate", text("1.3.6.1.4.1.311.21.8.1.32"), named),
            "\"1.3.6.1.4.1.311.21.8.1.32\" OCSP Response Signing");
  EXPECT_EQ(shown("CertificateHash", text("4f2aa3")), "\"4f 2a a3\"");
  EXPECT_EQ(shown("SerialNumber", text("4400000004")), "\"4400000004\"");
  EXPECT_EQ(shown("IssuerNameID", number(0)), "0x0 CA Version 0.0");
  EXPECT_EQ(shown("IssuerNameID", number(0x10002)), "0x10002 (65538) CA Version 2.1");
  EXPECT_EQ(shown("PublicKeyAlgorithm", text("1.2.840.113549.1.1.1")), "\"1.2.840.113549.1.1.1\" RSA (RSA_SIGN)");
  EXPECT_EQ(shown("EnrollmentFlags", number(0x29)),
            "0x29 (41)\n    CT_FLAG_INCLUDE_SYMMETRIC_ALGORITHMS -- 1\n    CT_FLAG_PUBLISH_TO_DS -- 8\n"
            "    CT_FLAG_AUTO_ENROLLMENT -- 20 (32)");
  EXPECT_EQ(shown("PrivatekeyFlags", number(0x3030010)),
            "0x3030010 (50528272)\n    CTPRIVATEKEY_FLAG_EXPORTABLE_KEY -- 10 (16)\n"
            "    TEMPLATE_SERVER_VER_2008R2<<CTPRIVATEKEY_FLAG_SERVERVERSION_SHIFT -- 30000 (196608)\n"
            "    TEMPLATE_CLIENT_VER_WIN7<<CTPRIVATEKEY_FLAG_CLIENTVERSION_SHIFT -- 3000000 (50331648)");
  EXPECT_EQ(shown("CRLPublishFlags", number(5)), "0x5\n    CPF_BASE -- 1\n    CPF_COMPLETE -- 4");
  EXPECT_EQ(shown("ExtensionFlags", number(0x20001)), "0x20001 (131073) -- Critical, Origin=Policy");
  EXPECT_EQ(shown("RawCertificate", Bytes{1, 2}), "\n-----BEGIN CERTIFICATE-----\nAQI=\n-----END CERTIFICATE-----");
  EXPECT_EQ(shown("RawName", Bytes{0x30, 0x41, 0x00}), "\n0000\t30 41 00" + std::string(49 - 8, ' ') + "  0A.");
  EXPECT_EQ(shown("UPN", ViewValue()), "EMPTY");
}

TEST(ViewText, PrintsAttributesAndExtensions) {
  ViewQuery query = query_of("RequestID");
  query.with_attributes = true;
  ViewPrinter printer(query, {});
  ViewRow row{4, {std::int64_t{4}}, {{"cdc", "DC01"}}, {{oids::kKeyUsage, 0x20001, {3, 2, 5, 0xA0}}}};
  EXPECT_EQ(printer.row(row), R"(
Row 1:
  Issued Request ID: 0x4

  Request Attributes:
    cdc: "DC01"

  Certificate Extensions:
    2.5.29.15: Flags = 20001(Critical, Origin=Policy), Length = 4
    Key Usage
)");
  EXPECT_NE(printer.foot().find("   3 Total Fields, Total Size = 16, Max Size = 8, Ave Size = 5\n"), std::string::npos);
}

TEST(ViewText, PrintsCsv) {
  const ViewQuery query = query_of("RequestID,Disposition,RequesterName,CertificateHash,RawRequest,UPN");
  ViewPrinter printer(query, {.csv = true});
  EXPECT_EQ(printer.head(),
            "\"Issued Request ID\",\"Request Disposition\",\"Requester Name\",\"Certificate Hash\",\"Binary "
            "Request\",\"User Principal Name\"\n");
  EXPECT_EQ(printer.row({20,
                         {std::int64_t{20}, std::int64_t{20}, std::string("A\\\"b\""), std::string("4f2a"), Bytes(1657),
                          ViewValue()},
                         {},
                         {}}),
            "\"20\",\"20 -- Issued\",\"A\\\"\"b\"\"\",\"4f 2a\",\"1657 Bytes\",\"EMPTY\"\n");
  EXPECT_EQ(printer.foot(), "");
}

}  // namespace
}  // namespace mimica::ca
