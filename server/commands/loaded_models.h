#pragma once

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "models/catalogue/installation.h"
#include "models/language_model.h"
#include "models/speech_recognizer.h"
#include "models/speech_synthesizer.h"
#include "models/text/chat_template.h"
#include "models/text/pronunciation.h"
#include "models/text/tokenizer.h"
#include "models/text_embedder.h"
#include "models/turn_detector.h"
#include "models/voice_activity_detector.h"

namespace antiphon::server {

// How long one job's network took, on a thread that shared the machine with the other jobs' loading.
struct LoadTime {
  models::Job job{};
  double load_ms = 0;
  double warm_up_ms = 0;
};

// The networks of the jobs that were asked for, warmed up; the others are null.
//
// Owner: whoever loaded them; each network's header says who may call it.
struct LoadedModels {
  std::unique_ptr<models::VoiceActivityDetector> voice_activity;
  std::unique_ptr<models::VoiceActivityDetector> recording_voice_activity;  // for sound files, if asked for
  std::unique_ptr<models::TurnDetector> turn;
  std::unique_ptr<const models::SpeechRecognizer> recognizer;
  std::unique_ptr<const models::text::Tokenizer> tokenizer;  // the language model's
  models::text::ChatFamily chat_family{};                    // likewise
  std::unique_ptr<models::LanguageModel> language_model;
  std::unique_ptr<const models::text::Pronunciation> pronouncer;  // the voice's
  std::unique_ptr<const models::SpeechSynthesizer> synthesizer;
  std::unique_ptr<const models::TextEmbedder> embedder;
  std::vector<LoadTime> times;  // in the order of Job
};

struct LoadOptions {
  std::set<models::Job> jobs = {models::Job::kVoiceActivity, models::Job::kEndOfTurn,
                                models::Job::kRecognition,   models::Job::kLanguageModel,
                                models::Job::kSynthesis,     models::Job::kEmbedding};
  int voice_activity_slots = 64;
  int recording_slots = 0;  // of the voice activity network for sound files; 0: none is loaded
  int turn_slots = 64;
  int turn_window_columns = 200;  // of 10 ms, see SmartTurn::Config
  // A GGUF file, or a folder of Hugging Face's; empty: the set's.
  std::filesystem::path language_model_file = {};
  int language_model_slots = 8;
  int language_model_passes = 2;
  int context_tokens_max = 4096;  // of one slot of the language model
};

// Loads the networks side by side, a thread for each job: the largest one's time is the whole time where
// there are processors enough. Throws the first std::runtime_error of a loader, which names the file, when
// all threads have ended.
LoadedModels load_models(const models::ResolvedModels& models, const LoadOptions& options);

}  // namespace antiphon::server
