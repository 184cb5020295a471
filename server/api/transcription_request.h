// POST /v1/audio/transcriptions: what the form asks for, and the answer in its format. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/jobs/recorded_speech.h"
#include "server/net/http_fault.h"

namespace antiphon::server {

enum class TranscriptionFormat : std::uint8_t { kJson, kText, kVerboseJson, kSrt, kVtt };

struct TranscriptionRequest {
  std::string_view file;  // in the body
  TranscriptionFormat format = TranscriptionFormat::kJson;
  bool words = false;    // verbose_json: the times of the words
  bool segments = true;  // verbose_json: the segments
  bool stream = false;   // json and text: server-sent events while it is transcribed
};

std::variant<TranscriptionRequest, HttpFault> transcription_request(std::string_view content_type,
                                                                    std::string_view body);

struct TranscriptionAnswer {
  std::string type;  // of the content
  std::string body;
};
// `seconds`: of the whole recording.
TranscriptionAnswer transcription_answer(const TranscriptionRequest& request,
                                         std::span<const pipeline::RecordedSpeech> speech, double seconds);

// The text of all stretches, a space between two.
std::string whole_text(std::span<const pipeline::RecordedSpeech> speech);
// Whether times of words are needed.
bool needs_words(const TranscriptionRequest& request);

// The events of a streamed answer, as their data.
std::string transcript_delta_event(std::string_view delta);
std::string transcript_done_event(std::string_view text, double seconds);

}  // namespace antiphon::server
