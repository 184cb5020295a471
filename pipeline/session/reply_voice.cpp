#include "pipeline/session/reply_voice.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

// 50 ms: soon to sound. Later chunks are cheaper by the second, the longest once enough is in store.
constexpr int kFirstHops = 4;
constexpr int kHops = 12;
constexpr int kLongHops = 24;
constexpr std::size_t kInStore = 24000 * 4 / 10;  // 400 ms
constexpr milliseconds kFirstSound{30};
constexpr milliseconds kShort{400};  // words to the first sound of them, with as much to spare
constexpr float kAudible = 0.002F;
constexpr std::ptrdiff_t kRunUpSamples = 48;  // 2 ms before the first that is audible
constexpr milliseconds kMargin{40};           // a chunk is wanted so long before the listener runs out

// Leaves out what can't be heard before the reply's first sound: half a hop or so, by which the times of the
// first phrase's words are late.
void skip_run_up(std::vector<float>& samples) {
  const auto sound = std::ranges::find_if(samples, [](float sample) { return std::abs(sample) > kAudible; });
  if (sound - samples.begin() > kRunUpSamples) samples.erase(samples.begin(), sound - kRunUpSamples);
}

}  // namespace

ReplyVoice::ReplyVoice(const SessionContext& context, SessionTasks* tasks, Generation generation, float speed)
    : context_(context), tasks_(tasks), generation_(generation), playout_(Playout::Config{}) {
  using models::SpeechSynthesizer;
  options_.speed = std::clamp(speed, SpeechSynthesizer::kSpeedMin, SpeechSynthesizer::kSpeedMax);
  playout_.begin();
}

void ReplyVoice::add_phrase(std::string text) {
  if (failed_) return;
  phrases_.push_back(std::move(text));
}

void ReplyVoice::on_speech(SpeechResult result) {
  // Of a reply that failed while it was held back, and was begun anew under the same generation.
  if (result.end == TaskEnd::kCancelled || (result.result && result.result->get() != submitted_)) return;
  job_in_flight_ = false;
  if (!result.result) {
    failed_ = true;
    phrases_.clear();
    complete_ = true;
    return;
  }
  job_ = std::move(*result.result);
  if (job_->too_long && split_phrase()) return;
  if (!std::exchange(phrase_noted_, true)) note_phrase();
  if (!job_->times.empty()) transcript_.set_times(job_->times);
  take_samples();
  if (job_->finished) job_.reset();
}

// The voice can't say so many symbols at once: two halves instead.
bool ReplyVoice::split_phrase() {
  const std::string& text = job_->text;
  const std::size_t space = text.rfind(' ', text.size() / 2);
  if (space == std::string::npos || space == 0) return false;
  phrases_.push_front(text.substr(space + 1));
  phrases_.push_front(text.substr(0, space));
  job_.reset();
  return true;
}

void ReplyVoice::note_phrase() {
  const std::string space = transcript_.text().empty() ? "" : " ";
  std::vector<models::text::PhonemeWord> words = job_->phrase.words;
  for (models::text::PhonemeWord& word : words) {
    word.text_begin += space.size();
    word.text_end += space.size();
  }
  transcript_.begin_phrase(space + job_->text, words, samples_made_);
  captions_.push_back({samples_made_, space + job_->text});
}

void ReplyVoice::take_samples() {
  if (samples_made_ == 0) skip_run_up(job_->samples);
  samples_made_ += std::ssize(job_->samples);
  waiting_samples_.insert(waiting_samples_.end(), job_->samples.begin(), job_->samples.end());
  job_->samples.clear();
}

void ReplyVoice::pump(Time now) {
  if (!waiting_samples_.empty()) {
    const std::size_t taken = playout_.push(waiting_samples_);
    waiting_samples_.erase(waiting_samples_.begin(),
                           waiting_samples_.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  if (refused_) submit_again();
  const bool wanted = job_ || !phrases_.empty();
  constexpr std::size_t kRoom = kLongHops * models::SynthesisStream::kHopSamples;
  if (wanted && !job_in_flight_ && waiting_samples_.empty() && playout_.room_samples() >= kRoom) submit(now);
  if (complete_ && !wanted && !job_in_flight_ && waiting_samples_.empty() && !std::exchange(ended_, true)) {
    playout_.end();
  }
}

std::size_t ReplyVoice::samples_stored() const {
  return static_cast<std::size_t>(samples_made_ - playout_.samples_handed_out());
}

int ReplyVoice::next_hops() const {
  if (samples_made_ == 0) return kFirstHops;
  return samples_stored() >= kInStore ? kLongHops : kHops;
}

bool ReplyVoice::runs_short(Time now) const {
  if (job_ || job_in_flight_ || !phrases_.empty()) return false;
  const Duration stored = std::chrono::milliseconds(samples_stored() * 1000 / audio::kRenderRateHz);
  return playout_.lead(now) + stored < kShort;
}

void ReplyVoice::submit(Time now) {
  if (!job_) {
    job_ = std::make_unique<SpeechJob>();
    job_->text = phrases_.front();
    job_->options = options_;
    phrases_.pop_front();
    phrase_noted_ = false;
  }
  const std::optional<Time> dry = playout_.dry_at();
  const Deadline deadline(dry ? std::max(*dry - kMargin, now) : now + kFirstSound);
  const TaskLabel label{context_.id, generation_, TaskKind::kSynthesis, deadline, false};
  std::unique_ptr<SpeechJob> job = std::move(job_);
  submitted_ = job.get();
  const Networks* networks = context_.networks;
  const int hops = next_hops();
  auto start = [job = std::move(job), networks, hops]() mutable {
    return speak_some(*networks->pronouncer, *networks->synthesizer, std::move(job), hops);
  };
  auto deliver = [inbox = context_.inbox](SpeechResult result) { inbox->push(std::move(result)); };
  refused_ = make_stepped_task(label, std::move(start), deliver);
  submit_again();
}

void ReplyVoice::submit_again() {
  job_in_flight_ = true;
  // Without room on the lanes it waits here: the reply starts later, and stays whole.
  if (tasks_->submit(refused_)) refused_.reset();
}

std::optional<std::string> ReplyVoice::next_caption(std::int64_t sample) {
  if (captions_.empty() || captions_.front().begin_sample >= sample) return std::nullopt;
  std::string text = std::move(captions_.front().text);
  captions_.pop_front();
  return text;
}

}  // namespace antiphon::pipeline
