#include "tests/integration/voice/small_voice.h"

#include "audio/wav_writer.h"
#include "models/catalogue/catalogue.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server {

VoiceNetworks& small_voice() {
  using models::Job;
  static VoiceNetworks networks([] {
    LoadOptions options;
    options.jobs = {Job::kVoiceActivity, Job::kEndOfTurn, Job::kRecognition,
                    Job::kLanguageModel, Job::kSynthesis, Job::kEmbedding};
    options.voice_activity_slots = options.recording_slots = options.turn_slots =
        options.language_model_slots = kSmallVoiceSeats;
    return load_models(models::ResolvedModels(models::Catalogue::built_in(), models::model_set("small"),
                                              models::default_models_folder()),
                       options);
  }());
  return networks;
}

std::string spoken_pcm(const std::string& sentence) {
  const pipeline::Networks networks = small_voice().networks();
  const auto phrase = networks.pronouncer->pronounce(sentence);
  const auto stream = networks.synthesizer->begin(phrase, {}).stream;
  std::string bytes;
  while (!stream->finished()) bytes += audio::pcm16_bytes(stream->next(24).run_to_end());
  return bytes;
}

}  // namespace antiphon::server
