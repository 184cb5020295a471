#include "pipeline/session/turn_trace.h"

namespace antiphon::pipeline {

TurnTraced told_trace(const TurnTrace& trace, const WireId& response_id) {
  const std::optional<Time> begin = trace.speech_end ? trace.speech_end : trace.decided;
  const auto since = [&begin](const std::optional<Time>& reached) -> TurnTraced::Stage {
    if (!begin || !reached) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(*reached - *begin);
  };
  TurnTraced traced;
  traced.response_id = response_id;
  if (trace.speech_end) traced.speech_end = trace.speech_end_position;
  traced.speculated = trace.speculated;
  traced.paused = since(trace.paused);
  traced.decided = since(trace.decided);
  traced.transcript_final = since(trace.transcript_final);
  traced.first_token = since(trace.first_token);
  traced.first_phrase = since(trace.first_phrase);
  traced.first_audio_made = since(trace.first_audio_made);
  traced.first_audio_sent = since(trace.first_audio_sent);
  return traced;
}

}  // namespace antiphon::pipeline
