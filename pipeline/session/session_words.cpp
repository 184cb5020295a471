// What the user says, from its sound to the language model.
#include <algorithm>
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {
namespace {

constexpr float kVoice = 0.5F;
constexpr std::chrono::milliseconds kTextCueDue{400};

}  // namespace

void Session::on_voice(float probability, turns::AudioTime quiet, Time now) {
  const TurnDetection& detection = settings_.config().turn_detection;
  const bool push_to_talk = detection.kind == TurnDetection::Kind::kPushToTalk;
  const turns::AudioTime position = turns_.audio_position();
  user_.on_voice(probability >= kVoice, position, quiet, now);
  if (push_to_talk && user_.voice() && !user_.transcripts().active()) {
    memory_.begin_turn();
    user_.transcripts().begin(std::max(user_.buffer_start(), position - detection.prefix_padding));
  }
  act(turns_.on_window(probability, now, quiet), now);
}

// Between two windows a pause may become long enough.
void Session::look_beyond_windows(Time now) {
  const turns::AudioTime silence = turns_.silence();
  if (closed_ || silence == turns::AudioTime(0)) return;
  const turns::AudioTime beyond = user_.ears().silence_beyond(silence);
  if (beyond > turns::AudioTime(0)) act(turns_.on_silence_beyond(beyond), now);
}

void Session::on_news(const Transcripts::News& news, Time now) {
  const bool to_client = settings_.config().transcription.has_value();
  if (to_client) user_.tell_words(news);
  // The words so far, with what the memory has to say to them before them.
  const bool ahead = !news.hypothesis.empty();
  if (ahead && !memory_.hear_ahead(news.hypothesis, now)) read_ahead(news.hypothesis);
  if (news.generation) on_final_words(*news.generation, news.text, now);
  if (!news.item) return;
  user_.finish_item(news, to_client);
  memory_.keep_said(news.text, now);
  if (user_.words_missing() != news.item) return;
  user_.on_words_there();
  if (!reply_ || !reply_->released() || reply_->writing()) return;
  if (news.failed) {
    reply_->fail("transcription_failed", "The recogniser failed.", now);
  } else {
    write_reply(nullptr, now);
  }
}

void Session::on_final_words(Generation generation, const std::string& text, Time now) {
  if (!turns_.alive(generation)) return;
  if (text.empty()) {
    turns_.on_no_words(generation);
    return;
  }
  if (pause_.text_cue == generation && cue_is_worth_it()) ask_text_cue(generation, text, now);
  pause_.text_cue.reset();
  if (pause_.speculation == generation && !reply_) {
    make_reply(generation);
    const ConversationItem item = spoken_by_user(text);
    write_reply(&item, now);
  }
  pause_.speculation.reset();
}

// Reads what the user has said so far while they speak. Not the last word, whose sound may not be complete.
void Session::read_ahead(std::string_view hypothesis) {
  if (reply_ || !slot_.idle() || !speculates()) return;
  const std::size_t last_word = hypothesis.find_last_of(' ');
  if (last_word == std::string_view::npos) return;
  PromptRequest request;
  request.prompt = prompts_.open(hypothesis.substr(0, last_word));
  if (request.prompt.empty()) return;
  memory_.on_words_read();
  slot_.ask(std::move(request));
}

bool Session::speculates() const {
  return context_.limits->speculate && settings_.config().turn_detection.create_response &&
         context_.executor->overload_level() == OverloadLevel::kNone;
}

// The cue takes a pass of the language model before the reply's first. Where the reply is late in any case
// and sound and silence are to decide soon, that pass is better spent on the reply.
bool Session::cue_is_worth_it() const {
  const bool eager = settings_.config().turn_detection.eagerness == turns::Eagerness::kHigh;
  return !(eager && writes_slowly_ && pause_.speculation);
}

void Session::ask_text_cue(Generation generation, const std::string& text, Time now) {
  PromptRequest request;
  request.purpose = PromptRequest::Purpose::kCue;
  request.generation = generation;
  request.prompt = prompts_.open(text);
  if (request.prompt.empty()) return;
  memory_.on_words_read();
  request.tokens_max = 1;
  pause_.text_cue_result = std::make_shared<MessageEndResult>();
  request.picker = std::make_unique<MessageEndPicker>(context_.networks->message_end, pause_.text_cue_result);
  request.deadline = Deadline(now + kTextCueDue);
  slot_.ask(std::move(request));
}

void Session::on_heard(const PromptSlot::Heard& heard, Time now) {
  using Purpose = PromptRequest::Purpose;
  if (heard.purpose == Purpose::kCue && heard.end == TokenEnd::kStopped) {
    const float cue = pause_.text_cue_result->log_probability.load(std::memory_order_relaxed);
    act(turns_.on_text_cue(heard.generation, cue), now);
  } else if (heard.purpose == Purpose::kReply) {
    if (Reply* reply = reply_of(heard.generation)) reply->on_token(heard, now);
  }
}

void Session::on_memory(MemoryAnswer&& answer, Time now) {
  const TurnMemory::About about = memory_.on_answer(std::move(answer), now);
  if (closed_) return;
  if (about == TurnMemory::About::kAhead) {
    read_ahead(memory_.ahead_words());
  } else if (about == TurnMemory::About::kFinal) {
    go_on_writing(now);
  }
}

void Session::warm() {
  warm_wanted_ = false;
  PromptRequest request;
  request.prompt = prompts_.so_far();
  // Its own generation: a turn's is never 0.
  if (!request.prompt.empty()) slot_.ask(std::move(request));
}

}  // namespace antiphon::pipeline
