#pragma once

#include <memory>
#include <string>

#include "audio/sound_encoder.h"
#include "models/stepped.h"
#include "models/text/phrase_splitter.h"
#include "pipeline/jobs/errand.h"
#include "pipeline/session/speech_job.h"

namespace antiphon::pipeline {

// A text that is being read aloud. It travels: to a compute lane for the next piece of sound, and back to the
// job's owner with its bytes.
struct Reading {
  std::string text;  // as a language model would write it, until it is begun
  models::SynthesisOptions options;
  audio::SoundFormat format = audio::SoundFormat::kWav;

  // What the last read_some() made.
  std::string bytes;
  bool finished = false;

  // The lane's.
  bool begun = false;
  models::text::PhraseSplitter phrases;
  std::unique_ptr<SpeechJob> phrase;  // being spoken
  std::unique_ptr<audio::SoundEncoder> encoder;
};

// The next piece: about a third of a second of sound, the first one shorter; perhaps no bytes of it yet.
// `seat` is held by whoever submits it.
models::Stepped<std::unique_ptr<Reading>> read_some(const JobSeat& seat, std::unique_ptr<Reading> reading);

using ReadingErrand = Errand<std::unique_ptr<Reading>>;

// Sends the reading on its way. False: the lanes have no room, and the reading is gone.
[[nodiscard]] bool start_reading(ReadingErrand& errand, SharedJobSeat seat, std::unique_ptr<Reading> reading,
                                 Time now);

}  // namespace antiphon::pipeline
