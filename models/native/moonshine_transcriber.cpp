#include "models/native/moonshine_transcriber.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "models/native/attention_alignment.h"
#include "models/native/token_loop.h"

namespace antiphon::models {
namespace {

constexpr int kDraftTokensPerPass = 32;
constexpr int kEncoderRowsPerStep = 128;
constexpr double kRowSeconds = 384.0 / kSpeechSampleRate;  // the encoder's three strides: 64 * 3 * 2

}  // namespace

int MoonshineTranscriber::token_limit(int samples, double tokens_per_second_max) const {
  const double seconds = static_cast<double>(samples) / kSpeechSampleRate;
  const double wanted = std::max(1.0, seconds * tokens_per_second_max);  // 1 if the rate is not a number
  return static_cast<int>(std::min<double>(wanted, decoder_->config().positions_max));
}

Stepped<Transcript> MoonshineTranscriber::decode(EncodedSpeech speech, TranscribeOptions options) const {
  Transcript transcript;
  if (speech.rows == 0) {
    transcript.end =
        speech.samples < kSpeechSamplesMin ? Transcript::End::kTooShort : Transcript::End::kTooLong;
    co_return transcript;
  }
  const int limit = token_limit(speech.samples, options.tokens_per_second_max);
  State state = decoder_->begin_utterance(speech.rows, limit, options.word_times);
  co_await attend_to(state, speech);
  const auto draft = std::span(options.draft).first(usable(options.draft, limit));
  std::optional<Choice> next = co_await check_draft(state, draft, limit, transcript);
  while (next && append(transcript, *next, limit)) {
    const std::array<int, 1> last{next->token};
    decoder_->begin_pass(state, last);
    for (int layer = 0; layer < decoder_->layers(); ++layer) decoder_->run_layer(state, layer, 1);
    decoder_->finish_pass(state, 1);
    ++transcript.decoder_steps;
    next = next_after(state, 0);
    co_await kNextStep;
  }
  transcript.text = vocabulary_->text(transcript.tokens);
  if (options.word_times) add_words(state, speech, transcript);
  co_return transcript;
}

Stepped<void> MoonshineTranscriber::attend_to(State& state, const EncodedSpeech& speech) const {
  for (int layer = 0; layer < decoder_->layers(); ++layer) {
    for (int first = 0; first < speech.rows; first += kEncoderRowsPerStep) {
      const int count = std::min(kEncoderRowsPerStep, speech.rows - first);
      decoder_->attend_to(state, layer, speech.values, first, count);
      co_await kNextStep;
    }
  }
}

Stepped<void> MoonshineTranscriber::run_layers(State& state, std::span<const int> tokens) const {
  const int count = static_cast<int>(tokens.size());
  decoder_->begin_pass(state, tokens);
  for (int layer = 0; layer < decoder_->layers(); ++layer) {
    decoder_->run_layer(state, layer, count);
    if (count > 1) co_await kNextStep;
  }
  decoder_->finish_pass(state, count);
}

// Feeds the start token and the draft, and appends the draft's tokens as long as they are what the decoder
// chooses. Returns the decoder's choice after them, none if the transcript ended.
Stepped<std::optional<MoonshineTranscriber::Choice>> MoonshineTranscriber::check_draft(
    State& state, std::span<const int> draft, int limit, Transcript& transcript) const {
  std::vector<int> fed{decoder_->config().start_token};
  fed.insert(fed.end(), draft.begin(), draft.end());
  for (std::size_t begin = 0;; begin += kDraftTokensPerPass) {
    const auto tokens = std::span<const int>(fed).subspan(
        begin, std::min<std::size_t>(kDraftTokensPerPass, fed.size() - begin));
    co_await run_layers(state, tokens);
    ++transcript.decoder_steps;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Choice choice = next_after(state, static_cast<int>(i));
      const std::size_t position = begin + i;  // of the token that was fed
      const bool as_drafted = position < draft.size() && choice.token == draft[position];
      if (!as_drafted) {
        MoonshineDecoder::cut_back(state, static_cast<int>(position) + 1);
        co_return choice;
      }
      if (!append(transcript, choice, limit)) co_return std::nullopt;
      ++transcript.draft_tokens_accepted;
      if (i % 4 == 3) co_await kNextStep;
    }
  }
}

MoonshineTranscriber::Choice MoonshineTranscriber::next_after(State& state, int last) const {
  const std::span<const float> logits = decoder_->logits(state, last, 1);
  const auto best = std::ranges::max_element(logits);
  // Terms below e^-20 of the largest add less than 1e-4 together.
  double total = 0;
  for (const float logit : logits) {
    if (logit > *best - 20.0F) total += std::exp(logit - *best);
  }
  return {static_cast<int>(best - logits.begin()), -static_cast<float>(std::log(total))};
}

bool MoonshineTranscriber::append(Transcript& transcript, Choice choice, int limit) const {
  if (choice.token == decoder_->config().end_token) {
    transcript.end = Transcript::End::kEndToken;
    return false;
  }
  transcript.tokens.push_back(choice.token);
  transcript.log_probabilities.push_back(choice.log_probability);
  if (const TokenLoop loop = find_token_loop(transcript.tokens); loop.period > 0) {
    const int kept = static_cast<int>(transcript.tokens.size()) - (loop.repeats - 1) * loop.period;
    transcript.tokens.resize(static_cast<std::size_t>(kept));
    transcript.log_probabilities.resize(static_cast<std::size_t>(kept));
    transcript.end = Transcript::End::kLoop;
    return false;
  }
  transcript.end = Transcript::End::kTokenLimit;
  return static_cast<int>(transcript.tokens.size()) < limit;
}

// How much of a draft can be fed: ids of the vocabulary before the end token, and fewer than the limit.
std::size_t MoonshineTranscriber::usable(std::span<const int> draft, int limit) const {
  const MoonshineConfig& config = decoder_->config();
  const auto fed = draft.first(std::min(draft.size(), static_cast<std::size_t>(limit - 1)));
  const auto stop = std::ranges::find_if(
      fed, [&](int id) { return id < 0 || id >= config.vocabulary || id == config.end_token; });
  return static_cast<std::size_t>(stop - fed.begin());
}

// The attention recorded when token i was chosen is row i: the token before it was fed then.
void MoonshineTranscriber::add_words(const State& state, const EncodedSpeech& speech,
                                     Transcript& transcript) const {
  const auto attention =
      std::span(state.attention).first(transcript.tokens.size() * static_cast<std::size_t>(speech.rows));
  const std::vector<RowSpan> spans = align_tokens(attention, speech.rows);
  const double length = static_cast<double>(speech.samples) / kSpeechSampleRate;
  for (text::SentencePieceVocabulary::Word& word : vocabulary_->words(transcript.tokens)) {
    const auto first = static_cast<std::size_t>(word.token_first);
    const auto last = static_cast<std::size_t>(word.token_end) - 1;
    const RowSpan span{spans[first].first, spans[last].last};
    const int onset = onset_row(attention, speech.rows, word.token_first, word.token_end, span,
                                decoder_->config().onset_share);
    const auto chances = std::span(transcript.log_probabilities).subspan(first, last - first + 1);
    const float sum = std::accumulate(chances.begin(), chances.end(), 0.0F);
    transcript.words.push_back({std::move(word.text), std::min(onset * kRowSeconds, length),
                                std::min((span.last + 1) * kRowSeconds, length),
                                sum / static_cast<float>(chances.size())});
  }
}

}  // namespace antiphon::models
