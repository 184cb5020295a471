#include "server/commands/stand_in_models.h"

#include <charconv>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "models/stand_ins/hearing.h"
#include "models/stand_ins/speaking.h"
#include "models/stand_ins/word_embedder.h"

namespace antiphon::server {
namespace {

using models::stand_ins::StepTimes;

constexpr int kContextTokensMax = 4096;
constexpr int kStepUsMax = 1'000'000;

const std::map<std::string_view, StepTimes::Time StepTimes::*> kKinds = {
    {"voice", &StepTimes::voice_activity}, {"turn", &StepTimes::end_of_turn},
    {"encode", &StepTimes::encode},        {"decode", &StepTimes::decode},
    {"language", &StepTimes::language},    {"synthesis", &StepTimes::synthesis}};

}  // namespace

StepTimes step_times(const std::vector<std::string>& pieces) {
  StepTimes times;
  times.spend = [](StepTimes::Time time) { std::this_thread::sleep_for(time); };
  for (const std::string& piece : pieces) {
    const std::size_t equals = piece.find('=');
    const auto kind = kKinds.find(std::string_view(piece).substr(0, equals));
    int us = -1;
    if (equals != std::string::npos) {
      const char* const end = piece.data() + piece.size();
      const auto [stop, error] = std::from_chars(piece.data() + equals + 1, end, us);
      if (error != std::errc() || stop != end) us = -1;
    }
    if (kind == kKinds.end() || us < 0 || us > kStepUsMax) {
      throw std::runtime_error(
          "--fake-step-us: '" + piece +
          "' is no KIND=US with voice, turn, encode, decode, language or synthesis and 0 to 1000000");
    }
    times.*kind->second = StepTimes::Time(us);
  }
  return times;
}

LoadedModels stand_in_models(int slots, const StepTimes& times) {
  using namespace models::stand_ins;  // NOLINT(google-build-using-namespace): all of them
  LoadedModels loaded;
  auto tokenizer = std::make_unique<const WordTokenizer>();
  loaded.voice_activity = std::make_unique<LoudnessDetector>(slots, times);
  loaded.recording_voice_activity = std::make_unique<LoudnessDetector>(slots, times);
  loaded.turn = std::make_unique<SureTurnDetector>(slots, times);
  loaded.recognizer = std::make_unique<const CodeRecognizer>(times);
  loaded.language_model =
      std::make_unique<EchoLanguageModel>(tokenizer.get(), slots, kContextTokensMax, times);
  loaded.tokenizer = std::move(tokenizer);
  loaded.chat_family = models::text::ChatFamily::kChatMl;
  loaded.pronouncer = std::make_unique<const CodePronunciation>();
  loaded.synthesizer = std::make_unique<const CodeSynthesizer>(times);
  loaded.embedder = std::make_unique<const WordEmbedder>();
  return loaded;
}

}  // namespace antiphon::server
