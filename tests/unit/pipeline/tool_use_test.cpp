#include "pipeline/tool_use.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::pipeline {
namespace {

using models::SchemaError;
using models::ToolCallAcceptor;
using Kind = ToolChoice::Kind;

const Tool kWeather{"weather", "Tells \"it\".",
                    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})"};
const Tool kNested{"nested", "", R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}}})"};
const Tool kNow{"now", "", ""};

std::shared_ptr<const ToolUse> made(std::vector<Tool> tools, const ToolChoice& choice = {}) {
  return std::get<std::shared_ptr<const ToolUse>>(ToolUse::of(tools, choice));
}

bool allows(const ToolUse& use, std::string_view call) {
  ToolCallAcceptor acceptor(use.grammar());
  for (const char byte : call) {
    if (!acceptor.advance(byte)) return false;
  }
  return true;
}

std::string field_of_fault(std::vector<Tool> tools, const ToolChoice& choice = {}) {
  const ToolUse::Made made = ToolUse::of(tools, choice);
  const auto* error = std::get_if<SchemaError>(&made);
  return error == nullptr ? "" : error->field;
}

TEST(ToolUse, AnnouncesFunctionsAsTheModelWasTrained) {
  const auto use = made({kWeather, kNow});
  ASSERT_EQ(use->announcements().size(), 2U);
  EXPECT_EQ(use->announcements()[0],
            R"({"type": "function", "function": {"name": "weather", "description": "Tells \"it\".", )"
            R"("parameters": {"type": "object", "properties": {"city": {"type": "string"}}, )"
            R"("required": ["city"]}}})");
  EXPECT_EQ(use->announcements()[1], R"({"type": "function", "function": {"name": "now", )"
                                     R"("parameters": {"type": "object", "properties": {}}}})");
}

TEST(ToolUse, HoldsCallsToTheSchemas) {
  const auto use = made({kWeather, kNow});
  EXPECT_EQ(use->calls(), ToolUse::Calls::kIfWanted);
  EXPECT_TRUE(allows(*use, R"({"name": "weather", "arguments": {"city": "x"}})"));
  EXPECT_FALSE(allows(*use, R"({"name": "weather", "arguments": {}})"));
  EXPECT_TRUE(allows(*use, R"({"name": "now", "arguments": {}})"));
  EXPECT_FALSE(allows(*use, R"({"name": "other")"));
}

TEST(ToolUse, TakesAnyObjectWhereASchemaIsBeyondIt) {
  const auto use = made({kNested, kWeather});
  EXPECT_TRUE(allows(*use, R"({"name": "nested", "arguments": {"a": {"b": [1]}}})"));
  EXPECT_FALSE(allows(*use, R"({"name": "weather", "arguments": {"b": 1}})"));
}

TEST(ToolUse, AChosenFunctionIsTheOnlyOneThatMayBeCalled) {
  const auto use = made({kWeather, kNow}, {Kind::kFunction, "now"});
  EXPECT_EQ(use->calls(), ToolUse::Calls::kAtLeastOne);
  EXPECT_EQ(use->announcements().size(), 2U);
  EXPECT_FALSE(allows(*use, R"({"name": "w)"));
}

TEST(ToolUse, IsNothingWithoutFunctions) {
  EXPECT_EQ(made({}, {Kind::kRequired, ""}), nullptr);
}

TEST(ToolUse, NamesWhatIsWrong) {
  EXPECT_EQ(field_of_fault({kNow, kNow}), "tools");
  EXPECT_EQ(field_of_fault({kNow, {"", "", ""}}), "tools[1].name");
  EXPECT_EQ(field_of_fault({kNow}, {Kind::kFunction, "later"}), "tool_choice");
  EXPECT_EQ(field_of_fault({{"f", std::string(300 * 1024, 'x'), ""}}), "tools");
  std::vector<Tool> many;
  for (int i = 0; i < 600; ++i) many.push_back({"f" + std::to_string(i), "", ""});
  EXPECT_EQ(field_of_fault(many), "tools");
}

}  // namespace
}  // namespace antiphon::pipeline
