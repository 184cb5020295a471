#include "pipeline/jobs/speaking_job.h"

#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr int kFirstHops = 4;  // 50 ms: soon to sound
constexpr int kHops = 24;      // 300 ms

void begin(Reading& reading) {
  reading.begun = true;
  reading.encoder = audio::make_sound_encoder(reading.format, models::SynthesisStream::kSampleRate);
  reading.phrases.feed(std::exchange(reading.text, ""));
  reading.phrases.finish();
}

// False: there is no further phrase.
bool begin_phrase(Reading& reading) {
  const auto next = reading.phrases.next();
  if (!next) return false;
  reading.phrase = std::make_unique<SpeechJob>();
  reading.phrase->text = std::string(next->text.text());
  reading.phrase->options = reading.options;
  return true;
}

}  // namespace

models::Stepped<std::unique_ptr<Reading>> read_some(const JobSeat& seat, std::unique_ptr<Reading> reading) {
  const int hops = reading->begun ? kHops : kFirstHops;
  if (!reading->begun) begin(*reading);
  reading->bytes.clear();
  if (!reading->phrase && !begin_phrase(*reading)) {
    reading->bytes = reading->encoder->finish();
    reading->finished = true;
    co_return reading;
  }
  reading->phrase = co_await speak_some(*seat.networks->pronouncer, *seat.networks->synthesizer,
                                        std::move(reading->phrase), hops);
  co_await models::kNextStep;
  reading->bytes = reading->encoder->encode(reading->phrase->samples);
  reading->phrase->samples.clear();
  if (reading->phrase->finished) reading->phrase.reset();
  co_return reading;
}

bool start_reading(ReadingErrand& errand, SharedJobSeat seat, std::unique_ptr<Reading> reading, Time now) {
  auto work = [seat = std::move(seat), reading = std::move(reading)]() mutable {
    return read_some(*seat, std::move(reading));
  };
  return errand.start(std::move(work), now);
}

}  // namespace antiphon::pipeline
