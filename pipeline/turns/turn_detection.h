#pragma once

#include <chrono>
#include <optional>

namespace antiphon::pipeline::turns {

// How readily semantic_vad takes a pause for the end of the turn. The protocol's `auto` is kMedium.
enum class Eagerness { kLow, kMedium, kHigh };

// The session's turn detection as the protocol's `turn_detection` says it, with its defaults.
struct TurnDetection {
  enum class Kind {
    kPushToTalk,   // null: the client commits and asks for responses
    kServerVad,    // a turn ends after silence_duration
    kSemanticVad,  // a turn ends when sound, words and silence together say so
  };
  Kind kind = Kind::kServerVad;
  bool create_response = true;     // answer each turn without being asked
  bool interrupt_response = true;  // speech of the user cancels the reply
  float threshold = 0.5f;          // of the probability of speech, 0 to 1; semantic_vad: leave the default
  std::chrono::milliseconds prefix_padding{300};  // audio before the speech that belongs to the turn

  // Only for kServerVad.
  std::chrono::milliseconds silence_duration{500};
  std::optional<std::chrono::milliseconds> idle_timeout;  // from the end of the reply's playout

  // Only for kSemanticVad.
  Eagerness eagerness = Eagerness::kMedium;
};

}  // namespace antiphon::pipeline::turns
