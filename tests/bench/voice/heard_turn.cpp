#include "tests/bench/voice/heard_turn.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string_view>

#include "audio/g711.h"
#include "server/protocol/base64.h"

namespace antiphon::bench {
namespace {

constexpr int kAudible = 104;  // -50 dBFS of 16 bits

std::string text_of(const boost::json::value& event, std::string_view key) {
  return std::string(event.at(key).as_string());
}

HeardReply* find(HeardTurn* turn, std::string_view id) {
  if (turn == nullptr) return nullptr;
  const auto found = std::ranges::find(turn->replies, id, &HeardReply::id);
  return found == turn->replies.end() ? nullptr : &*found;
}

int amplitude(std::span<const std::byte> bytes, std::size_t sample, audio::SampleFormat format) {
  const auto byte = [&bytes](std::size_t at) { return std::to_integer<std::uint8_t>(bytes[at]); };
  if (format == audio::SampleFormat::kPcmu) return std::abs(int{audio::pcm16_from_mulaw(byte(sample))});
  if (format == audio::SampleFormat::kPcma) return std::abs(int{audio::pcm16_from_alaw(byte(sample))});
  return std::abs(int{static_cast<std::int16_t>(byte(2 * sample) | byte(2 * sample + 1) << 8)});
}

std::int64_t bytes_in(std::string_view base64) {
  const auto padding = static_cast<std::int64_t>(base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0);
  return std::ssize(base64) / 4 * 3 - padding;
}

// `begin`: when a client plays the first of these samples.
void look_for_sound(std::string_view base64, Time begin, Time now, audio::SampleFormat format,
                    HeardReply* reply) {
  const auto bytes = server::protocol::base64_decoded(base64);
  if (!bytes) throw std::runtime_error("the server's audio is not Base64");
  const std::size_t count = bytes->size() / audio::sample_bytes(format);
  for (std::size_t i = 0; i < count && !reply->audible; ++i) {
    if (amplitude(*bytes, i, format) < kAudible) continue;
    const std::int64_t sample_ns = 1'000'000'000 / audio::rate_hz(format);
    reply->audible =
        std::max(now, begin + std::chrono::nanoseconds(static_cast<std::int64_t>(i) * sample_ns));
  }
}

void hear_audio(std::string_view base64, Time now, audio::SampleFormat format, HeardReply* reply) {
  if (!reply->first_delta) {
    reply->first_delta = now;
    reply->played_until = now;
  } else if (now > reply->played_until) {
    ++reply->underruns;
    reply->dry += now - reply->played_until;
    reply->played_until = now;
  }
  reply->last_delta = now;
  if (!reply->audible) look_for_sound(base64, reply->played_until, now, format, reply);
  const std::int64_t samples = bytes_in(base64) / static_cast<std::int64_t>(audio::sample_bytes(format));
  reply->samples += samples;
  reply->played_until += std::chrono::nanoseconds(samples * 1'000'000'000 / audio::rate_hz(format));
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

void hear_audio_delta(std::string_view response_id, std::string_view base64, Time now,
                      audio::SampleFormat format, HeardTurn* turn, HeardTurn* last) {
  HeardReply* reply = find(turn, response_id);
  if (reply == nullptr) reply = find(last, response_id);
  if (reply != nullptr) hear_audio(base64, now, format, reply);
}

void hear(const boost::json::value& event, Time now, audio::SampleFormat format, HeardTurn* turn,
          HeardTurn* last) {
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
    if (type == "response.output_audio.delta") hear_audio(event.at("delta").as_string(), now, format, reply);
    if (type == "response.output_audio_transcript.delta") reply->words += text_of(event, "delta");
    if (type == "response.done") hear_done(event, turn, last, reply);
  }
}

}  // namespace antiphon::bench
