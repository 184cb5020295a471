#include "pipeline/session/transcripts.h"

#include <memory>
#include <sstream>
#include <utility>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;
using Kind = TurnTranscript::Kind;

// Apart from the generations of turns, which count from 1: a transcript is cancelled on its own.
constexpr std::uint64_t kFirstId = std::uint64_t{1} << 40U;
constexpr milliseconds kFinalDue{150};
// Later than a reply's first token, which somebody waits for: with 900 ms a reply came after the partial
// transcripts of all who spoke just then.
constexpr milliseconds kPartialDue{1800};
constexpr std::size_t kPastMax = 8;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words, bool first) {
  std::string text;
  for (const std::string& word : words) {
    if (!first || !text.empty()) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace

Generation Transcripts::next_id() {
  return Generation{kFirstId + ++ids_};
}

void Transcripts::leave_turn() {
  if (in_flight_) in_flight_->of_past_turn = true;
  if (item_) (past_.size() < kPastMax ? past_ : lost_).push_back(*item_);
  drop_final();
  item_.reset();
}

void Transcripts::begin(turns::AudioTime audio_start) {
  leave_turn();
  generation_.reset();
  final_text_.reset();
  words_lost_ = false;
  draft_.clear();
  agreement_ = {};
  turn_.begin(audio_start);
}

void Transcripts::want_final(Generation generation, turns::AudioTime voice_end) {
  generation_ = generation;
  final_text_.reset();
  turn_.want_final(generation, voice_end);
  // A partial that runs holds up the final one.
  if (in_flight_ && in_flight_->request.kind == Kind::kPartial) tasks_->cancel(in_flight_->id);
}

void Transcripts::drop_final() {
  turn_.drop_final();
  generation_.reset();
  final_text_.reset();
  if (in_flight_ && in_flight_->request.kind == Kind::kFinal) tasks_->cancel(in_flight_->id);
}

std::optional<Transcripts::News> Transcripts::commit(const WireId& item, turns::AudioTime audio_start,
                                                     turns::AudioTime voice_end) {
  if (item_ || !turn_.active()) begin(audio_start);
  item_ = PastTurn{item, audio_start, voice_end};
  if (final_text_) {
    News news = final_news(std::string(*final_text_), false);
    news.generation.reset();  // was told before
    return news;
  }
  const bool coming =
      turn_.awaits_final() || (in_flight_ && in_flight_->request.kind == Kind::kFinal && generation_);
  if (!coming) want_final(Generation{}, voice_end);
  return std::nullopt;
}

void Transcripts::clear() {
  leave_turn();
  if (in_flight_) tasks_->cancel(in_flight_->id);
  turn_.end();
}

void Transcripts::pump(bool voice, bool partials, Time now) {
  submit_past_turn(now);
  const auto request = turn_.next(ears_->audio().end(), voice, partials);
  if (!request) return;
  const bool is_final = request->kind == Kind::kFinal;
  const TaskKind kind = is_final ? TaskKind::kFinalTranscript : TaskKind::kPartialTranscript;
  const Generation id = next_id();
  if (submit(id, kind, request->begin, request->end, Deadline(now + (is_final ? kFinalDue : kPartialDue)))) {
    in_flight_ = InFlight{id, *request, false};
  } else {
    turn_.on_refused(*request);
  }
}

void Transcripts::submit_past_turn(Time now) {
  if (past_.empty() || past_in_flight_) return;
  const Generation id = next_id();
  const PastTurn& oldest = past_.front();
  if (submit(id, TaskKind::kFinalTranscript, oldest.begin, oldest.end + TurnTranscript::kTail,
             Deadline(now + kFinalDue))) {
    past_in_flight_ = id;
  }
}

bool Transcripts::submit(Generation id, TaskKind kind, turns::AudioTime begin, turns::AudioTime end,
                         Deadline deadline) {
  const TaskLabel label{context_.id, id, kind, deadline, kind == TaskKind::kPartialTranscript};
  models::TranscribeOptions options;
  options.draft = draft_;
  auto start = [recognizer = context_.networks->recognizer, audio = ears_->audio().copy(begin, end),
                options = std::move(options)]() mutable {
    return recognizer->transcribe(std::move(audio), std::move(options));
  };
  auto deliver = [inbox = context_.inbox](Completion<models::Transcript> done) {
    TranscriptResult result{done.session, done.generation, done.end, std::nullopt};
    if (done.result) result.result = std::make_unique<models::Transcript>(*std::move(done.result));
    inbox->push(std::move(result));
  };
  return tasks_->try_submit(make_stepped_task(label, std::move(start), std::move(deliver)));
}

std::optional<Transcripts::News> Transcripts::on_result(TranscriptResult result) {
  const bool failed = result.end == TaskEnd::kFailed;
  const std::string text = result.result ? (*result.result)->text : std::string();
  if (past_in_flight_ == result.generation) {
    past_in_flight_.reset();
    const PastTurn turn = past_.front();
    past_.erase(past_.begin());
    return News{.item = turn.item, .text = text, .duration = turn.end - turn.begin, .failed = failed};
  }
  if (!in_flight_ || in_flight_->id != result.generation) return std::nullopt;
  const InFlight done = *std::exchange(in_flight_, std::nullopt);
  const TurnTranscript::Request& request = done.request;
  if (done.of_past_turn || (!result.result && !failed)) {
    turn_.on_dropped();
    return std::nullopt;
  }
  if (result.result && request.kind == Kind::kPartial) draft_ = (*result.result)->tokens;
  if (request.kind == Kind::kClosing) draft_.clear();
  if (failed && request.kind == Kind::kClosing) words_lost_ = true;
  const std::string whole = turn_.on_text(request, text);
  if (request.kind == Kind::kFinal) {
    if (!generation_) return std::nullopt;  // dropped meanwhile
    if ((failed || words_lost_) && !item_) {
      generation_.reset();
      return std::nullopt;
    }
    return final_news(whole, failed);
  }
  if (failed) return std::nullopt;
  const bool first = agreement_.confirmed() == 0;
  News news;
  news.words = joined(agreement_.add(words_of(whole)), first);
  if (request.kind == Kind::kPartial) news.hypothesis = whole;
  return news;
}

std::optional<Transcripts::News> Transcripts::take_lost() {
  if (lost_.empty()) return std::nullopt;
  News news;
  news.item = lost_.front().item;
  news.duration = lost_.front().end - lost_.front().begin;
  news.failed = true;
  lost_.erase(lost_.begin());
  return news;
}

Transcripts::News Transcripts::final_news(const std::string& text, bool failed) {
  News news;
  news.text = text;
  news.generation = generation_;
  final_text_ = text;
  if (item_) {
    news.failed = failed || words_lost_;
    if (news.failed) news.text.clear();
    const bool first = agreement_.confirmed() == 0;
    news.words = joined(agreement_.finish(words_of(text)), first);
    news.item = item_->item;
    news.duration = item_->end - item_->begin;
    item_.reset();
    turn_.end();
  }
  return news;
}

}  // namespace antiphon::pipeline
