#include "pipeline/session_config.h"

namespace antiphon::pipeline {
namespace {

template <class T>
void replace(T& setting, const std::optional<T>& update) {
  if (update) setting = *update;
}

TurnDetection updated(TurnDetection detection, const TurnDetectionUpdate& update) {
  if (update.kind && *update.kind != detection.kind) {
    detection = TurnDetection{};
    detection.kind = *update.kind;
  }
  replace(detection.create_response, update.create_response);
  replace(detection.interrupt_response, update.interrupt_response);
  replace(detection.threshold, update.threshold);
  replace(detection.prefix_padding, update.prefix_padding);
  replace(detection.silence_duration, update.silence_duration);
  replace(detection.idle_timeout, update.idle_timeout);
  replace(detection.eagerness, update.eagerness);
  return detection;
}

}  // namespace

SessionConfig updated(SessionConfig config, const SessionUpdate& update) {
  replace(config.type, update.type);
  replace(config.output_modality, update.output_modality);
  replace(config.instructions, update.instructions);
  replace(config.tools, update.tools);
  replace(config.tool_choice, update.tool_choice);
  replace(config.max_output_tokens, update.max_output_tokens);
  replace(config.input_format, update.input_format);
  replace(config.noise_reduction, update.noise_reduction);
  replace(config.transcription, update.transcription);
  if (update.turn_detection) {
    config.turn_detection = updated(config.turn_detection, *update.turn_detection);
  }
  replace(config.output_format, update.output_format);
  replace(config.voice, update.voice);
  replace(config.speed, update.speed);
  replace(config.echoed.tracing, update.tracing);
  replace(config.echoed.prompt, update.prompt);
  replace(config.echoed.include, update.include);
  replace(config.echoed.truncation, update.truncation);
  return config;
}

}  // namespace antiphon::pipeline
