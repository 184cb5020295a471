#pragma once

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/runtime/time.h"

namespace antiphon::server {

// What one side said, as it becomes known.
struct Caption {
  enum class State : std::uint8_t { kLive, kDone, kInterrupted };

  std::string id = {};  // of the item
  bool user = false;
  std::string text = {};
  std::optional<std::string> heard = {};  // of an interrupted text, the part that was
  State state = State::kLive;
  bool cut_awaited = false;   // the server is still to say what was heard
  std::string response = {};  // of the assistant's
};

// The user's words and the answer to them.
struct TalkTurn {
  int number = 0;  // from 1
  std::string response = {};
  std::optional<double> speech_end_ms = {};  // in the audio that was sent
  std::optional<pipeline::Time> heard_at = {};
  // From the end of the user's speech to the first sample of the answer that can be heard.
  std::optional<std::chrono::milliseconds> voice_to_voice = {};
};

// Made of the server's events: what was said, by whom, and how long the answers took. The page's
// web_demo/js/conversation.js in C++.
//
// Owner: one thread. Time: never reads a clock.
class TalkConversation {
 public:
  // When that moment of the user's audio was spoken; none: too long ago.
  using SpeechTime = std::function<std::optional<pipeline::Time>(double audio_ms)>;

  explicit TalkConversation(SpeechTime speech_time) : speech_time_(std::move(speech_time)) {}

  void handle(const boost::json::object& event);
  // A reply's sound reaches the ear.
  void on_audible(std::string_view item, pipeline::Time heard_at);
  // Whether the server has yet to say what was heard of it.
  void await_cut(std::string_view item, bool awaited);
  // The user has interrupted: the answer is not waited for.
  void on_interrupted() { awaiting_ = false; }

  const std::vector<Caption>& captions() const { return captions_; }
  const std::vector<TalkTurn>& turns() const { return turns_; }
  const Caption* caption(std::string_view id) const;
  const TalkTurn* turn_of(std::string_view response) const;
  bool hearing() const { return hearing_; }    // the user speaks
  bool awaiting() const { return awaiting_; }  // an answer is, of which nothing is heard yet
  const std::string& active_response() const { return active_response_; }  // empty: none
  int answers() const { return answers_; }  // that are over, and said something

 private:
  void on_speech_started(const boost::json::object& event);
  void on_speech_stopped(const boost::json::object& event);
  void on_committed(const boost::json::object& event);
  void on_words(const boost::json::object& event);
  void on_transcript(const boost::json::object& event);
  void on_response_created(const boost::json::object& event);
  void on_item_added(const boost::json::object& event);
  void on_item_done(const boost::json::object& event);
  void on_item_retrieved(const boost::json::object& event);
  void on_response_done(const boost::json::object& event);
  void on_trace(const boost::json::object& event);

  Caption* find(std::string_view id);
  void drop_silent(Caption::State state);
  void measure(TalkTurn& turn);
  static bool cut(Caption& caption, const boost::json::object& item);

  const SpeechTime speech_time_;
  std::vector<Caption> captions_;
  std::vector<TalkTurn> turns_;
  std::string active_response_;
  std::optional<double> speech_stopped_ms_;
  int answers_ = 0;
  bool hearing_ = false;
  bool awaiting_ = false;
};

}  // namespace antiphon::server
