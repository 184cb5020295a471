#include "server/talk/loudspeaker.h"

#include <stdexcept>

namespace antiphon::server {

RecordingLoudspeaker::RecordingLoudspeaker(const std::filesystem::path& file) : path_(file) {
  if (path_.empty()) return;
  file_.open(path_, std::ios::binary);
  check();
  wav_.emplace(file_, audio::kRenderRateHz);
}

int RecordingLoudspeaker::frames_wanted(pipeline::Time now) {
  if (!next_frame_at_) next_frame_at_ = now;
  int frames = 0;
  for (; *next_frame_at_ <= now; *next_frame_at_ += audio::kFrameDuration) ++frames;
  return frames;
}

void RecordingLoudspeaker::play(const audio::RenderFrame& frame) {
  if (!wav_) return;
  wav_->write(frame);
  check();
}

void RecordingLoudspeaker::finish() {
  if (!wav_) return;
  wav_->finish();
  file_.close();
  check();
}

void RecordingLoudspeaker::check() {
  if (!file_) throw std::runtime_error("--speaker: cannot write '" + path_.string() + "'");
}

}  // namespace antiphon::server
