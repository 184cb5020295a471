#pragma once

#include <mutex>

#include "models/decoding/token_constraint.h"
#include "models/language_model.h"
#include "models/speech_recognizer.h"
#include "models/speech_synthesizer.h"
#include "models/text/assistant_prompt.h"
#include "models/text/chat_template.h"
#include "models/text/message_end_cue.h"
#include "models/text/pronunciation.h"
#include "models/text/tokenizer.h"
#include "models/text_embedder.h"
#include "models/turn_detector.h"
#include "models/voice_activity_detector.h"

namespace antiphon::pipeline {

// A voice activity network for sound files, apart from the realtime lane's: the compute lanes take turns with
// it, for a few milliseconds each.
struct RecordingNetworks {
  std::mutex mutex;
  models::VoiceActivityDetector* voice_activity = nullptr;  // a slot for each seat
};

// The networks that all sessions share, loaded and warmed up by the composition root, and what belongs to
// them.
//
// Lifetime: everything outlives the engine. Each network's header says who may call it; none is null unless
// it is said.
struct Networks {
  models::VoiceActivityDetector* voice_activity = nullptr;  // a slot for each session
  models::TurnDetector* turn = nullptr;                     // a slot for each session
  const models::SpeechRecognizer* recognizer = nullptr;
  models::LanguageModel* language_model = nullptr;  // a slot for each session, and the engine's spare ones
  const models::text::Tokenizer* tokenizer = nullptr;
  const models::text::ChatTemplate* chat = nullptr;
  // Null: the model's vocabulary can't be held to JSON, so it calls no functions.
  const models::ConstraintVocabulary* tool_vocabulary = nullptr;
  const models::text::MessageEndCue* message_end = nullptr;
  const models::text::Pronunciation* pronouncer = nullptr;
  const models::SpeechSynthesizer* synthesizer = nullptr;
  RecordingNetworks* recordings = nullptr;                   // null: no jobs with sound files
  const models::TextEmbedder* embedder = nullptr;            // null: nobody computes meanings
  const models::text::AssistantPrompt* assistant = nullptr;  // for sessions without instructions of their own
};

}  // namespace antiphon::pipeline
