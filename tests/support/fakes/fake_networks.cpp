#include "tests/support/fakes/fake_networks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace antiphon::fakes {
namespace {

using models::Slot;
using models::Token;

constexpr float kLoud = 0.08F;

}  // namespace

// --- voice activity, turn detector ---

void FakeVoiceActivity::step(std::span<const Window> batch, std::span<float> probabilities) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto loud =
        std::ranges::count_if(batch[i].samples, [](float sample) { return std::fabs(sample) >= kLoud; });
    probabilities[i] = 2 * loud >= kWindowSamples ? 0.95F : 0.02F;
  }
}

void FakeTurnDetector::append(Slot slot, std::span<const float> audio) {
  heard_[static_cast<std::size_t>(models::index(slot))] += audio.size();
}

void FakeTurnDetector::reset(Slot slot) {
  heard_[static_cast<std::size_t>(models::index(slot))] = 0;
}

models::Stepped<float> FakeTurnDetector::probability(Slot slot) const {
  const std::size_t windows = heard_[static_cast<std::size_t>(models::index(slot))] / 512;
  return [](bool complete) -> models::Stepped<float> {
    co_await models::kNextStep;
    co_return complete ? 0.97F : 0.05F;
  }(windows % 2 == 0);
}

// --- recogniser ---

models::Stepped<models::EncodedSpeech> FakeRecognizer::encode(std::vector<float> audio) const {
  for (std::size_t second = 0; second < audio.size() / models::kSpeechSampleRate; ++second) {
    co_await models::kNextStep;
  }
  models::EncodedSpeech speech;
  speech.samples = static_cast<int>(audio.size());
  speech.values = std::move(audio);
  co_return speech;
}

models::Stepped<models::Transcript> FakeRecognizer::decode(models::EncodedSpeech speech,
                                                           models::TranscribeOptions) const {
  models::Transcript transcript;
  std::vector<Word> words;
  for (const HeardWord& heard : heard_in(speech.values, models::kSpeechSampleRate)) {
    words.push_back(heard.word);
    transcript.tokens.push_back(heard.word.number);
    if (words.size() % 4 == 0) co_await models::kNextStep;
  }
  transcript.text = text_of(words);
  co_return transcript;
}

// --- synthesis ---

models::text::PhonemePhrase FakePronunciation::pronounce(std::string_view text) const {
  models::text::PhonemePhrase phrase;
  for (std::size_t at = 0; at + 4 <= text.size();) {
    const std::vector<Word> words = words_in(text.substr(at, 4));
    if (words.empty()) {
      ++at;
      continue;
    }
    const std::size_t begin = phrase.symbols.size();
    phrase.symbols += static_cast<char32_t>(U'a' + words[0].session);
    phrase.symbols += static_cast<char32_t>(U'a' + words[0].number);
    phrase.words.push_back({std::string(text.substr(at, 4)), at, at + 4, begin, begin + 2});
    at += 4;
  }
  return phrase;
}

namespace {

class FakeStream final : public models::SynthesisStream {
 public:
  explicit FakeStream(const models::text::PhonemePhrase& phrase) {
    for (std::size_t word = 0; word < phrase.words.size(); ++word) {
      const char32_t* symbols = &phrase.symbols[phrase.words[word].symbol_begin];
      const auto begin = std::ssize(samples_);
      append_sound({static_cast<int>(symbols[0] - U'a'), static_cast<int>(symbols[1] - U'a')}, kSampleRate,
                   &samples_);
      all_words_.push_back({word, begin, std::ssize(samples_)});
    }
    samples_.insert(samples_.end(), kSampleRate / 20, 0.0F);  // the pause at the end
  }

  models::Stepped<std::vector<float>> next(int hops) override {
    for (int step = 0; step < hops / 12; ++step) co_await models::kNextStep;
    const std::size_t size = std::min(static_cast<std::size_t>(hops * kHopSamples), samples_.size() - given_);
    std::vector<float> piece(samples_.begin() + static_cast<std::ptrdiff_t>(given_),
                             samples_.begin() + static_cast<std::ptrdiff_t>(given_ + size));
    given_ += size;
    known_words_ = all_words_.size();
    co_return piece;
  }
  bool finished() const override { return given_ == samples_.size(); }
  std::optional<std::int64_t> samples_total() const override { return std::ssize(samples_); }
  std::span<const models::WordTime> words() const override {
    return std::span(all_words_).first(known_words_);
  }
  int unknown_symbols() const override { return 0; }

 private:
  std::vector<float> samples_;
  std::vector<models::WordTime> all_words_;
  std::size_t known_words_ = 0;
  std::size_t given_ = 0;
};

}  // namespace

models::SynthesisStart FakeSynthesizer::begin(const models::text::PhonemePhrase& phrase,
                                              const models::SynthesisOptions&) const {
  if (phrase.words.empty()) return {nullptr, models::SynthesisRefusal::kNothingToSay};
  return {std::make_unique<FakeStream>(phrase), models::SynthesisRefusal::kNone};
}

// --- all ---

namespace {

models::text::AssistantPrompt assistant_prompt() {
  models::text::AssistantPrompt prompt;
  prompt.system = "Be short.";
  prompt.examples = {{models::text::ChatRole::kUser, "Hi.", {}},
                     {models::text::ChatRole::kAssistant, "Hi.", {}}};
  prompt.reply_tokens_max = 60;
  return prompt;
}

}  // namespace

FakeNetworks::FakeNetworks(int slots, int context_tokens_max, FaultList* faults)
    : chat_(models::text::ChatFamily::kChatMl, tokenizer_),
      tool_vocabulary_(tokenizer_.all_bytes()),
      message_end_(tokenizer_, chat_),
      assistant_(assistant_prompt()),
      voice_activity_(slots),
      turn_(slots),
      language_model_(&tokenizer_, slots, context_tokens_max, faults) {}

pipeline::Networks FakeNetworks::networks() {
  pipeline::Networks networks;
  networks.voice_activity = &voice_activity_;
  networks.turn = &turn_;
  networks.recognizer = &recognizer_;
  networks.language_model = &language_model_;
  networks.tokenizer = &tokenizer_;
  networks.chat = &chat_;
  networks.tool_vocabulary = &tool_vocabulary_;
  networks.message_end = &message_end_;
  networks.pronouncer = &pronunciation_;
  networks.synthesizer = &synthesizer_;
  networks.assistant = &assistant_;
  return networks;
}

}  // namespace antiphon::fakes
