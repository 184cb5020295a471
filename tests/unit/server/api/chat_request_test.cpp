#include "server/api/chat_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

#include "server/api/server_sent_events.h"

namespace antiphon::server {
namespace {

using models::text::ChatRole;
namespace json = boost::json;

const ChatHead kHead{"chatcmpl-1", 1234, "m"};

HttpFault fault_with(const std::string& field) {
  const auto read =
      chat_request(R"({"model":"m","messages":[{"role":"user","content":"Hi"}],)" + field + "}", {});
  const auto* fault = std::get_if<HttpFault>(&read);
  return fault != nullptr ? *fault : HttpFault{200, "", "", ""};
}

TEST(ChatRequest, ReadsMessagesAndSettings) {
  const auto request = std::get<ChatRequest>(chat_request(
      R"({"model":"m","messages":[{"role":"system","content":"Be brief."},)"
      R"({"role":"developer","content":"Be kind."},)"
      R"({"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"this?"}]},)"
      R"({"role":"assistant","content":"A test."},{"role":"user","content":"Sure?"}],)"
      R"("temperature":0.5,"top_p":0.9,"seed":7,"max_completion_tokens":20,"max_tokens":30,)"
      R"("stop":["\n","END"],)"
      R"("stream":true,"stream_options":{"include_usage":true},"n":1,)"
      R"("response_format":{"type":"text"},"tools":[]})",
      {1.25F}));
  EXPECT_EQ(request.question.system, "Be brief.\n\nBe kind.");
  ASSERT_EQ(request.question.messages.size(), 3U);
  EXPECT_EQ(request.question.messages[0].text, "What is this?");
  EXPECT_EQ(request.question.messages[1].role, ChatRole::kAssistant);
  EXPECT_EQ(request.question.sampling.temperature, 0.5F);
  EXPECT_EQ(request.question.sampling.top_p, 0.9F);
  EXPECT_EQ(request.question.sampling.repetition_penalty, 1.25F);
  EXPECT_EQ(request.question.seed, 7U);
  EXPECT_EQ(request.question.tokens_max, 20);
  EXPECT_EQ(request.stops, (std::vector<std::string>{"\n", "END"}));
  EXPECT_TRUE(request.stream);
  EXPECT_TRUE(request.stream_usage);
}

TEST(ChatRequest, NamesTheFieldThatIsWrongOrNotFollowed) {
  EXPECT_EQ(fault_with(R"("user":"u")").status, 200);
  EXPECT_EQ(fault_with(R"("temperature":3)").param, "temperature");
  EXPECT_EQ(fault_with(R"("max_tokens":0)").param, "max_tokens");
  EXPECT_EQ(fault_with(R"("n":2)").param, "n");
  EXPECT_EQ(fault_with(R"("stop":[1])").param, "stop");
  EXPECT_EQ(fault_with(R"("stop":["a","b","c","d","e"])").param, "stop");
  EXPECT_EQ(fault_with(R"("logprobs":true)").param, "logprobs");
  EXPECT_EQ(fault_with(R"("response_format":{"type":"json_object"})").param, "response_format.type");
  EXPECT_EQ(fault_with(R"("tools":[{"type":"function"}])").param, "tools[0].function");
  EXPECT_EQ(fault_with(R"("tools":[{"type":"function","function":{}}])").param, "tools[0].function.name");
  EXPECT_EQ(fault_with(R"("tools":[{"type":"mcp","function":{"name":"f"}}])").param, "tools[0].type");
  EXPECT_EQ(fault_with(R"("tool_choice":{"type":"function","function":{"name":"f"}})").param, "tool_choice");
  EXPECT_EQ(fault_with(R"("tool_choice":"always")").param, "tool_choice");
  const auto fault = [](const std::string& body) { return std::get<HttpFault>(chat_request(body, {})); };
  EXPECT_EQ(fault(R"({"model":"m"})").param, "messages");
  EXPECT_EQ(fault(R"({"model":"m","messages":[]})").param, "messages");
  EXPECT_EQ(fault(R"({"messages":[{"role":"user","content":"a"}]})").param, "model");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"robot","content":"a"}]})").param, "messages[0].role");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"user"}]})").param, "messages[0].content");
  EXPECT_EQ(fault(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]})").param,
            "messages[0].content[0].type");
}

TEST(ChatAnswer, HasTheVendorsShape) {
  const auto whole = json::parse(chat_completion(kHead, "Hi!", {}, ChatFinish::kLength, {7, 3}));
  EXPECT_EQ(whole.at("object"), "chat.completion");
  EXPECT_EQ(whole.at("choices").at(0).at("message").at("content"), "Hi!");
  EXPECT_EQ(whole.at("choices").at(0).at("finish_reason"), "length");
  EXPECT_EQ(whole.at("usage").at("total_tokens"), 10);
  const auto start = json::parse(chat_start_chunk(kHead));
  EXPECT_EQ(start.at("object"), "chat.completion.chunk");
  EXPECT_EQ(start.at("choices").at(0).at("delta").at("role"), "assistant");
  EXPECT_TRUE(start.at("choices").at(0).at("finish_reason").is_null());
  EXPECT_EQ(json::parse(chat_delta_chunk(kHead, "a\nb")).at("choices").at(0).at("delta").at("content"),
            "a\nb");
  EXPECT_EQ(json::parse(chat_end_chunk(kHead, ChatFinish::kStop)).at("choices").at(0).at("finish_reason"),
            "stop");
  EXPECT_TRUE(json::parse(chat_usage_chunk(kHead, {1, 2})).at("choices").as_array().empty());
}

TEST(ChatRequest, ReadsFunctionsCallsAndTheirResults) {
  const auto read = chat_request(
      R"({"model":"m","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},"messages":[)"
      R"({"role":"user","content":"a"},)"
      R"({"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c","content":"42"}]})",
      {});
  const auto& question = std::get<ChatRequest>(read).question;
  ASSERT_NE(question.tools, nullptr);
  EXPECT_EQ(question.tools->calls(), pipeline::ToolUse::Calls::kAtLeastOne);
  ASSERT_EQ(question.messages.size(), 3U);
  EXPECT_EQ(question.messages[1].calls.at(0).name, "f");
  EXPECT_EQ(question.messages[2].role, models::text::ChatRole::kTool);
  EXPECT_EQ(question.messages[2].text, "42");
}

TEST(ChatAnswer, HoldsCallsInsteadOfText) {
  const ChatCall call{"call_1", {"f", R"({"a": 1})"}};
  const auto whole = json::parse(chat_completion(kHead, "", {&call, 1}, ChatFinish::kToolCalls, {7, 3}));
  const auto& message = whole.at("choices").at(0).at("message");
  EXPECT_TRUE(message.at("content").is_null());
  EXPECT_EQ(message.at("tool_calls").at(0).at("id"), "call_1");
  EXPECT_EQ(message.at("tool_calls").at(0).at("function").at("arguments"), R"({"a": 1})");
  EXPECT_EQ(whole.at("choices").at(0).at("finish_reason"), "tool_calls");
  const auto chunk = json::parse(chat_call_chunk(kHead, call, 2)).at("choices").at(0);
  EXPECT_EQ(chunk.at("delta").at("tool_calls").at(0).at("index"), 2);
  EXPECT_EQ(chunk.at("delta").at("tool_calls").at(0).at("function").at("name"), "f");
}

TEST(ServerSentEvent, IsOneLineAndAnEmptyOne) {
  EXPECT_EQ(server_sent_event(chat_delta_chunk(kHead, "a\nb")).find('\n'),
            server_sent_event(chat_delta_chunk(kHead, "a\nb")).size() - 2);
  EXPECT_EQ(server_sent_event("{}"), "data: {}\n\n");
}

TEST(StopSearch, EndsTheTextBeforeTheFirstStopHoweverItIsCut) {
  const std::string text = "one two three STOP four";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    for (std::size_t step = 1; step < 4; ++step) {
      StopSearch search({"STOP", "three S"});
      std::string out = search.push(text.substr(0, cut));
      for (std::size_t at = cut; at < text.size(); at += step) out += search.push(text.substr(at, step));
      EXPECT_EQ(out + search.finish(), "one two ") << cut << " " << step;
      EXPECT_TRUE(search.stopped());
    }
  }
}

TEST(StopSearch, GivesOutAllOfATextWithoutAny) {
  StopSearch search({"abcd"});
  EXPECT_EQ(search.push("xab"), "x");
  EXPECT_EQ(search.push("cab"), "abc");
  EXPECT_EQ(search.push("c"), "");
  EXPECT_EQ(search.finish(), "abc");
  EXPECT_EQ(StopSearch({}).push("xyz"), "xyz");
}

}  // namespace
}  // namespace antiphon::server
