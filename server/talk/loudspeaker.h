#pragma once

#include <filesystem>
#include <fstream>
#include <optional>

#include "audio/frame.h"
#include "audio/wav_writer.h"
#include "pipeline/runtime/time.h"

namespace antiphon::server {

// Where the replies sound, 20 ms at a time.
//
// Owner: one thread.
class Loudspeaker {
 public:
  virtual ~Loudspeaker() = default;

  // How many frames it takes now, so that it never runs dry until it is asked again, at most 10 ms later.
  virtual int frames_wanted(pipeline::Time now) = 0;
  // REQUIRES: as many calls as frames_wanted() said.
  virtual void play(const audio::RenderFrame& frame) = 0;
  // How long it takes from play() to the ear.
  virtual pipeline::Duration delay() const = 0;
  // Nothing more comes. Throws std::runtime_error if not all could be kept.
  virtual void finish() {}
};

// Plays at the pace of real time into a file, or nowhere: what somebody would have heard, pauses included.
class RecordingLoudspeaker : public Loudspeaker {
 public:
  // Empty: nowhere. Throws std::runtime_error that names the file if it can't be written.
  explicit RecordingLoudspeaker(const std::filesystem::path& file);

  int frames_wanted(pipeline::Time now) override;
  void play(const audio::RenderFrame& frame) override;
  pipeline::Duration delay() const override { return pipeline::Duration::zero(); }
  void finish() override;

 private:
  void check();

  const std::filesystem::path path_;
  std::ofstream file_;
  std::optional<audio::WavWriter> wav_;  // none: nowhere
  std::optional<pipeline::Time> next_frame_at_;
};

}  // namespace antiphon::server
