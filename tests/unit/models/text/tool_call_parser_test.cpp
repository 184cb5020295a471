#include "models/text/tool_call_parser.h"

#include <gtest/gtest.h>

namespace antiphon::models::text {
namespace {

// All events in one line: said text as it is (joined), calls as {name args}, broken calls as !reason!.
std::string parsed(std::string_view reply, std::size_t piece_bytes) {
  ToolCallParser parser;
  std::vector<ReplyEvent> events;
  for (std::size_t at = 0; at < reply.size(); at += piece_bytes)
    parser.push(reply.substr(at, piece_bytes), &events);
  parser.finish(&events);
  std::string line;
  for (const ReplyEvent& event : events) {
    if (const auto* text = std::get_if<ReplyText>(&event)) {
      EXPECT_FALSE(text->text.empty());
      line += text->text;
    }
    if (const auto* call = std::get_if<ToolCall>(&event))
      line += "{" + call->name + " " + call->arguments + "}";
    if (const auto* broken = std::get_if<BrokenToolCall>(&event)) line += "!" + broken->reason + "!";
  }
  return line;
}

std::string call(std::string_view body) {
  return "<tool_call>\n" + std::string(body) + "\n</tool_call>";
}

TEST(ToolCallParser, TakesAReplyApartHoweverItIsCut) {
  const std::string f = R"({"name": "f", "arguments": {"z": 1, "a": "</b>"}})";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"Hello there.", "Hello there."},
      {" a < b <tool> \n", " a < b <tool>"},
      {call(f), R"({f {"z": 1, "a": "</b>"}})"},
      {"One moment.\n" + call(f) + "\n" + call(R"({"name":"g"})") + "\n",
       R"(One moment.{f {"z": 1, "a": "</b>"}}{g {}})"},
      {call(f) + " Done.", R"({f {"z": 1, "a": "</b>"}} Done.)"},
      {"<<tool_call>" + f + "</tool_call>", R"(<{f {"z": 1, "a": "</b>"}})"},
      {"<tool_cal", "<tool_cal"},
      {"</tool_call>", "</tool_call>"},
  };
  for (const auto& [reply, expected] : cases) {
    for (std::size_t piece = 1; piece <= reply.size(); ++piece) {
      EXPECT_EQ(parsed(reply, piece), expected) << reply << " in pieces of " << piece;
    }
  }
}

TEST(ToolCallParser, KnowsHowAnOpenCallBegins) {
  ToolCallParser parser;
  std::vector<ReplyEvent> events;
  const std::string reply = call(R"({"name": "f", "arguments": {"a": "\"}", "b": {}}})");
  std::string arguments;
  for (const char c : reply) {
    parser.push(std::string_view(&c, 1), &events);
    const auto open = parser.open_call();
    if (!open) continue;
    EXPECT_EQ(open->name, "f");
    EXPECT_TRUE(open->arguments.starts_with(arguments));
    arguments = open->arguments;
  }
  EXPECT_EQ(arguments, R"({"a": "\"}", "b": {}})");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<ToolCall>(events[0]).arguments, arguments);
  EXPECT_FALSE(parser.open_call());
}

TEST(ToolCallParser, ReportsACallThatItDoesNotUnderstand) {
  EXPECT_EQ(parsed(call("{\"name\": "), 5), "!not valid JSON!");
  EXPECT_EQ(parsed(call("[1]"), 5), "!not a JSON object!");
  EXPECT_EQ(parsed(call(R"({"name": 3})"), 5), "!no name!");
  EXPECT_EQ(parsed(call(R"({"arguments": {}})"), 5), "!no name!");
  EXPECT_EQ(parsed(call(R"({"name": "f", "arguments": "{}"})"), 5), "!arguments is not an object!");
  EXPECT_EQ(parsed(call("{\"name\": \"\xFF\"}"), 5), "!not valid JSON!");
  EXPECT_EQ(parsed("a<tool_call>{", 5), "a!has no end!");
  EXPECT_EQ(parsed(call(""), 5), "!not valid JSON!");
}

TEST(ToolCallParser, BoundsWhatACallMayTake) {
  EXPECT_EQ(parsed(call(std::string(200'000, '[')), 1000), "!too long!");
  EXPECT_EQ(parsed(call(std::string(60'000, '[')), 1000), "!nested too deeply!");
  EXPECT_EQ(
      parsed(call(R"({"name": "f", "arguments": {"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}})"), 7),
      R"({f {"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}})")
      << "brackets in strings are no nesting";
  EXPECT_EQ(parsed("<tool_call>" + std::string(200'000, 'x'), 1 << 20), "!has no end!");
  EXPECT_EQ(parsed("<tool_call>" + std::string(200'000, 'x') + "</tool_call>ok", 777), "!too long!ok");
}

TEST(ToolCallParser, LetsTextThroughAtOnce) {
  ToolCallParser parser;
  std::vector<ReplyEvent> events;
  parser.push("It is", &events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(std::get<ReplyText>(events[0]).text, "It is");
  parser.push(" <", &events);
  EXPECT_EQ(events.size(), 1u) << "may become a tag";
  parser.push("3", &events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<ReplyText>(events[1]).text, " <3");
}

}  // namespace
}  // namespace antiphon::models::text
