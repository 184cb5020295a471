#include <atomic>

#include "pipeline/jobs/answering_job.h"
#include "server/api/api_routes.h"
#include "server/api/chat_request.h"
#include "server/api/job_places.h"
#include "server/api/server_sent_events.h"

namespace antiphon::server {
namespace {

using pipeline::Answering;

ChatHead head_of(const ChatRequest& request) {
  static std::atomic<std::uint64_t> last = 0;
  const std::int64_t now = Gatekeeper::clock_now().unix_seconds;
  return {"chatcmpl-" + std::to_string(now) + "-" + std::to_string(++last), now, request.model};
}

std::string new_call_id() {
  static std::atomic<std::uint64_t> last = 0;
  return "call_" + std::to_string(Gatekeeper::clock_now().unix_seconds) + "_" + std::to_string(++last);
}

HttpFault fault_of(Answering::Refusal refusal) {
  switch (refusal) {
    case Answering::Refusal::kNoRoom:
      return overloaded("The server has no room for this request now; try again later.");
    case Answering::Refusal::kPromptTooLong:
      return {400, "context_length_exceeded", "The messages are longer than the model's context.",
              "messages"};
    case Answering::Refusal::kFailed:
      break;
  }
  return network_failed();
}

// One answer while it is written.
class Answer {
 public:
  Answer(JobPlace& place, const ChatRequest& request)
      : place_(place), answering_(place.seat, place.waiter.bell(), request.question), stop_(request.stops) {}

  // Some text; none at the end, or with a fault.
  asio::awaitable<std::string> next();
  const std::optional<HttpFault>& fault() const { return fault_; }
  // Complete once next() has given none.
  const std::vector<ChatCall>& calls() const { return calls_; }
  ChatFinish finish() const { return finish_; }
  ChatUsage usage() const { return {answering_.prompt_tokens(), answering_.answer_tokens()}; }

 private:
  JobPlace& place_;
  Answering answering_;
  StopSearch stop_;
  std::vector<ChatCall> calls_;
  bool ended_ = false;
  ChatFinish finish_ = ChatFinish::kStop;
  std::optional<HttpFault> fault_;
};

asio::awaitable<std::string> Answer::next() {
  while (!ended_) {
    const Answering::News news = answering_.look(std::chrono::steady_clock::now());
    if (news.refusal) {
      ended_ = true;
      fault_ = fault_of(*news.refusal);
      co_return "";
    }
    std::string text = stop_.push(news.text);
    for (const models::text::ToolCall& call : news.calls) calls_.push_back({new_call_id(), call});
    ended_ = news.end.has_value() || stop_.stopped();
    if (ended_) text += stop_.finish();
    const bool cut =
        news.end == pipeline::TokenEnd::kTokenLimit || news.end == pipeline::TokenEnd::kContextFull;
    if (!calls_.empty()) finish_ = ChatFinish::kToolCalls;
    if (cut && !stop_.stopped()) finish_ = ChatFinish::kLength;
    if (!text.empty()) co_return text;
    if (!ended_) co_await place_.waiter.wait();
  }
  co_return "";
}

asio::awaitable<void> answer_whole(Exchange& exchange, Answer& answer, const ChatRequest& request) {
  std::string text;
  for (;;) {
    const std::string delta = co_await answer.next();
    if (delta.empty()) break;
    if (exchange.client_gone()) co_return;
    text += delta;
  }
  if (answer.fault()) {
    co_await exchange.refuse(*answer.fault());
    co_return;
  }
  co_await exchange.answer_json(
      chat_completion(head_of(request), text, answer.calls(), answer.finish(), answer.usage()));
}

asio::awaitable<void> answer_in_chunks(Exchange& exchange, Answer& answer, const ChatRequest& request) {
  const ChatHead head = head_of(request);
  std::string delta = co_await answer.next();
  if (answer.fault()) {
    co_await exchange.refuse(*answer.fault());
    co_return;
  }
  bool there = co_await exchange.begin_stream(kEventStream);
  if (there) there = co_await exchange.write_piece(server_sent_event(chat_start_chunk(head)));
  while (there && !delta.empty()) {
    there = co_await exchange.write_piece(server_sent_event(chat_delta_chunk(head, delta)));
    if (there) delta = co_await answer.next();
  }
  if (!there || answer.fault()) co_return;
  std::string last;
  int index = 0;
  for (const ChatCall& call : answer.calls()) last += server_sent_event(chat_call_chunk(head, call, index++));
  last += server_sent_event(chat_end_chunk(head, answer.finish()));
  if (request.stream_usage) last += server_sent_event(chat_usage_chunk(head, answer.usage()));
  there = co_await exchange.write_piece(last + std::string(kLastEvent));
  if (there) co_await exchange.end_stream();
}

}  // namespace

asio::awaitable<void> serve_chat(Exchange& exchange) {
  const auto place = co_await take_job_place(exchange);
  if (!place) co_return;
  const pipeline::Networks& networks = *place->seat->networks;
  const ChatDefaults defaults{networks.assistant->repetition_penalty, networks.tool_vocabulary != nullptr};
  const auto read = chat_request(exchange.body(), defaults);
  if (const auto* fault = std::get_if<HttpFault>(&read)) {
    co_await exchange.refuse(*fault);
    co_return;
  }
  const auto& request = std::get<ChatRequest>(read);
  Answer answer(*place, request);
  if (request.stream) {
    co_await answer_in_chunks(exchange, answer, request);
  } else {
    co_await answer_whole(exchange, answer, request);
  }
}

}  // namespace antiphon::server
