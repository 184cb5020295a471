#include "models/decoding/tool_call_grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace antiphon::models {
namespace {

using testing::HasSubstr;

ToolCallGrammar grammar_of(std::vector<FunctionSchema> functions) {
  auto compiled = ToolCallGrammar::compile(functions);
  EXPECT_TRUE(std::holds_alternative<ToolCallGrammar>(compiled)) << std::get<SchemaError>(compiled).message;
  return std::get<ToolCallGrammar>(std::move(compiled));
}

// How the arguments of f fare: "ok", "open" (fine so far) or the bytes up to the first one refused.
std::string arguments(const std::string& schema, const std::string& text) {
  const ToolCallGrammar grammar = grammar_of({{"f", schema}});
  ToolCallAcceptor acceptor(grammar);
  const std::string call = "\n{\"name\": \"f\", \"arguments\": " + text;
  for (std::size_t i = 0; i < call.size(); ++i) {
    if (!acceptor.advance(call[i])) return call.substr(28, i - 28 + 1);
  }
  for (const char byte : std::string_view("}\n</tool_call>")) {
    if (!acceptor.advance(byte)) return "open";
  }
  return acceptor.done() ? "ok" : "open";
}

std::string value(const std::string& schema, const std::string& text) {
  const std::string result = arguments(
      R"({"type":"object","properties":{"v":)" + schema + R"(},"required":["v"]})", R"({"v": )" + text + "}");
  return result == "ok" || result == "open" ? result : result.substr(6);
}

std::string error_of(const std::string& parameters, const std::string& name = "f") {
  const auto compiled = ToolCallGrammar::compile(std::vector<FunctionSchema>{{name, parameters}});
  const auto* error = std::get_if<SchemaError>(&compiled);
  return error == nullptr ? "" : error->field + ": " + error->message;
}

TEST(ToolCallGrammar, TakesTheNamesGivenAndTheParametersOfTheOneChosen) {
  const ToolCallGrammar grammar = grammar_of(
      {{"get", R"({"type":"object","properties":{"a":{"type":"integer"}}})"}, {"get_all", ""}, {"x\"y", ""}});
  const auto accepts = [&](const std::string& text) {
    ToolCallAcceptor acceptor(grammar);
    for (const char byte : text) {
      if (!acceptor.advance(byte)) return false;
    }
    return acceptor.done();
  };
  const std::string end = "}\n</tool_call>";
  EXPECT_TRUE(accepts("\n{\"name\": \"get\", \"arguments\": {\"a\": 1}" + end));
  EXPECT_TRUE(accepts("{\"name\": \"get\", \"arguments\": {}" + end))
      << "the line break may be there already";
  EXPECT_TRUE(accepts("{\"name\": \"get_all\", \"arguments\": {}" + end));
  EXPECT_TRUE(accepts("{\"name\": \"x\\\"y\", \"arguments\": {}" + end));
  EXPECT_FALSE(accepts("{\"name\": \"get_all\", \"arguments\": {\"a\": 1}" + end));
  EXPECT_FALSE(accepts("{\"name\": \"gets\""));
  EXPECT_FALSE(accepts("{\"name\": \"get\", \"arguments\": {}" + end + "\n")) << "nothing may follow";
  EXPECT_FALSE(accepts("{\"name\": \"get\", \"arguments\": {}}"));
}

TEST(ToolCallGrammar, ObjectsTakeTheirPropertiesInAnyOrderEachOnce) {
  const std::string schema = R"({"type":"object","required":["city"],"properties":{
      "city":{"type":"string"},"days":{"type":"integer"},"day":{"type":"integer"}}})";
  EXPECT_EQ(arguments(schema, R"({"city": "Rome", "days": 3, "day": 1})"), "ok");
  EXPECT_EQ(arguments(schema, R"({"days":3,"city":"Rome"})"), "ok");
  EXPECT_EQ(arguments(schema, R"({"city": "Rome"})"), "ok");
  EXPECT_EQ(arguments(schema, R"({})"), "{}") << "city is required";
  EXPECT_EQ(arguments(schema, R"({"days": 3})"), R"({"days": 3})");
  EXPECT_EQ(arguments(schema, R"({"city": "Rome", })"), R"({"city": "Rome", })");
  EXPECT_EQ(arguments(schema, R"({"city": "a", "city": "b"})"), R"({"city": "a", "c)");
  EXPECT_EQ(arguments(schema, R"({"town": 1})"), R"({"t)");
  EXPECT_EQ(arguments(schema, R"({"city":  "a"})"), R"({"city":  )") << "one space only";
  EXPECT_EQ(arguments(schema, R"({"city": "a",  "day": 1})"), R"({"city": "a",  )");
  EXPECT_EQ(arguments(schema, R"({"city": "a", "day": 1, "days": 2, "day": 1})"),
            R"({"city": "a", "day": 1, "days": 2,)")
      << "no property is left";
}

TEST(ToolCallGrammar, StringsAreUtf8WithJsonEscapes) {
  const std::string s = R"({"type":"string"})";
  EXPECT_EQ(value(s, R"("a b\n\"\\\/\u00e9\ud7ffé日😀")"), "ok");
  EXPECT_EQ(value(s, "\"a\nb\""), "\"a\n");
  EXPECT_EQ(value(s, R"("\x")"), R"("\x)");
  EXPECT_EQ(value(s, R"("\ud800")"), R"("\ud8)") << "half of a pair";
  EXPECT_EQ(value(s, R"("\u00g")"), R"("\u00g)");
  EXPECT_EQ(value(s, "\"\xc0\xaf\""), "\"\xc0");
  EXPECT_EQ(value(s, "\"\xe0\x80\""), "\"\xe0\x80") << "overlong";
  EXPECT_EQ(value(s, "\"\xed\xa0\""), "\"\xed\xa0") << "surrogate";
  EXPECT_EQ(value(s, "\"\xf4\x90\""), "\"\xf4\x90") << "beyond Unicode";
  EXPECT_EQ(value(s, "\"\xc3\""), "\"\xc3\"") << "cut";
  EXPECT_EQ(value(s, "\"open"), "open");
  EXPECT_EQ(value(s, "1"), "1");
}

TEST(ToolCallGrammar, NumbersAreThoseOfJsonWithinRange) {
  const std::string number = R"({"type":"number"})", integer = R"({"type":"integer"})";
  for (const char* good : {"0", "-0", "12", "-3.25", "1e5", "1.5E-07", "999999999999999"}) {
    EXPECT_EQ(value(number, good), "ok") << good;
  }
  EXPECT_EQ(value(number, "01"), "01");
  EXPECT_EQ(value(number, "+1"), "+");
  EXPECT_EQ(value(number, ".5"), ".");
  EXPECT_EQ(value(number, "1."), "1.}");
  EXPECT_EQ(value(number, "-"), "-}");
  EXPECT_EQ(value(number, "1e"), "1e}");
  EXPECT_EQ(value(number, "1e100"), "1e100");
  EXPECT_EQ(value(number, "1000000000000000"), "1000000000000000") << "16 digits";
  EXPECT_EQ(value(integer, "-42"), "ok");
  EXPECT_EQ(value(integer, "4.0"), "4.");
  EXPECT_EQ(value(integer, "4e1"), "4e");
}

TEST(ToolCallGrammar, ChoicesArraysAndUnions) {
  const std::string choice = R"({"enum":["on","off","o\"",1,10,null,true]})";
  for (const char* good : {R"("on")", R"("off")", R"("o\"")", "1", "10", "null", "true"}) {
    EXPECT_EQ(value(choice, good), "ok") << good;
  }
  EXPECT_EQ(value(choice, "100"), "100");
  EXPECT_EQ(value(choice, "false"), "f");
  EXPECT_EQ(value(R"({"const":"x"})", R"("x")"), "ok");
  EXPECT_EQ(value(R"({"type":"boolean"})", "false"), "ok");
  EXPECT_EQ(value(R"({"type":["string","null"]})", "null"), "ok");
  EXPECT_EQ(value(R"({"type":["integer","number"]})", "1.5"), "ok");
  EXPECT_EQ(value(R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "nul"), "nul}");
  const std::string list = R"({"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":2})";
  EXPECT_EQ(value(list, "[1]"), "ok");
  EXPECT_EQ(value(list, "[1, 2]"), "ok");
  EXPECT_EQ(value(list, "[]"), "[]");
  EXPECT_EQ(value(list, "[1,2,3]"), "[1,2,");
  EXPECT_EQ(value(list, "[1,]"), "[1,]");
  EXPECT_EQ(value(R"({"type":"array","maxItems":0})", "[]"), "ok");
  EXPECT_EQ(value(R"({"type":"array","maxItems":0})", "[1]"), "[1");
}

TEST(ToolCallGrammar, FreeObjectsTakeAnythingNestedUpToALimit) {
  EXPECT_EQ(arguments(R"({"type":"object"})", R"({"a": [1, {"b": null}, "c"], "d": {}})"), "ok");
  EXPECT_EQ(
      arguments(R"({"type":"object","additionalProperties":{"type":"integer"}})", R"({"a": 1, "b": 2})"),
      "ok");
  EXPECT_EQ(arguments(R"({"type":"object","additionalProperties":{"type":"integer"}})", R"({"a": "1"})"),
            R"({"a": ")");
  EXPECT_EQ(arguments(R"({"type":"object","additionalProperties":false})", R"({"a": 1})"), "{\"");
  EXPECT_EQ(value("{}", std::string(15, '[') + std::string(15, ']')), "ok");
  EXPECT_EQ(value("{}", std::string(16, '[')), std::string(16, '['));
}

TEST(ToolCallGrammar, RefusesSchemasAndNamesTheField) {
  const auto with = [](const std::string& property) {
    return error_of(R"({"type":"object","properties":{"p":)" + property + "}}");
  };
  EXPECT_EQ(error_of(""), "");
  EXPECT_THAT(error_of("{"), HasSubstr("tools[0].parameters: is not valid JSON"));
  EXPECT_THAT(error_of("", ""), HasSubstr("tools[0].name"));
  EXPECT_THAT(error_of(R"({"type":"string"})"), HasSubstr("tools[0].parameters.type: must be 'object'"));
  EXPECT_THAT(error_of("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(error_of(R"({"type":"object","properties":[]})"), HasSubstr("parameters.properties: "));
  EXPECT_THAT(error_of(R"({"type":"object","properties":{},"required":["q"]})"), HasSubstr("names 'q'"));
  EXPECT_THAT(error_of(R"({"type":"object","properties":{},"required":[1]})"), HasSubstr(".required: "));
  EXPECT_THAT(error_of(R"({"type":"object","required":["q"]})"), HasSubstr(".required: "));
  EXPECT_THAT(with(R"({"type":"text"})"), HasSubstr("parameters.properties.p.type: must be"));
  EXPECT_THAT(with(R"({"type":[]})"), HasSubstr("p.type: must not be empty"));
  EXPECT_THAT(with(R"({"$ref":"#"})"), HasSubstr("p.$ref: is not supported"));
  EXPECT_THAT(with(R"({"enum":[]})"), HasSubstr("p.enum: "));
  EXPECT_THAT(with(R"({"enum":[[1]]})"), HasSubstr("p.enum: "));
  EXPECT_THAT(with(R"({"anyOf":[{"type":"string"},{"enum":["a"]}]})"), HasSubstr("begin with the same"));
  EXPECT_THAT(with(R"({"type":"array","items":{"type":3}})"), HasSubstr("p.items.type"));
  EXPECT_THAT(with(R"({"type":"array","minItems":-1})"), HasSubstr("p.minItems"));
  EXPECT_THAT(with(R"({"type":"array","minItems":3,"maxItems":2})"), HasSubstr("p.minItems"));
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += R"({"type":"array","items":)";
  EXPECT_THAT(with(deep + "{}" + std::string(20, '}')), HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(std::string(kSchemaBytesMax + 1, ' ')), HasSubstr("too long"));
  EXPECT_THAT(error_of(std::string(60000, '[')), HasSubstr("not valid JSON"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":{}";
  EXPECT_THAT(error_of(R"({"type":"object","properties":{)" + many + "}}"), HasSubstr("too many entries"));
  const auto twice = ToolCallGrammar::compile(std::vector<FunctionSchema>{{"f", ""}, {"f", ""}});
  EXPECT_THAT(std::get<SchemaError>(twice).message, HasSubstr("same name"));
}

TEST(ToolCallGrammar, RefusesCharactersForWhichAVocabularyMayHaveNoTokens) {
  const auto field_of_fault = [](const FunctionSchema& function) {
    const auto compiled = ToolCallGrammar::compile({&function, 1});
    const auto* error = std::get_if<SchemaError>(&compiled);
    return error == nullptr ? std::string() : error->field;
  };
  EXPECT_EQ(field_of_fault({"f\xf1\x80\x80\x80", ""}), "tools[0].name");
  EXPECT_EQ(field_of_fault({"f", R"({"type":"object","properties":{"a":{"enum":["\ud8c0\udc00"]}}})"}),
            "tools[0].parameters");
  EXPECT_EQ(field_of_fault({"f", R"({"type":"object","properties":{"a":{"enum":["\ud83d\ude00"]}}})"}), "");
}

}  // namespace
}  // namespace antiphon::models
