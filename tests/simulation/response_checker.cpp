#include "tests/simulation/response_checker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "audio/g711.h"

namespace antiphon::simulation {
namespace {

using namespace pipeline;
using std::chrono::milliseconds;

constexpr milliseconds kLeadMax{225};        // the playout's with its jitter, and a faded frame
constexpr milliseconds kListenMargin{12};    // the resampler's delay, and rounding
constexpr milliseconds kWithdrawnMax{1600};  // TurnManager::kResumeMax, and how late the voice may be noticed

std::int64_t samples_of(Duration duration, int rate_hz) {
  return duration.count() * rate_hz / Duration(std::chrono::seconds(1)).count();
}

}  // namespace

ResponseChecker::ResponseChecker(const ResponseSnapshot& response, Fault fault)
    : id_(response.id),
      spoken_(response.output_modality == OutputModality::kAudio),
      format_(response.output_format),
      fault_(std::move(fault)) {
  if (response.status != ResponseStatus::kInProgress) fault_("response.created with a final status");
}

void ResponseChecker::advance(Stage& stage, Stage from, Stage to, const char* what) {
  if (stage != from) fault_(std::string(what) + " out of order");
  stage = to;
}

void ResponseChecker::on(const OutputItemAdded& event) {
  advance(message_, Stage::kNone, Stage::kAdded, "output_item.added");
  item_ = event.item.id;
}

void ResponseChecker::on(const OutputItemDone& event) {
  advance(message_, Stage::kAdded, Stage::kDone, "output_item.done");
  if (part_ != Stage::kDone || event.item.id != item_) fault_("output_item.done before its part's");
}

void ResponseChecker::on(const ContentPartAdded&) {
  advance(part_, Stage::kNone, Stage::kAdded, "content_part.added");
  if (message_ != Stage::kAdded) fault_("content_part.added before its item's");
}

void ResponseChecker::on(const ContentPartDone&) {
  advance(part_, Stage::kAdded, Stage::kDone, "content_part.done");
  if (!final_text_ || audio_done_ != spoken_) fault_("content_part.done before its content's");
}

void ResponseChecker::content(const ContentPlace& place, const char* what) {
  if (place.item_id != item_ || part_ != Stage::kAdded || final_text_) {
    fault_(std::string(what) + " outside of its part");
  }
  if (interrupted_at_) fault_(std::string(what) + " of an old reply after speech_started");
}

void ResponseChecker::on(const OutputAudioDelta& event, Time now) {
  content(event.place, "audio.delta");
  if (audio_done_ || !spoken_) fault_("audio.delta after audio.done");
  if (!first_audio_) first_audio_ = now;
  heard_all_at_ = std::max(heard_all_at_, now) + audio::kFrameDuration;
  if (heard_all_at_ - now > kLeadMax) fault_("audio too far ahead of the listener");
  decode(event.audio);
}

void ResponseChecker::decode(const AudioBytes& audio) {
  if (audio.size() != audio::frame_bytes(format_)) fault_("a delta that is not one frame");
  for (std::size_t at = 0; at + audio::sample_bytes(format_) <= audio.size();
       at += audio::sample_bytes(format_)) {
    const auto byte = [&](std::size_t offset) { return static_cast<std::uint8_t>(audio[at + offset]); };
    std::int16_t sample = 0;
    if (format_ == audio::SampleFormat::kPcm16) {
      sample = static_cast<std::int16_t>(byte(0) | byte(1) << 8U);
    } else {
      sample = format_ == audio::SampleFormat::kPcmu ? audio::pcm16_from_mulaw(byte(0))
                                                     : audio::pcm16_from_alaw(byte(0));
    }
    samples_.push_back(static_cast<float>(sample) / 32768.0F);
  }
}

void ResponseChecker::on(const OutputAudioDone&) {
  if (std::exchange(audio_done_, true) || part_ != Stage::kAdded) fault_("audio.done out of order");
}

void ResponseChecker::on(const OutputTranscriptDelta& event) {
  content(event.place, "transcript.delta");
  deltas_ += event.delta;
}

void ResponseChecker::on(const OutputTranscriptDone& event) {
  if (!audio_done_ || final_text_) fault_("transcript.done out of order");
  final_text_ = event.transcript;
}

void ResponseChecker::on(const OutputTextDelta& event) {
  content(event.place, "text.delta");
  if (spoken_) fault_("text of a spoken reply");
  deltas_ += event.delta;
}

void ResponseChecker::on(const OutputTextDone& event) {
  if (final_text_ || part_ != Stage::kAdded) fault_("text.done out of order");
  final_text_ = event.text;
}

std::int64_t ResponseChecker::samples_heard(Time now) const {
  const int rate_hz = audio::rate_hz(format_);
  const Duration ahead = std::max(heard_all_at_ - now, Duration::zero());
  return std::max<std::int64_t>(0, std::ssize(samples_) - samples_of(ahead, rate_hz));
}

void ResponseChecker::on_done(const ResponseSnapshot& response, Time now) {
  if (response.status == ResponseStatus::kInProgress) fault_("response.done without a final status");
  if (response.status == ResponseStatus::kFailed) {
    fault_("failed: " + (response.end ? response.end->error_message : "without a reason"));
  }
  if (interrupted_at_ && response.status != ResponseStatus::kCancelled) fault_("interrupted, not cancelled");
  if (!response.usage) fault_("response.done without usage");
  if (message_ == Stage::kAdded) fault_("response.done with an open item");
  if (response.output.size() != (message_ == Stage::kDone ? 1U : 0U)) fault_("response.done: output");
  if (message_ != Stage::kDone || response.output.size() != 1) return;
  const auto* message = std::get_if<Message>(&response.output[0].body);
  if (message == nullptr || message->content.size() != 1) return fault_("response.done: no message");
  const ContentPart& part = message->content[0];
  const std::string text = part.is_audio() ? part.transcript.value_or("") : part.text;
  if (text != final_text_) fault_("response.done says other text than its content's done");
  if (spoken_) {
    check_spoken(response, text, now);
  } else if (const bool withdrawn = interrupted_at_ && text.empty(); text != deltas_ && !withdrawn) {
    fault_("text.done is not the sum of its deltas");
  }
}

void ResponseChecker::check_spoken(const ResponseSnapshot& response, const std::string& transcript,
                                   Time now) {
  const int rate_hz = audio::rate_hz(format_);
  std::vector<Word> sent;
  std::size_t heard_min = 0;
  std::size_t heard_max = 0;
  const std::int64_t heard = samples_heard(now);
  const std::int64_t margin = samples_of(kListenMargin, rate_hz);
  for (const HeardWord& word : heard_in(samples_, rate_hz)) {
    sent.push_back(word.word);
    if (word.end_sample <= heard - margin) heard_min = sent.size();
    if (word.end_sample <= heard + margin) heard_max = sent.size();
  }
  const std::vector<Word> said = words_in(transcript);
  const bool whole = response.status != ResponseStatus::kCancelled;
  if (whole && (said != sent || transcript != deltas_)) {
    return fault_("sounds like \"" + text_of(sent) + "\", transcript \"" + transcript + "\", deltas \"" +
                  deltas_ + "\"");
  }
  if (whole) {
    if (heard_all_at_ > now) fault_("completed before it was heard");
    return;
  }
  const bool withdrawn = said.empty() && response.end && response.end->reason == "turn_detected" &&
                         (!first_audio_ || now - *first_audio_ <= kWithdrawnMax);
  if (withdrawn) return;
  const bool prefix = said.size() <= sent.size() && std::equal(said.begin(), said.end(), sent.begin());
  if (!prefix || said.size() < heard_min || said.size() > heard_max) {
    fault_("cut to \"" + transcript + "\" after \"" + text_of(sent) + "\", of which " +
           std::to_string(heard_min) + " to " + std::to_string(heard_max) + " words were heard");
  }
}

}  // namespace antiphon::simulation
