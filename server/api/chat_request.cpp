#include "server/api/chat_request.h"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

#include "pipeline/tool_use.h"
#include "server/api/json_body.h"
#include "server/protocol/settings_reader.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

using models::text::ChatMessage;
using models::text::ChatRole;
using models::text::ToolCall;
using protocol::Fields;

constexpr std::size_t kMessagesMax = 1000;
constexpr int kTokensDefault = 1024;
constexpr int kTokensMax = 4096;

// A text, or parts of which each is a text.
std::string content(const Fields& message) {
  const json::value* value = message.value("content");
  if (value == nullptr || !value->is_array()) return message.text("content").value_or("");
  const json::array& parts = value->get_array();
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = message.element("content", parts, i);
    if (!part) break;
    part->require("type");
    part->choice<bool>("type", {{"text", true}});
    part->require("text");
    text += part->text("text").value_or("");
  }
  return text;
}

// An assistant's calls, as this server gave them to the client.
std::vector<ToolCall> tool_calls(const Fields& message) {
  std::vector<ToolCall> calls;
  const json::array* list = message.array("tool_calls", protocol::kToolsMax);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto call = message.element("tool_calls", *list, i);
    if (!call) break;
    call->choice<bool>("type", {{"function", true}});
    call->require("id");
    call->require("function");
    const auto function = call->object("function");
    if (!function) break;
    function->require("name");
    function->require("arguments");
    calls.push_back({function->text("name").value_or(""), function->text("arguments").value_or("{}")});
  }
  return calls;
}

void read_message(const Fields& fields, pipeline::Question& question) {
  fields.require("role");
  const auto role = fields.choice<ChatRole>("role", {{"system", ChatRole::kSystem},
                                                     {"developer", ChatRole::kSystem},
                                                     {"user", ChatRole::kUser},
                                                     {"assistant", ChatRole::kAssistant},
                                                     {"tool", ChatRole::kTool}});
  if (!role) return;
  std::vector<ToolCall> calls;
  if (*role == ChatRole::kAssistant) calls = tool_calls(fields);
  if (calls.empty()) fields.require("content");
  if (*role == ChatRole::kTool) fields.require("tool_call_id");
  std::string text = content(fields);
  if (*role == ChatRole::kSystem && question.messages.empty()) {
    question.system += (question.system.empty() ? "" : "\n\n") + text;
  } else {
    question.messages.push_back({*role, std::move(text), std::move(calls)});
  }
}

// Each in an object of its own, other than in a session: {"type": "function", "function": {...}}.
std::vector<pipeline::Tool> read_tools(const Fields& body) {
  std::vector<pipeline::Tool> tools;
  const json::array* list = body.array("tools", protocol::kToolsMax);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto tool = body.element("tools", *list, i);
    if (!tool) break;
    tool->require("type");
    tool->choice<bool>("type", {{"function", true}});
    tool->require("function");
    if (const auto function = tool->object("function")) tools.push_back(protocol::function_tool(*function));
  }
  return tools;
}

pipeline::ToolChoice read_tool_choice(const Fields& body) {
  const json::value* value = body.value("tool_choice");
  if (value == nullptr || !value->is_object()) {
    return protocol::tool_choice(body).value_or(pipeline::ToolChoice());
  }
  const Fields choice = *body.object("tool_choice");
  choice.require("function");
  const auto function = choice.object("function");
  if (function) function->require("name");
  return {pipeline::ToolChoice::Kind::kFunction, function ? function->text("name").value_or("") : ""};
}

void read_tool_use(const Fields& body, const ChatDefaults& defaults, pipeline::Question& question) {
  const std::vector<pipeline::Tool> tools = read_tools(body);
  const pipeline::ToolChoice choice = read_tool_choice(body);
  if (body.fault().found()) return;
  if (!tools.empty() && !defaults.can_call) {
    body.fail("unsupported_value", "tools", "can't be called by this server's language model.");
  }
  pipeline::ToolUse::Made made = pipeline::ToolUse::of(tools, choice);
  if (const auto* error = std::get_if<models::SchemaError>(&made)) {
    body.fail("invalid_value", error->field, error->message + ".");
  } else {
    question.tools = std::get<0>(std::move(made));
  }
}

void read_messages(const Fields& body, pipeline::Question& question) {
  body.require("messages");
  const json::array* messages = body.array("messages", kMessagesMax);
  if (messages == nullptr) return;
  for (std::size_t i = 0; i < messages->size(); ++i) {
    if (const auto message = body.element("messages", *messages, i)) read_message(*message, question);
  }
  if (messages->empty()) body.fail("invalid_value", "messages", "must have at least one message.");
}

std::vector<std::string> read_stops(const Fields& body) {
  const json::value* value = body.value("stop");
  if (value == nullptr) return {};
  if (!value->is_array()) {
    const std::string stop = body.text("stop").value_or("");
    return stop.empty() ? std::vector<std::string>{} : std::vector<std::string>{stop};
  }
  std::vector<std::string> stops;
  const json::array* texts = body.array("stop", 4);
  if (texts == nullptr) return {};
  for (const json::value& text : *texts) {
    if (!text.is_string() || text.get_string().empty()) {
      body.fail("invalid_value", "stop", "must be a string or up to four, none of them empty.");
      return {};
    }
    stops.emplace_back(text.get_string());
  }
  return stops;
}

// Fields that would change the answer and that this server does not follow.
void refuse_unsupported(const Fields& body) {
  if (const json::array* functions = body.array("functions", 1000); functions && !functions->empty()) {
    body.fail("unsupported_value", "functions", "is not supported here; use tools.");
  }
  if (body.flag("logprobs").value_or(false)) {
    body.fail("unsupported_value", "logprobs", "is not supported here.");
  }
  for (const char* key : {"frequency_penalty", "presence_penalty"}) {
    if (body.number(key, -2, 2).value_or(0) != 0) body.fail("unsupported_value", key, "must be 0 here.");
  }
  if (body.integer("n", 1, 128).value_or(1) != 1) body.fail("unsupported_value", "n", "must be 1 here.");
  if (const auto format = body.object("response_format")) format->choice<bool>("type", {{"text", true}});
  if (body.has("audio") && !body.is_null("audio")) {
    body.fail("unsupported_value", "audio", "is not supported here; use /v1/realtime or /v1/audio/speech.");
  }
}

void read_sampling(const Fields& body, const ChatDefaults& defaults, pipeline::Question& question) {
  models::SamplingOptions& sampling = question.sampling;
  sampling.temperature = static_cast<float>(body.number("temperature", 0, 2).value_or(0));
  sampling.top_p = std::max(1e-6F, static_cast<float>(body.number("top_p", 0, 1).value_or(1)));
  sampling.repetition_penalty = defaults.repetition_penalty;
  const auto seed = body.number("seed", -9.3e18, 9.3e18);
  if (seed) question.seed = static_cast<std::uint64_t>(std::min(std::abs(*seed), 9.2e18));
  const auto older = body.integer("max_tokens", 1, kTokensMax);
  question.tokens_max =
      body.integer("max_completion_tokens", 1, kTokensMax).value_or(older.value_or(kTokensDefault));
}

std::string_view name_of(ChatFinish finish) {
  switch (finish) {
    case ChatFinish::kStop:
      return "stop";
    case ChatFinish::kLength:
      return "length";
    case ChatFinish::kToolCalls:
      return "tool_calls";
  }
  return "";
}

json::object call_json(const ChatCall& call) {
  return {{"id", call.id},
          {"type", "function"},
          {"function", {{"name", call.call.name}, {"arguments", call.call.arguments}}}};
}

json::object object_of(const ChatHead& head, std::string_view kind) {
  return {{"id", head.id}, {"object", kind}, {"created", head.created}, {"model", head.model}};
}

json::object usage_json(const ChatUsage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.answer_tokens},
          {"total_tokens", usage.prompt_tokens + usage.answer_tokens}};
}

std::string chunk(const ChatHead& head, json::object delta, const json::value& finish) {
  json::object object = object_of(head, "chat.completion.chunk");
  object["choices"] = json::array{json::object{
      {"index", 0}, {"delta", std::move(delta)}, {"logprobs", nullptr}, {"finish_reason", finish}}};
  return json::serialize(object);
}

}  // namespace

std::variant<ChatRequest, HttpFault> chat_request(std::string_view text, const ChatDefaults& defaults) {
  const auto parsed = json_body(text);
  if (const auto* fault = std::get_if<HttpFault>(&parsed)) return *fault;
  protocol::Fault fault;
  const Fields body(std::get<json::object>(parsed), "", fault);
  ChatRequest request;
  body.require("model");
  request.model = body.text("model").value_or("");
  read_messages(body, request.question);
  read_sampling(body, defaults, request.question);
  read_tool_use(body, defaults, request.question);
  request.stops = read_stops(body);
  request.stream = body.flag("stream").value_or(false);
  if (const auto options = body.object("stream_options")) {
    request.stream_usage = options->flag("include_usage").value_or(false);
  }
  refuse_unsupported(body);
  if (fault.found()) return bad_field(fault);
  return request;
}

std::string chat_completion(const ChatHead& head, std::string_view text, std::span<const ChatCall> calls,
                            ChatFinish finish, const ChatUsage& usage) {
  json::object message{{"role", "assistant"}, {"content", text}, {"refusal", nullptr}};
  if (text.empty() && !calls.empty()) message["content"] = nullptr;
  json::array list;
  for (const ChatCall& call : calls) list.push_back(call_json(call));
  if (!list.empty()) message["tool_calls"] = std::move(list);
  json::object object = object_of(head, "chat.completion");
  object["choices"] = json::array{json::object{{"index", 0},
                                               {"message", std::move(message)},
                                               {"logprobs", nullptr},
                                               {"finish_reason", name_of(finish)}}};
  object["usage"] = usage_json(usage);
  return json::serialize(object);
}

std::string chat_start_chunk(const ChatHead& head) {
  return chunk(head, {{"role", "assistant"}, {"content", ""}}, nullptr);
}

std::string chat_delta_chunk(const ChatHead& head, std::string_view delta) {
  return chunk(head, {{"content", delta}}, nullptr);
}

std::string chat_call_chunk(const ChatHead& head, const ChatCall& call, int index) {
  json::object object = call_json(call);
  object["index"] = index;
  return chunk(head, {{"tool_calls", json::array{std::move(object)}}}, nullptr);
}

std::string chat_end_chunk(const ChatHead& head, ChatFinish finish) {
  return chunk(head, {}, json::string(name_of(finish)));
}

std::string chat_usage_chunk(const ChatHead& head, const ChatUsage& usage) {
  json::object object = object_of(head, "chat.completion.chunk");
  object["choices"] = json::array();
  object["usage"] = usage_json(usage);
  return json::serialize(object);
}

std::string StopSearch::push(std::string_view text) {
  if (stopped_) return "";
  held_ += text;
  std::size_t certain = held_.size();
  for (const std::string& stop : stops_) {
    const std::size_t found = held_.find(stop);
    if (found != std::string::npos) stopped_ = true;
    certain = std::min(certain, found);
  }
  if (stopped_) return std::exchange(held_, "").substr(0, certain);
  for (const std::string& stop : stops_) {
    for (std::size_t length = std::min(stop.size() - 1, held_.size()); length > 0; --length) {
      if (!held_.ends_with(std::string_view(stop).substr(0, length))) continue;
      certain = std::min(certain, held_.size() - length);
      break;
    }
  }
  std::string out = held_.substr(0, certain);
  held_.erase(0, certain);
  return out;
}

}  // namespace antiphon::server
