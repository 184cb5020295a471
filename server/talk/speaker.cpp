#include "server/talk/speaker.h"

#include <stdexcept>

namespace antiphon::server {

RecordingSpeaker::RecordingSpeaker(const std::filesystem::path& file) : path_(file) {
  if (path_.empty()) return;
  file_.open(path_, std::ios::binary);
  check();
  wav_.emplace(file_, audio::kRenderRateHz);
}

int RecordingSpeaker::frames_wanted(pipeline::Time now) {
  if (!next_frame_at_) next_frame_at_ = now;
  int frames = 0;
  for (; *next_frame_at_ <= now; *next_frame_at_ += audio::kFrameDuration) ++frames;
  return frames;
}

void RecordingSpeaker::play(const audio::RenderFrame& frame) {
  if (!wav_) return;
  wav_->write(frame);
  check();
}

void RecordingSpeaker::finish() {
  if (!wav_) return;
  wav_->finish();
  file_.close();
  check();
}

void RecordingSpeaker::check() {
  if (!file_) throw std::runtime_error("--speaker: cannot write '" + path_.string() + "'");
}

}  // namespace antiphon::server
