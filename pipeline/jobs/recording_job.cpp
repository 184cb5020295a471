#include "pipeline/jobs/recording_job.h"

#include <mutex>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace antiphon::pipeline {
namespace {

constexpr int kPiecesPerSecond = 4;  // a step decodes a quarter of a second and looks for speech in it

void open(const JobSeat& seat, Recording& recording) {
  recording.reader = std::make_unique<audio::SoundFileReader>(std::move(recording.bytes));
  const std::scoped_lock lock(seat.networks->recordings->mutex);
  recording.cutter = std::make_unique<RecordingCutter>(seat.networks->recordings->voice_activity,
                                                       seat.seat.slot(), recording.reader->sample_rate_hz());
}

void hear_piece(const JobSeat& seat, Recording& recording) {
  std::vector<float> piece(static_cast<std::size_t>(recording.reader->sample_rate_hz() / kPiecesPerSecond));
  const std::size_t count = recording.reader->read(piece);
  const std::scoped_lock lock(seat.networks->recordings->mutex);
  recording.cutter->push(std::span(piece).first(count));
  recording.all_heard = count < piece.size();
  if (recording.all_heard) recording.cutter->finish();
  recording.seconds = recording.cutter->heard_seconds();
}

}  // namespace

models::Stepped<std::unique_ptr<Recording>> hear_some(const JobSeat& seat,
                                                      std::unique_ptr<Recording> recording) {
  recording->speech.reset();
  if (!recording->reader) {
    try {
      open(seat, *recording);
    } catch (const std::runtime_error& error) {
      recording->fault = error.what();
      co_return recording;
    }
  }
  for (;;) {
    if (const auto segment = recording->cutter->next()) {
      models::Transcript transcript = co_await seat.networks->recognizer->transcribe(
          segment->audio, recording_options(recording->word_times));
      if (transcript.text.empty()) continue;
      recording->speech = recorded_speech(*segment, std::move(transcript));
      co_return recording;
    }
    if (recording->all_heard) break;
    hear_piece(seat, *recording);
    co_await models::kNextStep;
  }
  recording->finished = true;
  co_return recording;
}

bool start_hearing(RecordingErrand& errand, SharedJobSeat seat, std::unique_ptr<Recording> recording,
                   Time now) {
  auto work = [seat = std::move(seat), recording = std::move(recording)]() mutable {
    return hear_some(*seat, std::move(recording));
  };
  return errand.start(std::move(work), now);
}

}  // namespace antiphon::pipeline
