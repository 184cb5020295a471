#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace antiphon::audio {

// A stretch of a recording that has speech in it: windows [begin, end) of a voice activity detector.
struct SpeechSegment {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// Cuts a recording at its pauses, from the probability of speech in each window, while the windows come.
//
// A segment ends at a silence of Config::silence_end. One that grows beyond length_wanted is cut in the
// middle of the longest pause that it has in its later part; without any, at its next pause; and at
// length_max in any case, where speech is least likely. So a recogniser gets whole words and never more
// than it can hear at once.
//
// Owner:  one thread, one recording; no clock.
// Memory: the probabilities of one segment, at most length_max.
// Errors: none; what is not a number counts as silence.
class SpeechSegmenter {
 public:
  // In windows; the defaults suit windows of 32 ms.
  struct Config {
    float speech_from = 0.5F;     // speech begins at this probability ...
    float silence_below = 0.35F;  // ... and pauses below this one
    int speech_min = 3;           // 96 ms: a sound with less speech is none
    int silence_end = 25;         // 0.8 s of silence end a segment; > padding
    int padding = 6;              // 0.2 s of sound kept before and after speech
    int pause_min = 3;            // 96 ms: a shorter pause may be a consonant
    int length_wanted = 300;      // 9.6 s
    int length_max = 900;         // 28.8 s; >= length_wanted
  };

  SpeechSegmenter() : SpeechSegmenter(Config()) {}
  explicit SpeechSegmenter(const Config& config);

  // Hears the next window; the segment that it ended, if any.
  [[nodiscard]] std::optional<SpeechSegment> push(float probability);
  // The recording is over.
  [[nodiscard]] std::optional<SpeechSegment> finish();

  // Sound before this window can't be in a later segment.
  std::int64_t needed_from() const { return first_; }

 private:
  struct Pause {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t middle() const { return begin + (end - begin) / 2; }
  };

  void note(float probability);
  std::optional<Pause> pause_to_cut_at() const;
  std::int64_t least_likely_window() const;
  std::optional<SpeechSegment> cut_at(std::int64_t end);
  std::optional<SpeechSegment> close();

  Config config_;
  std::deque<float> probabilities_;  // of the windows from first_ on
  std::int64_t first_ = 0;           // where the open segment begins, or a next one could
  std::int64_t heard_ = 0;           // windows in all
  bool open_ = false;
  bool speaking_ = false;
  std::int64_t speech_end_ = 0;  // behind the last window of speech
  std::vector<Pause> pauses_;    // that ended, in the open segment
};

}  // namespace antiphon::audio
