#include "tests/bench/voice/heard_turn.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <stdexcept>
#include <string_view>

#include "server/protocol/base64.h"

namespace antiphon::bench {
namespace {

constexpr int kAudible = 104;  // -50 dBFS of 16 bits

std::string text_of(const boost::json::value& event, std::string_view key) {
  return std::string(event.at(key).as_string());
}

HeardReply* find(HeardTurn* turn, const std::string& id) {
  if (turn == nullptr) return nullptr;
  const auto found = std::ranges::find(turn->replies, id, &HeardReply::id);
  return found == turn->replies.end() ? nullptr : &*found;
}

void hear_audio(std::string_view base64, Time now, HeardReply* reply) {
  const auto bytes = server::protocol::base64_decoded(base64);
  if (!bytes) throw std::runtime_error("the server's audio is not Base64");
  if (!reply->first_delta) reply->first_delta = now;
  reply->last_delta = now;
  const auto count = static_cast<std::int64_t>(bytes->size() / 2);
  for (std::int64_t i = 0; i < count && !reply->audible; ++i) {
    const auto at = static_cast<std::size_t>(2 * i);
    const auto value = static_cast<std::int16_t>(std::to_integer<unsigned>((*bytes)[at]) |
                                                 std::to_integer<unsigned>((*bytes)[at + 1]) << 8U);
    if (std::abs(int{value}) < kAudible) continue;
    constexpr std::int64_t kSample_ns = 1'000'000'000 / 24000;
    const Time played = *reply->first_delta + std::chrono::nanoseconds((reply->samples + i) * kSample_ns);
    reply->audible = std::max(now, played);
  }
  reply->samples += count;
}

void hear_done(const boost::json::value& event, HeardTurn* turn, HeardTurn* last, HeardReply* reply) {
  const auto& response = event.at("response");
  reply->status = text_of(response, "status");
  if (find(last, reply->id) != nullptr && reply->status == "cancelled") {
    turn->barged_in_on = reply->last_delta;
  }
}

}  // namespace

const HeardReply* HeardTurn::answer() const {
  for (const HeardReply& reply : std::views::reverse(replies)) {
    if (reply.audible) return &reply;
  }
  return nullptr;
}

void hear(const boost::json::value& event, Time now, HeardTurn* turn, HeardTurn* last) {
  const std::string type = text_of(event, "type");
  if (type == "input_audio_buffer.speech_started") {
    if (!turn->speech_started) turn->speech_started = now;
  } else if (type == "input_audio_buffer.committed") {
    turn->committed.push_back(now);
  } else if (type == "conversation.item.input_audio_transcription.completed") {
    turn->words += (turn->words.empty() ? "" : " | ") + text_of(event, "transcript");
  } else if (type == "error") {
    turn->error = text_of(event.at("error"), "message");
  } else if (type == "response.created") {
    HeardReply& reply = turn->replies.emplace_back();
    reply.id = text_of(event.at("response"), "id");
    reply.created = now;
  } else if (type.starts_with("response.")) {
    const std::string id =
        type == "response.done" ? text_of(event.at("response"), "id") : text_of(event, "response_id");
    HeardReply* reply = find(turn, id);
    if (reply == nullptr) reply = find(last, id);
    if (reply == nullptr) return;
    if (type == "response.output_audio.delta") hear_audio(event.at("delta").as_string(), now, reply);
    if (type == "response.output_audio_transcript.delta") reply->words += text_of(event, "delta");
    if (type == "response.done") hear_done(event, turn, last, reply);
  }
}

}  // namespace antiphon::bench
