// POST /v1/chat/completions: what the body asks for, and the answer's objects. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/jobs/answering_job.h"
#include "server/net/http_fault.h"

namespace antiphon::server {

struct ChatRequest {
  std::string model;  // echoed
  pipeline::Question question;
  std::vector<std::string> stops;  // the answer ends before the first of them
  bool stream = false;
  bool stream_usage = false;  // a last chunk with the counts
};

// What the server adds to what the client says.
struct ChatDefaults {
  float repetition_penalty = 1;
  bool can_call = true;  // the language model, functions
};

std::variant<ChatRequest, HttpFault> chat_request(std::string_view body, const ChatDefaults& defaults);

// Of one answer: what all its objects repeat.
struct ChatHead {
  std::string id;
  std::int64_t created = 0;  // seconds of Unix time
  std::string model;
};
struct ChatUsage {
  int prompt_tokens = 0;
  int answer_tokens = 0;
};
enum class ChatFinish : std::uint8_t { kStop, kLength, kToolCalls };
struct ChatCall {
  std::string id;  // the client names it with the result
  models::text::ToolCall call;
};

std::string chat_completion(const ChatHead& head, std::string_view text, std::span<const ChatCall> calls,
                            ChatFinish finish, const ChatUsage& usage);
// The data of the streamed events, in their order: one start, any deltas, any calls, one end, and the usage
// if asked for.
std::string chat_start_chunk(const ChatHead& head);
std::string chat_delta_chunk(const ChatHead& head, std::string_view delta);
std::string chat_call_chunk(const ChatHead& head, const ChatCall& call, int index);
std::string chat_end_chunk(const ChatHead& head, ChatFinish finish);
std::string chat_usage_chunk(const ChatHead& head, const ChatUsage& usage);

// Ends a text before the first of some words, while the text comes. Holds back what may be the beginning of
// one.
//
// Owner: one answer.
class StopSearch {
 public:
  explicit StopSearch(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // What is certain now.
  std::string push(std::string_view text);
  // What was held back.
  std::string finish() { return stopped_ ? "" : std::exchange(held_, ""); }
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace antiphon::server
