#pragma once

#include <optional>
#include <span>

#include "models/native/moonshine_decoder.h"
#include "models/speech_recognizer.h"
#include "models/stepped.h"
#include "models/text/sentencepiece_vocabulary.h"

namespace antiphon::models {

// From the encoder's rows to a transcript: greedy decoding, with the guards against a decoder that does not
// end.
//
// Owner:    any thread; immutable. Both references must outlive it and its coroutines.
// Time:     a step is one pass of one token, or one layer of a longer pass.
// Memory:   per utterance of s seconds about 2.3 MB * s (base-en: keys and values of its rows) for its whole
// decoding.
class MoonshineTranscriber {
 public:
  MoonshineTranscriber(const MoonshineDecoder& decoder, const text::SentencePieceVocabulary& vocabulary)
      : decoder_(&decoder), vocabulary_(&vocabulary) {}

  Stepped<Transcript> decode(EncodedSpeech speech, TranscribeOptions options) const;

  // The most tokens that `samples` of audio may have, 1 to the decoder's positions.
  int token_limit(int samples, double tokens_per_second_max) const;

 private:
  using State = MoonshineDecoder::State;
  struct Choice {
    int token;
    float log_probability;
  };

  Stepped<void> attend_to(State& state, const EncodedSpeech& speech) const;
  Stepped<std::optional<Choice>> check_draft(State& state, std::span<const int> draft, int limit,
                                             Transcript& transcript) const;
  Stepped<void> run_layers(State& state, std::span<const int> tokens) const;
  Choice next_after(State& state, int last) const;
  // Appends a token; false if the transcript ends with it (then `end` is set).
  bool append(Transcript& transcript, Choice choice, int limit) const;
  std::size_t usable(std::span<const int> draft, int limit) const;
  void add_words(const State& state, const EncodedSpeech& speech, Transcript& transcript) const;

  const MoonshineDecoder* decoder_;
  const text::SentencePieceVocabulary* vocabulary_;
};

}  // namespace antiphon::models
