#include "ca/faces/certutil/verb.h"

#include <gtest/gtest.h>

#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/text.h"

namespace mimica::certutil {
namespace {

TEST(VerbText, StatusAndDates) {
  EXPECT_EQ(show_status(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE),
            "0x80094800 (-2146875392 CERTSRV_E_UNSUPPORTED_CERT_TYPE)");
  EXPECT_EQ(show_status(HResult::E_INVALIDARG), "0x80070057 (WIN32: 87 ERROR_INVALID_PARAMETER)");
  EXPECT_EQ(show_status(HResult::S_OK), "0x0 (WIN32: 0)");
  EXPECT_EQ(show_date(*parse_iso("2026-05-23T17:39:10Z")), "5/23/2026 5:39 PM");
  EXPECT_EQ(show_date(*parse_iso("2026-05-23T00:05:00Z")), "5/23/2026 12:05 AM");
  EXPECT_EQ(show_long(4), "0x4");
  EXPECT_EQ(show_long(20), "0x14 (20)");
}

TEST(VerbArguments, VerbsOptionsAndValues) {
  EXPECT_FALSE(certutil_needs_target({"-dump", "a.cer"}));
  EXPECT_TRUE(certutil_needs_target({"-config", "a\\b", "-PING"}));
  EXPECT_TRUE(certutil_needs_target({}));
  EXPECT_EQ(certutil_input_files({"-f", "-dspublish", "a.cer", "RootCA"}), std::vector<std::string>{"a.cer"});
  EXPECT_EQ(certutil_input_files({"-setreg", "CA\\Security", "@sd.bin"}), std::vector<std::string>{"sd.bin"});
  EXPECT_TRUE(certutil_input_files({"-setreg", "policy\\EditFlags", "-EDITF_ATTRIBUTEEKU"}).empty());
  EXPECT_EQ(certreq_input_files({"-accept", "dir/a.cer"}), (std::vector<std::string>{"dir/a.cer", "dir/*.key"}));
  EXPECT_EQ(certreq_input_files({"-accept", "-keys", "k", "a.cer"}), (std::vector<std::string>{"a.cer", "k/*.key"}));
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"-nonsense"}, {"-dump"}, {"-dump", "a", "b"}, {"-config"}, {"ping"}}) {
    const VerbResult result = certutil({wrong, "", {}, false}, {});
    EXPECT_EQ(result.status, HResult::E_INVALIDARG) << wrong.front();
    EXPECT_NE(result.text.find("FAILED: 0x80070057 (WIN32: 87 ERROR_INVALID_PARAMETER)"), std::string::npos);
  }
  EXPECT_EQ(certutil({{"-ping"}, "", {}, false}, {}).status, HResult::RPC_S_SERVER_UNAVAILABLE);
}

TEST(VerbJson, CallsAndResultsGoRound) {
  VerbCall call{{"-dump", "a b", "\\n"}, "CORP\\jane", {{"a b", {0, 1, 255}}}, true};
  const auto back = parse_verb_call(encode(VerbProgram::certreq, call));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->first, VerbProgram::certreq);
  EXPECT_EQ(back->second.arguments, call.arguments);
  EXPECT_EQ(back->second.caller, call.caller);
  EXPECT_EQ(back->second.files, call.files);
  EXPECT_TRUE(back->second.json);
  VerbResult result;
  result.text = "octets \xff";
  result.status = HResult::E_ACCESSDENIED;
  result.files["k"] = {{1, 2}, true};
  const auto read = parse_verb_result(encode(result));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "octets \\xff");
  EXPECT_EQ(read->status, HResult::E_ACCESSDENIED);
  EXPECT_EQ(read->files, result.files);
}

TEST(VerbJson, AnythingElseIsAFault) {
  for (const char* wrong : {"", "{", "[]", "{}", R"({"program":"cmd","arguments":[],"caller":"","files":{}})",
                            R"({"program":"certutil","arguments":"x","caller":"","files":{}})",
                            R"({"program":"certutil","arguments":[1],"caller":"","files":{}})",
                            R"({"program":"certutil","arguments":[],"caller":1,"files":{}})",
                            R"({"program":"certutil","arguments":[],"caller":"","files":{"a":"!"}})"}) {
    const auto call = parse_verb_call(wrong);
    ASSERT_FALSE(call) << wrong;
    EXPECT_EQ(call.error().code, Code(HResult::E_INVALIDARG));
    EXPECT_FALSE(parse_verb_result(wrong));
  }
  std::string many = R"({"program":"certutil","caller":"","files":{},"arguments":[""])";
  many.insert(many.size() - 1, [] {
    std::string out;
    for (int i = 0; i < 300; ++i) out += ",\"\"";
    return out;
  }());
  EXPECT_FALSE(parse_verb_call(many + "}"));
}

TEST(VerbFiles, EncodeAndDecodeAreInverse) {
  const Bytes content = to_bytes("any octets \x01");
  const VerbResult encoded = certutil({{"-encode", "in", "out"}, "", {{"in", content}}, false}, {});
  ASSERT_TRUE(encoded.ok());
  const VerbResult decoded =
      certutil({{"-decode", "in", "out"}, "", {{"in", encoded.files.at("out").content}}, false}, {});
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.files.at("out").content, content);
  EXPECT_EQ(certutil({{"-decode", "in", "out"}, "", {{"in", to_bytes("?!")}}, false}, {}).status,
            HResult::ERROR_INVALID_DATA);
  EXPECT_EQ(certutil({{"-encode", "in", "out"}, "", {}, false}, {}).status, HResult::ERROR_FILE_NOT_FOUND);
}

TEST(VerbFiles, ErrorCodes) {
  const auto shown = [](const char* code) { return certutil({{"-error", code}, "", {}, false}, {}).text; };
  for (const char* one : {"0x80094012", "-2146877422", "2148089874", "CERTSRV_E_TEMPLATE_DENIED"})
    EXPECT_NE(shown(one).find("0x80094012 (-2146877422 CERTSRV_E_TEMPLATE_DENIED)"), std::string::npos) << shown(one);
  EXPECT_NE(shown("5").find("ERROR_ACCESS_DENIED"), std::string::npos);
  EXPECT_FALSE(certutil({{"-error", "nothing"}, "", {}, false}, {}).ok());
}

TEST(Dump, ExtensionsInCertutilsWords) {
  EXPECT_EQ(dump_extension({oids::kKeyUsage, true, ext::key_usage(Bytes{0xA0})}),
            "    2.5.29.15: Flags = 1(Critical), Length = 4\n    Key Usage\n"
            "        Digital Signature, Key Encipherment (a0)\n\n");
  EXPECT_EQ(dump_extension({oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})}),
            "    2.5.29.37: Flags = 0, Length = c\n    Enhanced Key Usage\n"
            "        Client Authentication (1.3.6.1.5.5.7.3.2)\n\n");
  EXPECT_EQ(dump_extension({oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))}),
            "    1.3.6.1.4.1.311.25.2: Flags = 0, Length = 26\n    NTDS CA Security Extension\n"
            "        Other Name:\n             NTDS Object SID=S-1-5-21-1-2-3-500\n\n");
  EXPECT_EQ(dump_extension({oids::kTemplateInfo, false, ext::template_info({Oid("1.2.3"), 100, 4})}),
            "    1.3.6.1.4.1.311.21.7: Flags = 0, Length = c\n    Certificate Template Information\n"
            "        Template=1.2.3\n        Major Version Number=100\n        Minor Version Number=4\n\n");
  EXPECT_EQ(dump_extension({oids::kCaVersion, false, der::integer(0x10002)}),
            "    1.3.6.1.4.1.311.21.1: Flags = 0, Length = 5\n    CA Version\n        V2.1\n\n");
  EXPECT_NE(dump_extension({oids::kCrlDistributionPoints, false, ext::distribution_points({"http://a/b%20c.crl"})})
                .find("URL=http://a/b%20c.crl (http://a/b c.crl)\n"),
            std::string::npos);
  const std::string broken = dump_extension({oids::kKeyUsage, false, Bytes{0xFF}});
  EXPECT_NE(broken.find("0000\tff"), std::string::npos);
}

TEST(Dump, NothingElse) {
  EXPECT_EQ(dump_file(to_bytes("hello"), "").error().code, Code(HResult::ERROR_INVALID_DATA));
  EXPECT_FALSE(dump_file({}, ""));
}

}  // namespace
}  // namespace mimica::certutil
