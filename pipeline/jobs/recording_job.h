#pragma once

#include <memory>
#include <optional>
#include <string>

#include "audio/sound_file_reader.h"
#include "models/stepped.h"
#include "pipeline/jobs/errand.h"
#include "pipeline/jobs/recorded_speech.h"

namespace antiphon::pipeline {

// A sound file that is being written down. It travels: to a compute lane up to the end of the next stretch of
// speech, and back to the job's owner with it.
struct Recording {
  std::string bytes;  // of the file, until it is opened
  bool word_times = false;

  // What the last hear_some() made.
  std::optional<RecordedSpeech> speech;
  std::string fault;  // not empty: the file can't be read, and why
  bool finished = false;
  double seconds = 0;  // heard so far

  // The lane's.
  std::unique_ptr<audio::SoundFileReader> reader;
  std::unique_ptr<RecordingCutter> cutter;
  bool all_heard = false;  // what the cutter still has is all there will be
};

// Goes on until there is a stretch of speech or the file's end. `seat` is held by whoever submits it.
models::Stepped<std::unique_ptr<Recording>> hear_some(const JobSeat& seat,
                                                      std::unique_ptr<Recording> recording);

using RecordingErrand = Errand<std::unique_ptr<Recording>>;

// Sends the recording on its way. False: the lanes have no room, and the recording is gone.
[[nodiscard]] bool start_hearing(RecordingErrand& errand, SharedJobSeat seat,
                                 std::unique_ptr<Recording> recording, Time now);

}  // namespace antiphon::pipeline
