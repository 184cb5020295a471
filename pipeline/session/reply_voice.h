#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/heard_words.h"
#include "pipeline/playout.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/session_tasks.h"
#include "pipeline/session/speech_job.h"

namespace antiphon::pipeline {

// Text for the listener at the moment when its sound begins.
struct Caption {
  std::int64_t begin_sample = 0;
  std::string text;
};

// The voice of one reply: phrases become sound on the compute lanes, one after another, ahead of the playout
// by what its buffer holds; the transcript and the times of its words grow with the sound.
//
// Owner:  one reply, on the media worker.
// Memory: the playout's buffer, one chunk, the transcript.
class ReplyVoice {
 public:
  ReplyVoice(const SessionContext& context, SessionTasks* tasks, Generation generation, float speed);

  void add_phrase(std::string text);
  // No more phrases come.
  void end() { complete_ = true; }
  void on_speech(SpeechResult result);
  // Moves sound on: into the playout, and to the lanes for more. Call it after each of the above, and on
  // ticks.
  void pump(Time now);

  // Nothing is on its way to sound, and the listener has little left to hear: even a few words help.
  bool runs_short(Time now) const;

  // A step of the voice was lost: what was said so far is all there will be.
  bool failed() const { return failed_; }
  // All that was said has its sound.
  bool all_made() const { return complete_ && !failed_ && !job_ && !job_in_flight_ && phrases_.empty(); }
  std::int64_t samples_made() const { return samples_made_; }
  Playout& playout() { return playout_; }
  const Playout& playout() const { return playout_; }
  const SpokenTranscript& transcript() const { return transcript_; }
  // The next caption whose sound begins before `sample`.
  std::optional<std::string> next_caption(std::int64_t sample);

 private:
  void take_samples();
  void note_phrase();
  void submit(Time now);
  void submit_again();
  bool split_phrase();
  int next_hops() const;
  std::size_t samples_stored() const;  // made and not yet handed out

  const SessionContext& context_;
  SessionTasks* const tasks_;
  const Generation generation_;
  models::SynthesisOptions options_;
  Playout playout_;
  SpokenTranscript transcript_;
  std::deque<std::string> phrases_;  // not begun
  std::unique_ptr<SpeechJob> job_;   // the phrase that is being spoken, while it is here
  bool job_in_flight_ = false;
  const SpeechJob* submitted_ = nullptr;  // the last one; only to know it again
  std::unique_ptr<ComputeTask> refused_;  // the job in flight, while the lanes have no room for it
  bool phrase_noted_ = false;             // job_'s phrase is in the transcript
  std::deque<Caption> captions_;
  std::vector<float> waiting_samples_;  // that the playout has no room for
  std::int64_t samples_made_ = 0;
  bool complete_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace antiphon::pipeline
