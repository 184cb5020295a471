#include "tests/simulation/response_checker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "audio/g711.h"
#include "models/text/tool_call_parser.h"

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

ResponseChecker::ResponseChecker(const ResponseSnapshot& response, bool may_fail, Fault fault)
    : id_(response.id),
      spoken_(response.output_modality == OutputModality::kAudio),
      format_(response.output_format),
      metadata_(response.metadata),
      conversation_(response.conversation_id),
      may_fail_(may_fail),
      fault_(std::move(fault)) {
  if (response.status != ResponseStatus::kInProgress) fault_("response.created with a final status");
}

void ResponseChecker::advance(Stage& stage, Stage from, Stage to, const char* what) {
  if (stage != from) fault_(std::string(what) + " out of order");
  stage = to;
}

void ResponseChecker::on(const OutputItemAdded& event) {
  if (std::holds_alternative<FunctionCall>(event.item.body)) return begin_call(event);
  if (!calls_.empty()) fault_("a message behind a call");
  advance(message_, Stage::kNone, Stage::kAdded, "output_item.added");
  item_ = event.item.id;
}

void ResponseChecker::on(const OutputItemDone& event) {
  if (std::holds_alternative<FunctionCall>(event.item.body)) return end_call(event.item);
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

// --- calls of the client's functions ---

void ResponseChecker::begin_call(const OutputItemAdded& event) {
  const auto& call = std::get<FunctionCall>(event.item.body);
  const std::size_t index = (message_ == Stage::kDone ? 1 : 0) + calls_.size();
  if (message_ == Stage::kAdded) fault_("a call while the message is open");
  if (!calls_.empty() && !calls_.back().done) fault_("a call while another is open");
  if (interrupted_at_) fault_("a call of an old reply after speech_started");
  if (event.item.status != ItemStatus::kInProgress || !call.arguments.empty())
    fault_("a call begins as done");
  if (call.name.empty() || call.call_id.empty()) fault_("a call begins without its name or id");
  if (event.output_index != static_cast<int>(index)) fault_("a call with another output_index");
  calls_.push_back({event.item, "", false, false});
}

// Null, and a fault: it is not the one that is open.
ResponseChecker::Call* ResponseChecker::open_call(const ContentPlace& place) {
  const bool open = !calls_.empty() && !calls_.back().done && calls_.back().item.id == place.item_id;
  if (open && !calls_.back().arguments_done) return &calls_.back();
  fault_("arguments of a call that is not open");
  return nullptr;
}

void ResponseChecker::on(const FunctionArgumentsDelta& event) {
  if (interrupted_at_) fault_("arguments of an old reply after speech_started");
  if (Call* call = open_call(event.place)) call->deltas += event.delta;
}

void ResponseChecker::on(const FunctionArgumentsDone& event) {
  Call* const call = open_call(event.place);
  if (call == nullptr) return;
  call->arguments_done = true;
  const auto& begun = std::get<FunctionCall>(call->item.body);
  if (event.name != begun.name || event.call_id != begun.call_id) fault_("arguments.done of another call");
  if (event.arguments != call->deltas) fault_("arguments.done is not the sum of its deltas");
  if (interrupted_at_) fault_("a call that was interrupted is told as a whole one");
  models::text::ToolCallParser parser;
  std::vector<models::text::ReplyEvent> events;
  const std::string written = R"({"name": ")" + event.name + R"(", "arguments": )" + event.arguments + "}";
  parser.push("<tool_call>\n" + written + "\n</tool_call>", &events);
  if (events.size() != 1 || !std::holds_alternative<models::text::ToolCall>(events[0])) {
    fault_("arguments that are no JSON object: " + event.arguments);
  }
}

void ResponseChecker::end_call(const ConversationItem& item) {
  if (calls_.empty() || calls_.back().done || calls_.back().item.id != item.id) {
    return fault_("a call is done that is not open");
  }
  Call& call = calls_.back();
  call.done = true;
  call.item = item;
  const bool whole = item.status == ItemStatus::kCompleted;
  if (whole != call.arguments_done) fault_("a call whose status is not that of its arguments");
  if (std::get<FunctionCall>(item.body).arguments != call.deltas) fault_("a call with other arguments");
}

std::int64_t ResponseChecker::samples_heard(Time now) const {
  const int rate_hz = audio::rate_hz(format_);
  const Duration ahead = std::max(heard_all_at_ - now, Duration::zero());
  return std::max<std::int64_t>(0, std::ssize(samples_) - samples_of(ahead, rate_hz));
}

void ResponseChecker::check_status(const ResponseSnapshot& response) {
  const bool failed = response.status == ResponseStatus::kFailed;
  const std::string why = response.end ? response.end->error_message : "";
  if (response.status == ResponseStatus::kInProgress) fault_("response.done without a final status");
  if (failed && !may_fail_) fault_("failed: " + why);
  if (failed && (why.empty() || response.end->error_code.empty())) fault_("failed without a reason");
  if (!failed && !why.empty()) fault_("an error of a response that did not fail: " + why);
  // It may have failed at the very moment.
  if (interrupted_at_ && response.status != ResponseStatus::kCancelled) fault_("interrupted, not cancelled");
  if (!response.usage) fault_("response.done without usage");
  if (response.metadata != metadata_) fault_("response.done with other metadata");
  if (response.conversation_id != conversation_) fault_("response.done of another conversation");
}

void ResponseChecker::check_output(const ResponseSnapshot& response) {
  const std::size_t messages = message_ == Stage::kDone ? 1 : 0;
  if (message_ == Stage::kAdded) fault_("response.done with an open item");
  if (response.output.size() != messages + calls_.size()) return fault_("response.done: output");
  const bool whole = response.status == ResponseStatus::kCompleted;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Call& call = calls_[i];
    if (!call.done) fault_("response.done with an open call");
    if (response.output[messages + i] != call.item) fault_("response.done: another call than was told");
    if (whole && !call.arguments_done) fault_("completed with half a call");
    if (response.status == ResponseStatus::kCancelled && call.arguments_done) {
      fault_("a whole call of a response that was cancelled");
    }
  }
}

void ResponseChecker::on_done(const ResponseSnapshot& response, Time now) {
  check_status(response);
  check_output(response);
  if (message_ != Stage::kDone || response.output.empty()) return;
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
  std::vector<Word> said = words_in(transcript);
  // A word whose end lies in the frame that fades out was heard, but is no word of the code any more.
  const bool fades = response.end && response.end->reason == "client_cancelled";
  if (fades && said.size() == sent.size() + 1) said.pop_back();
  const bool failed = response.status == ResponseStatus::kFailed;
  const bool whole = !failed && response.status != ResponseStatus::kCancelled;
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
  if (failed && prefix) return;  // what was made of it may end within a word
  if (!prefix || said.size() < heard_min || said.size() > heard_max) {
    fault_("cut to \"" + transcript + "\" after \"" + text_of(sent) + "\", of which " +
           std::to_string(heard_min) + " to " + std::to_string(heard_max) + " words were heard (" +
           (response.end ? response.end->reason : "") + " after " + std::to_string(heard) + " of " +
           std::to_string(samples_.size()) + " samples)");
  }
}

}  // namespace antiphon::simulation
