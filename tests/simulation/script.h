#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/client_event.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/session_checker.h"

namespace antiphon::simulation {

// What a client sends when, counted from its connection.
struct ScriptedEvent {
  Duration at{};
  // Made when it is sent: it may name what the session has told. Nothing: not now.
  std::function<std::optional<pipeline::ClientEvent>(const SessionChecker&)> make;
};

// Writes what one client does: speech and silence in messages as they would be recorded, and other events.
class ScriptWriter {
 public:
  // `session`: the digit of its words.
  ScriptWriter(int session, audio::SampleFormat format, std::chrono::milliseconds chunk, Dice* dice)
      : session_(session), format_(format), chunk_(chunk), dice_(dice) {}

  void say(int words);
  void be_silent(std::chrono::milliseconds duration);
  void send(pipeline::ClientEvent::Body body);
  // Goes by without audio.
  void wait(Duration duration) { now_ += duration; }
  // All messages between the two are sent at the end: the network stood still.
  void begin_burst() { burst_from_ = events_.size(); }
  void end_burst();
  // At any time of the script so far.
  void sprinkle(std::function<std::optional<pipeline::ClientEvent>(const SessionChecker&)> make);

  Duration length() const { return now_; }
  const std::vector<Word>& said() const { return said_; }
  // In the order of their times.
  std::vector<ScriptedEvent> take();

 private:
  void add_audio(const std::vector<float>& samples);

  const int session_;
  const audio::SampleFormat format_;
  const std::chrono::milliseconds chunk_;
  Dice* const dice_;
  Duration now_{};
  std::vector<ScriptedEvent> events_;
  std::size_t burst_from_ = 0;
  std::vector<Word> said_;
};

}  // namespace antiphon::simulation
