#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "server/talk/microphone.h"

namespace antiphon::server {

struct Recording {
  std::string name;
  std::vector<float> samples;  // 24 kHz
};

// A sound file (WAV, FLAC, MP3, Ogg) of any rate. Throws std::runtime_error that names it.
Recording read_recording(const std::filesystem::path& file);

// Plays recordings as if somebody spoke them, with silence between them: each when it is asked for.
//
// Owner: one thread.
class RecordedMicrophone : public Microphone {
 public:
  explicit RecordedMicrophone(std::vector<Recording> recordings) : recordings_(std::move(recordings)) {}

  bool next(pipeline::Time now, audio::RenderFrame& frame) override;
  pipeline::Time spoken_at() const override { return next_frame_at_ - audio::kFrameDuration; }

  // The next recording begins with the next frame. False: there is none left.
  bool begin_next();
  bool speaking() const { return at_ < samples().size(); }
  // Of the recording that was begun last. REQUIRES: one was.
  const std::string& name() const { return recordings_[begun_ - 1].name; }

 private:
  const std::vector<float>& samples() const { return begun_ == 0 ? none_ : recordings_[begun_ - 1].samples; }

  const std::vector<Recording> recordings_;
  const std::vector<float> none_;
  std::size_t begun_ = 0;
  std::size_t at_ = 0;  // in samples()
  bool running_ = false;
  pipeline::Time next_frame_at_;  // when its last sample will have been spoken
};

}  // namespace antiphon::server
