#include "pipeline/session/speech_job.h"

#include <utility>

namespace antiphon::pipeline {

models::Stepped<std::unique_ptr<SpeechJob>> speak_some(const models::text::Pronunciation& pronouncer,
                                                       const models::SpeechSynthesizer& synthesizer,
                                                       std::unique_ptr<SpeechJob> job, int hops) {
  if (!job->begun) {
    job->begun = true;
    job->phrase = pronouncer.pronounce(job->text);
    models::SynthesisStart start = synthesizer.begin(job->phrase, job->options);
    job->stream = std::move(start.stream);
    job->too_long = start.refusal == models::SynthesisRefusal::kTooLong;
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
