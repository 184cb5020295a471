#include "server/console/transcript_printer.h"

#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <utility>

#include "server/console/subtitle_cues.h"

namespace antiphon::server {
namespace {

std::int64_t milliseconds(double seconds) {
  return std::llround(seconds * 1000);
}

class TextPrinter final : public TranscriptPrinter {
 public:
  TextPrinter(const TranscriptStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void begin(const std::string& file) override {
    if (style_.several_files) out_ << std::exchange(gap_, "\n") << "== " << file << " ==\n";
  }
  void add(const RecordedSpeech& speech) override {
    if (style_.times) print_times(speech.begin_seconds, speech.end_seconds);
    out_ << speech.transcript.text << '\n';
    if (style_.words) {
      for (const models::TranscribedWord& word : speech.transcript.words) {
        print_times(word.start_seconds, word.end_seconds);
        out_ << ' ' << word.text << '\n';
      }
    }
    out_.flush();
  }
  void end(double /*recording_seconds*/) override {}

 private:
  void print_times(double begin, double end) {
    out_ << clock_time(begin, '.') << " - " << clock_time(end, '.') << "  ";
  }

  const TranscriptStyle style_;
  std::ostream& out_;
  const char* gap_ = "";
};

// One object in one line for each recording.
class JsonPrinter final : public TranscriptPrinter {
 public:
  JsonPrinter(const TranscriptStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void begin(const std::string& file) override {
    file_ = file;
    text_.clear();
    segments_.clear();
  }
  void add(const RecordedSpeech& speech) override {
    text_ += (text_.empty() ? "" : " ") + speech.transcript.text;
    boost::json::object segment = {{"begin_ms", milliseconds(speech.begin_seconds)},
                                   {"end_ms", milliseconds(speech.end_seconds)},
                                   {"text", speech.transcript.text}};
    if (style_.words) {
      boost::json::array words;
      for (const models::TranscribedWord& word : speech.transcript.words) {
        words.push_back({{"begin_ms", milliseconds(word.start_seconds)},
                         {"end_ms", milliseconds(word.end_seconds)},
                         {"text", word.text}});
      }
      segment["words"] = std::move(words);
    }
    segments_.push_back(std::move(segment));
  }
  void end(double recording_seconds) override {
    const boost::json::object recording = {{"file", file_},
                                           {"duration_ms", milliseconds(recording_seconds)},
                                           {"text", text_},
                                           {"segments", segments_}};
    out_ << boost::json::serialize(recording) << "\n" << std::flush;
  }

 private:
  const TranscriptStyle style_;
  std::ostream& out_;
  std::string file_;
  std::string text_;
  boost::json::array segments_;
};

// SubRip, or WebVTT, which has a first line, points in its times and needs no numbers.
class SubtitlePrinter final : public TranscriptPrinter {
 public:
  SubtitlePrinter(const TranscriptStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void begin(const std::string& /*file*/) override {
    number_ = 0;
    if (vtt()) out_ << "WEBVTT\n\n";
  }
  void add(const RecordedSpeech& speech) override {
    const auto& words = speech.transcript.words;
    for (const SubtitleCue& cue : style_.words ? word_cues(words) : subtitle_cues(words)) {
      if (!vtt()) out_ << ++number_ << '\n';
      const char point = vtt() ? '.' : ',';
      out_ << clock_time(cue.begin_seconds, point) << " --> " << clock_time(cue.end_seconds, point) << '\n'
           << cue.text << "\n\n";
    }
    out_.flush();
  }
  void end(double /*recording_seconds*/) override {}

 private:
  bool vtt() const { return style_.format == TranscriptFormat::kVtt; }

  const TranscriptStyle style_;
  std::ostream& out_;
  int number_ = 0;
};

}  // namespace

std::unique_ptr<TranscriptPrinter> make_transcript_printer(const TranscriptStyle& style, std::ostream& out) {
  switch (style.format) {
    case TranscriptFormat::kText:
      return std::make_unique<TextPrinter>(style, out);
    case TranscriptFormat::kJson:
      return std::make_unique<JsonPrinter>(style, out);
    case TranscriptFormat::kSrt:
    case TranscriptFormat::kVtt:
      return std::make_unique<SubtitlePrinter>(style, out);
  }
  return nullptr;
}

std::string clock_time(double seconds, char before_milliseconds) {
  const std::int64_t all = milliseconds(seconds);
  std::ostringstream text;
  text << std::setfill('0') << std::setw(2) << all / 3'600'000 << ':' << std::setw(2) << all / 60'000 % 60
       << ':' << std::setw(2) << all / 1000 % 60 << before_milliseconds << std::setw(3) << all % 1000;
  return text.str();
}

}  // namespace antiphon::server
