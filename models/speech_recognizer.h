// Speech to text: the audio of one segment in, its words out.
#pragma once

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "models/stepped.h"

namespace antiphon::models {

inline constexpr int kSpeechSampleRate = 16000;
inline constexpr int kSpeechSamplesMin = 895;  // shorter audio has not one encoder row
inline constexpr int kSpeechSamplesMax =
    30 * kSpeechSampleRate;  // longer audio is known to make a decoder loop

// A word with the punctuation that is attached to it. Times count from the first sample of the segment.
struct TranscribedWord {
  std::string text;  // UTF-8, no spaces
  double start_seconds = 0;
  double end_seconds = 0;
  float log_probability = 0;  // natural logarithm, mean over the word's tokens
};

struct Transcript {
  enum class End {
    kEndToken,    // the network said that it is complete
    kTokenLimit,  // more tokens than speech of this length can have; the text may be cut
    kLoop,        // the network began to repeat itself; the text is cut after one repetition
    kTooShort,    // fewer than kSpeechSamplesMin samples: no text
    kTooLong,     // more than kSpeechSamplesMax samples: refused, no text
  };

  std::string text;         // UTF-8, trimmed, with case and punctuation
  std::vector<int> tokens;  // without start and end token; the draft of the next partial transcript
  std::vector<float> log_probabilities;  // natural logarithm, one for each token
  std::vector<TranscribedWord> words;    // empty unless word times were asked for
  End end = End::kEndToken;
  int draft_tokens_accepted = 0;
  int decoder_steps = 0;  // passes over the decoder's weights

  // Mean over the tokens: near 0 is sure; 0 for an empty transcript.
  float mean_log_probability() const {
    if (log_probabilities.empty()) return 0;
    const float sum = std::accumulate(log_probabilities.begin(), log_probabilities.end(), 0.0F);
    return sum / static_cast<float>(log_probabilities.size());
  }
};

// What the encoder made of a segment: one row for each 24 ms. Only for the recogniser that made it.
struct EncodedSpeech {
  int samples = 0;            // of the segment
  int rows = 0;               // 0: too short or too long
  std::vector<float> values;  // [rows, width]
};

struct TranscribeOptions {
  // Tokens of the segment's last partial transcript. They are checked in one pass; the result is the same as
  // without them. Ids that are not in the vocabulary end the draft.
  std::vector<int> draft;
  bool word_times = false;
  // At most max(1, seconds of audio * this) tokens; real speech reaches 5.5.
  double tokens_per_second_max = 6.5;
};

// A speech recogniser. Its weights are immutable and shared by all transcriptions; each coroutine owns its
// own working memory, so any number may be in flight, their steps interleaved on one thread or several.
//
// Owner:    any thread; a coroutine belongs to one thread at a time.
// Time:     one step of a coroutine stays under about 15 ms for audio up to kSpeechSamplesMax.
// Memory:   see the implementation; a coroutine frees all of its own when it ends or is dropped.
// Overload: audio beyond kSpeechSamplesMax is refused with Transcript::End::kTooLong.
// Lifetime: the recogniser must outlive its coroutines.
class SpeechRecognizer {
 public:
  virtual ~SpeechRecognizer() = default;

  // `audio`: 16 kHz mono in [-1, 1]; values outside are clipped, what is not a number counts as silence.
  virtual Stepped<EncodedSpeech> encode(std::vector<float> audio) const = 0;
  virtual Stepped<Transcript> decode(EncodedSpeech speech, TranscribeOptions options) const = 0;

  // encode(), then decode().
  Stepped<Transcript> transcribe(std::vector<float> audio, TranscribeOptions options) const {
    EncodedSpeech speech = co_await encode(std::move(audio));
    co_await kNextStep;
    co_return co_await decode(std::move(speech), std::move(options));
  }

  // Makes the first real transcription as fast as the later ones. Call once before the recogniser is used.
  virtual void warm_up() const = 0;
};

}  // namespace antiphon::models
