#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audio/frame.h"
#include "audio/playout_buffer.h"

namespace antiphon::server {

// The replies' sound on its way to the loudspeaker: a jitter buffer that starts a reply once a little of it
// is there, waits again when it runs dry, and knows to the sample how much of each reply was played.
//
// Owner:    one thread. Time: never reads a clock; one pop() is 20 ms.
// Overload: sound beyond kWaitingMax is dropped and counted.
class ReplyPlayout {
 public:
  static constexpr std::chrono::minutes kWaitingMax{10};  // some servers send a reply as fast as they make it

  // `item`: of the conversation.
  void add(std::string_view item, std::span<const float> samples);
  // No more of it comes.
  void end(std::string_view item);

  struct Popped {
    bool sounds = false;                    // else `frame` is silence
    std::optional<std::size_t> audible_at;  // in the frame: the reply's first sample that can be heard
  };
  Popped pop(audio::RenderFrame& frame);

  struct Heard {
    std::string item;
    std::chrono::milliseconds audio{0};  // of it that was popped, or will be: a short fade
    bool cut = false;                    // there was more
  };
  // Falls silent. None: nothing was ever played.
  std::optional<Heard> stop();

  // Whether something is to be heard still.
  bool playing() const { return !waiting_.empty() || buffer_.buffered_samples() > 0; }
  // That is being played, or was last; empty: none.
  const std::string& item() const { return item_; }
  int underruns() const { return underruns_; }
  int overruns() const { return overruns_; }

 private:
  struct Waiting {
    std::string item;
    std::vector<float> samples;
    std::size_t taken = 0;
    bool ended = false;
  };

  void refill();
  bool ready() const;

  std::deque<Waiting> waiting_;  // the first one may be the reply that is being played
  std::size_t waiting_samples_ = 0;
  audio::PlayoutBuffer buffer_{std::chrono::milliseconds(500)};
  std::string item_;
  bool begun_ = false;    // the reply sounds
  bool audible_ = false;  // something of it was
  bool whole_ = false;    // all of it is in the buffer
  bool dry_ = false;      // the buffer ran empty: at the reply's end, or an underrun, which shows later
  std::size_t frames_before_begin_ = 2;
  int underruns_ = 0;
  int overruns_ = 0;
};

}  // namespace antiphon::server
