#pragma once

#include "audio/frame.h"
#include "pipeline/runtime/time.h"

namespace antiphon::server {

// Where the user's voice comes from, 20 ms at a time, at the pace of real time.
//
// Owner: one thread.
class Microphone {
 public:
  virtual ~Microphone() = default;

  // The next frame, if its last sample has been spoken by now. Call it at least every 20 ms.
  virtual bool next(pipeline::Time now, audio::RenderFrame& frame) = 0;
  // When the last sample of the last frame was spoken.
  virtual pipeline::Time spoken_at() const = 0;
};

}  // namespace antiphon::server
