#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "server/console/recording_transcriber.h"

namespace antiphon::server {

enum class TranscriptFormat { kText, kJson, kSrt, kVtt };

struct TranscriptStyle {
  TranscriptFormat format = TranscriptFormat::kText;
  bool times = false;          // text only: each line begins with when it was said
  bool words = false;          // each word with its times
  bool several_files = false;  // text only: a line with its name before each file
};

// Whether the style needs the times of the words.
inline bool needs_word_times(const TranscriptStyle& style) {
  return style.words || style.format == TranscriptFormat::kSrt || style.format == TranscriptFormat::kVtt;
}

// Prints the transcript of one recording while it is made.
class TranscriptPrinter {
 public:
  virtual ~TranscriptPrinter() = default;
  virtual void begin(const std::string& file) = 0;
  virtual void add(const RecordedSpeech& speech) = 0;
  virtual void end(double recording_seconds) = 0;
};

// `out` must outlive it. REQUIRES of its use: one begin(), any add(), one end(); again for the next file.
std::unique_ptr<TranscriptPrinter> make_transcript_printer(const TranscriptStyle& style, std::ostream& out);

// "00:01:02,345" with ',' before the milliseconds; hours beyond 99 get more digits.  REQUIRES: seconds >= 0.
std::string clock_time(double seconds, char before_milliseconds);

}  // namespace antiphon::server
