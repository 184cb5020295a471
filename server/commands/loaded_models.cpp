#include "server/commands/loaded_models.h"

#include <chrono>
#include <future>
#include <map>
#include <utility>

#include "models/catalogue/catalogue.h"
#include "models/native/decoder_language_model.h"
#include "models/native/gguf_decoder_source.h"
#include "models/native/safetensors_decoder_source.h"
#include "models/native/silero_vad.h"
#include "models/text/gguf_tokenizer.h"
#include "models/text/json_tokenizer.h"
#include "models/text/pronouncer.h"
#include "models/torch/hibari.h"
#include "models/torch/mini_lm.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/smart_turn.h"

namespace antiphon::server {
namespace {

using models::Job;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void load_voice_activity(const std::filesystem::path& folder, const LoadOptions& options,
                         LoadedModels& loaded) {
  loaded.voice_activity = std::make_unique<models::SileroVad>(folder / "silero_vad_16k.safetensors",
                                                              options.voice_activity_slots);
  if (options.recording_slots > 0) {
    loaded.recording_voice_activity =
        std::make_unique<models::SileroVad>(folder / "silero_vad_16k.safetensors", options.recording_slots);
  }
}

void load_turn(const std::filesystem::path& folder, const LoadOptions& options, LoadedModels& loaded) {
  loaded.turn = std::make_unique<models::SmartTurn>(
      models::SmartTurn::Config{.weights = folder / "smart_turn_v3.2.safetensors",
                                .slots = options.turn_slots,
                                .window_columns = options.turn_window_columns});
}

void load_recognizer(const std::filesystem::path& folder, const LoadOptions&, LoadedModels& loaded) {
  loaded.recognizer = models::torch::load_moonshine(folder);
}

std::unique_ptr<const models::DecoderSource> open_gguf(const std::filesystem::path& path,
                                                       LoadedModels& loaded) {
  auto file = std::make_unique<models::GgufFile>(path);
  loaded.tokenizer = models::text::tokenizer_from_gguf(*file);
  loaded.chat_family = models::text::chat_family_of(*file, *loaded.tokenizer);
  return std::make_unique<models::GgufDecoderSource>(std::move(file));
}

std::unique_ptr<const models::DecoderSource> open_folder(const std::filesystem::path& folder,
                                                         LoadedModels& loaded) {
  auto source = std::make_unique<models::SafetensorsDecoderSource>(folder);
  loaded.tokenizer = models::text::tokenizer_from_json(folder, source->config().vocabulary);
  loaded.chat_family = models::text::chat_family_in(folder, *loaded.tokenizer);
  return source;
}

void load_language_model(const std::filesystem::path& folder, const LoadOptions& options,
                         LoadedModels& loaded) {
  const bool own = !options.language_model_file.empty();
  const std::filesystem::path path = own ? options.language_model_file : folder / "model.gguf";
  loaded.language_model = std::make_unique<models::DecoderLanguageModel>(
      std::filesystem::is_directory(path) ? open_folder(path, loaded) : open_gguf(path, loaded),
      models::DecoderLanguageModel::Options{.slots = options.language_model_slots,
                                            .context_tokens_max = options.context_tokens_max,
                                            .passes_max = options.language_model_passes});
}

void load_voice(const std::filesystem::path& folder, const LoadOptions&, LoadedModels& loaded) {
  loaded.pronouncer = std::make_unique<const models::text::Pronouncer>(folder);
  loaded.synthesizer = models::torch::load_hibari(folder);
}

void load_embedder(const std::filesystem::path& folder, const LoadOptions&, LoadedModels& loaded) {
  loaded.embedder = std::make_unique<models::MiniLm>(folder);
}

struct Loader {
  // Each sets its own members of LoadedModels, so that loaders may run at once.
  void (*load)(const std::filesystem::path& folder, const LoadOptions& options, LoadedModels& loaded);
  void (*warm_up)(LoadedModels& loaded);
};

const std::map<Job, Loader> kLoaders = {
    {Job::kVoiceActivity, {load_voice_activity, [](LoadedModels& l) { l.voice_activity->warm_up(); }}},
    {Job::kEndOfTurn, {load_turn, [](LoadedModels& l) { l.turn->warm_up(); }}},
    {Job::kRecognition, {load_recognizer, [](LoadedModels& l) { l.recognizer->warm_up(); }}},
    {Job::kLanguageModel,
     {load_language_model, [](LoadedModels& l) { l.language_model->warm_up().run_to_end(); }}},
    {Job::kSynthesis, {load_voice, [](LoadedModels& l) { l.synthesizer->warm_up(); }}},
    {Job::kEmbedding, {load_embedder, [](LoadedModels& l) { l.embedder->warm_up(); }}},
};

}  // namespace

LoadedModels load_models(const models::ResolvedModels& models, const LoadOptions& options) {
  LoadedModels loaded;
  std::vector<std::future<LoadTime>> loading;
  for (const Job job : options.jobs) {
    // Before any thread starts: a missing file is said at once.
    const bool own = job == Job::kLanguageModel && !options.language_model_file.empty();
    const std::filesystem::path folder = own ? std::filesystem::path() : models.folder(job);
    loading.push_back(std::async(std::launch::async, [&loaded, &options, job, folder] {
      const Loader& loader = kLoaders.at(job);
      const Clock::time_point begin = Clock::now();
      loader.load(folder, options, loaded);
      const Clock::time_point read = Clock::now();
      loader.warm_up(loaded);
      return LoadTime{job, std::chrono::duration<double, std::milli>(read - begin).count(), ms_since(read)};
    }));
  }
  for (const auto& thread : loading) thread.wait();
  for (auto& thread : loading) loaded.times.push_back(thread.get());
  return loaded;
}

}  // namespace antiphon::server
