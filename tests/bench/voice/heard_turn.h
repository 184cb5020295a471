// What a client hears of one turn, with the times of arrival.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audio/sample_format.h"

namespace antiphon::bench {

using Time = std::chrono::steady_clock::time_point;

struct HeardReply {
  std::string id;
  Time created;
  std::optional<Time> first_delta;  // of audio
  std::optional<Time> last_delta;
  // When a client that plays each delta at once, or after the one before, plays the first sample above -50
  // dBFS.
  std::optional<Time> audible;
  std::int64_t samples = 0;  // at the rate of the format
  // Such a client runs out of sound: how often, and for how long in all.
  Time played_until;
  int underruns = 0;
  std::chrono::nanoseconds dry{0};
  std::string status;  // empty: not done
  std::string words;

  bool done() const { return !status.empty(); }
};

struct HeardTurn {
  std::string utterance;
  Time onset;  // of the user's speech, and its end
  Time end;
  std::optional<Time> speech_started;  // the first since the utterance began
  std::vector<Time> committed;
  std::string words;  // what the server understood
  std::vector<HeardReply> replies;
  std::optional<Time> barged_in_on;  // the last audio of the reply that this turn interrupted
  std::string error;                 // the last one

  bool cut_off() const { return !committed.empty() && committed.front() < end; }
  // The reply that the user got in the end; null: none.
  const HeardReply* answer() const;
};

// Takes a server event in. `format`: of the server's audio. `last`: the turn before, whose reply may still be
// going on; or null.
void hear(const boost::json::value& event, Time now, audio::SampleFormat format, HeardTurn* turn,
          HeardTurn* last);
// The same for a response.output_audio.delta, for those who have found its fields without a parser.
void hear_audio_delta(std::string_view response_id, std::string_view base64, Time now,
                      audio::SampleFormat format, HeardTurn* turn, HeardTurn* last);

}  // namespace antiphon::bench
