#include "pipeline/session/speech_job.h"

#include <utility>

namespace antiphon::pipeline {

models::Stepped<std::unique_ptr<SpeechJob>> speak_some(const models::text::Pronouncer& pronouncer,
                                                       const models::SpeechSynthesizer& synthesizer,
                                                       std::unique_ptr<SpeechJob> job, int hops) {
  if (!job->begun) {
    job->begun = true;
    job->phrase = pronouncer.pronounce(job->text);
    job->stream = synthesizer.begin(job->phrase, job->options).stream;
    co_await models::kNextStep;
  }
  if (job->stream && !job->stream->finished()) {
    job->samples = co_await job->stream->next(hops);
    const auto times = job->stream->words();
    job->times.assign(times.begin(), times.end());
  }
  job->finished = !job->stream || job->stream->finished();
  co_return job;
}

}  // namespace antiphon::pipeline
