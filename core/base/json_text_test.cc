#include "core/base/json_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>

namespace mimica {
namespace {

using boost::json::parse;

TEST(JsonText, HasALineForEachMember) {
  const auto value = parse(R"({"b":[1,{"c":null}],"a":{},"d":[]})");
  EXPECT_EQ(json_text(value),
            "{\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ],\n  \"a\": {},\n  \"d\": []\n}\n");
  EXPECT_EQ(json_text(parse("7")), "7\n");
}

TEST(JsonText, PutsShortListsOfScalarsOnOneLine) {
  EXPECT_EQ(pretty_json(parse(R"({"a":[1,"x",true],"b":[[]]})")),
            "{\n  \"a\": [1,\"x\",true],\n  \"b\": [\n    []\n  ]\n}\n");
  const std::string fits = "[\"" + std::string(86, 'x') + "\"]";
  EXPECT_EQ(pretty_json(parse(fits)), fits + "\n");
  EXPECT_EQ(pretty_json(parse("[\"" + std::string(87, 'x') + "\"]")), "[\n  \"" + std::string(87, 'x') + "\"\n]\n");
}

TEST(JsonText, IndentsFromTheBracketAsPowerShellDoes) {
  JsonStyle style;
  style.indent = 4;
  style.colon = ":  ";
  style.newline = "\r\n";
  style.indents_from_bracket = true;
  style.breaks_empty = true;
  style.final_newline = false;
  EXPECT_EQ(json_text(parse(R"({"ab":[1],"c":{}})"), style),
            "{\r\n    \"ab\":  [\r\n               1\r\n           ],\r\n    \"c\":  {\r\n\r\n          }\r\n}");
}

TEST(JsonText, KeepsNumbersWhole) {
  const boost::json::array numbers{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(),
                                   0};
  EXPECT_EQ(pretty_json(numbers), "[-9223372036854775808,18446744073709551615,0]\n");
}

TEST(JsonText, EscapesKeysAndValues) {
  const boost::json::object value{{"a\"\\\n", std::string("\x01\t/\xC3\xA4")}};
  const std::string text = json_text(value);
  EXPECT_EQ(text, "{\n  \"a\\\"\\\\\\n\": \"\\u0001\\t/\xC3\xA4\"\n}\n");
  EXPECT_EQ(parse(text), boost::json::value(value));
}

}  // namespace
}  // namespace mimica
