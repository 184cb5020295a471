#include "models/decoding/token_constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "tests/support/schema_check.h"

namespace antiphon::models {
namespace {

using nlohmann::json;

// Every single byte, and pieces that end or begin values in the middle.
ConstraintVocabulary small_vocabulary() {
  std::vector<std::string> bytes_of{"", ""};  // two special tokens
  for (int byte = 0; byte < 256; ++byte) bytes_of.emplace_back(1, static_cast<char>(byte));
  for (const char* piece :
       {"\n{\"", "{\"",  "name",     "\":",   " \"",       "\": \"", "\", \"",       "arguments",
        "\": {", "{}",   "}}\n",     "</",    "tool_call", ">",      "</tool_call>", "ab",
        "abc",   " a",   "\xc3\xa9", "\xa9t", "\\\"",      "\\u",    "00",           "12",
        "1.5",   ", ",   "],",       "true",  "null",      "fal",    "\"}",          "\"]}",
        "[\"",   "[{\"", ": ",       ":1",    "  ",        "ab"}) {
    bytes_of.emplace_back(piece);
  }
  return ConstraintVocabulary(std::move(bytes_of));
}

const std::vector<FunctionSchema>& functions() {
  static const std::vector<FunctionSchema> all{
      {"lights", R"({"type":"object","required":["room","state"],"properties":{"room":{"type":"string"},
        "rooms":{"type":"array","items":{"enum":["hall","kitchen"]},"maxItems":3},
        "state":{"enum":["on","off",1,10,true,null]},"level":{"type":["integer","null"]}}})"},
      {"light", R"({"type":"object","properties":{"at":{"type":"object","required":["x"],"properties":{
        "x":{"type":"number"},"é\"q":{"anyOf":[{"type":"boolean"},{"type":"string"}]}}}}})"},
      {"note", R"({"type":"object"})"},
      {"now", ""}};
  return all;
}

ToolCallGrammar grammar() {
  return std::get<ToolCallGrammar>(ToolCallGrammar::compile(functions()));
}

std::vector<Token> tokens_of(const TokenMask& mask, int vocabulary) {
  std::vector<Token> tokens;
  for (Token token = 0; token < vocabulary; ++token) {
    if (mask.has(token)) tokens.push_back(token);
  }
  return tokens;
}

void expect_a_call(const std::string& text) {
  const std::size_t end = text.rfind("\n</tool_call>");
  ASSERT_EQ(end + 13, text.size()) << text;
  const json call = json::parse(text.substr(0, end), nullptr, false);
  ASSERT_TRUE(call.is_object()) << text;
  for (const auto& [name, parameters] : functions()) {
    if (call["name"] != name) continue;
    const json schema = parameters.empty() ? json{{"type", "object"}, {"properties", json::object()}}
                                           : json::parse(parameters);
    EXPECT_TRUE(test::fits_schema(call["arguments"], schema)) << text;
    return;
  }
  ADD_FAILURE() << "no such function: " << text;
}

TEST(TokenConstraint, RandomTokensUnderTheMaskMakeACallThatFits) {
  const ConstraintVocabulary vocabulary = small_vocabulary();
  const ToolCallGrammar calls = grammar();
  std::mt19937 random(1);
  int complete = 0;
  for (int run = 0; run < 400; ++run) {
    TokenConstraint constraint(vocabulary, calls);
    std::string text;
    for (int i = 0; i < 3000 && !constraint.done(); ++i) {
      std::vector<Token> allowed = tokens_of(constraint.allowed(), vocabulary.size());
      ASSERT_FALSE(allowed.empty()) << "dead end after: " << text;
      // Half of the time something that ends a value, so that strings don't go on for ever.
      const auto closes = [&](Token t) { return vocabulary.bytes(t).find_first_of("\"}]") == 0; };
      const auto closing = std::ranges::find_if(allowed, closes);
      const bool close = closing != allowed.end() && random() % 2 == 0;
      const Token token = close ? *closing : allowed[random() % allowed.size()];
      text += vocabulary.bytes(token);
      constraint.accept(token);
    }
    if (!constraint.done()) continue;
    ++complete;
    expect_a_call(text);
  }
  EXPECT_GT(complete, 350);
}

TEST(TokenConstraint, TheMaskIsExactlyTheTokensThatTheAcceptorTakes) {
  const ConstraintVocabulary vocabulary = small_vocabulary();
  const ToolCallGrammar calls = grammar();
  std::mt19937 random(2);
  for (int run = 0; run < 40; ++run) {
    TokenConstraint constraint(vocabulary, calls);
    ToolCallAcceptor state(calls);
    for (int i = 0; i < 60 && !constraint.done(); ++i) {
      const std::vector<Token> allowed = tokens_of(constraint.allowed(), vocabulary.size());
      std::vector<Token> expected;
      for (Token token = 0; token < vocabulary.size(); ++token) {
        ToolCallAcceptor next = state;
        bool fits = !vocabulary.bytes(token).empty();
        for (const char byte : vocabulary.bytes(token)) fits = fits && next.advance(byte);
        if (fits) expected.push_back(token);
      }
      ASSERT_EQ(allowed, expected);
      const Token token = allowed[random() % allowed.size()];
      for (const char byte : vocabulary.bytes(token)) ASSERT_TRUE(state.advance(byte));
      constraint.accept(token);
    }
  }
}

TEST(TokenConstraint, ForcesWhatHasOnlyOneForm) {
  const ConstraintVocabulary vocabulary = small_vocabulary();
  const auto only_now =
      std::get<ToolCallGrammar>(ToolCallGrammar::compile(std::vector<FunctionSchema>{{"now", ""}}));
  TokenConstraint constraint(vocabulary, only_now);
  std::string text;
  while (!constraint.done()) {
    const Token token = tokens_of(constraint.allowed(), vocabulary.size()).back();
    text += vocabulary.bytes(token);
    constraint.accept(token);
  }
  EXPECT_EQ(text.substr(text.find('{')), "{\"name\": \"now\", \"arguments\": {}}\n</tool_call>");
  EXPECT_THAT(tokens_of(constraint.allowed(), vocabulary.size()), testing::IsEmpty());
}

TEST(TokenConstraint, TakesAVocabularyWithoutTheBytesOfUnassignedCharacters) {
  std::vector<std::string> bytes_of;
  for (int byte = 0x0a; byte < 0xf5; ++byte) {
    if (byte != 0xf1 && byte != 0xf2 && byte != 0x13) bytes_of.emplace_back(1, static_cast<char>(byte));
  }
  EXPECT_NO_THROW(ConstraintVocabulary{bytes_of});
}

TEST(TokenConstraint, ChecksBytesThatComeWithTheTag) {
  const ConstraintVocabulary vocabulary = small_vocabulary();
  const ToolCallGrammar calls = grammar();
  TokenConstraint fits(vocabulary, calls);
  EXPECT_TRUE(fits.accept_text("\n{\"na"));
  EXPECT_FALSE(fits.accept_text("mine"));
}

TEST(TokenConstraint, RefusesAVocabularyThatCouldEndInADeadEnd) {
  EXPECT_THROW(ConstraintVocabulary({"a", "b", "{"}), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models
