#include "pipeline/session/turn_memory.h"

#include <algorithm>
#include <utility>

namespace antiphon::pipeline {
namespace {

// An answer about words that go on may take this long; it is of use at any time of the turn.
constexpr std::chrono::milliseconds kAheadDue{200};

context_store::Timestamp in_ms(WallTime at) {
  return std::chrono::floor<std::chrono::milliseconds>(at);
}

// No other session has this name, also not of an earlier run of the program.
std::string talk_name(SessionId id, context_store::Timestamp opened) {
  return "talk " + std::to_string(opened.time_since_epoch().count()) + "-" +
         std::to_string(static_cast<std::uint64_t>(id));
}

}  // namespace

TurnMemory::TurnMemory(const SessionContext& context, std::optional<context_store::UserPath> user, Time now,
                       WallTime wall_now)
    : context_(context),
      user_(context.memory != nullptr ? std::move(user) : std::nullopt),
      opened_(now),
      opened_wall_(in_ms(wall_now)),
      talk_(talk_name(context.id, opened_wall_)) {}

context_store::Timestamp TurnMemory::wall(Time now) const {
  return opened_wall_ + std::chrono::floor<std::chrono::milliseconds>(now - opened_);
}

void TurnMemory::begin_turn() {
  ahead_asked_.reset();
  final_.reset();
  queued_.reset();
  answered_.reset();
  ahead_.clear();
  late_ = {};
}

void TurnMemory::drop_late() {
  final_.reset();
  answered_.reset();
  late_ = {};
  if (queued_final_) queued_.reset();
}

void TurnMemory::move_late_ahead() {
  for (const Lines* lines : {&late_.facts, &late_.quotes}) {
    ahead_.insert(ahead_.end(), lines->begin(), lines->end());
  }
  late_ = {};
}

bool TurnMemory::ask(const std::string& words, bool final_words, Time now) {
  const Duration due = final_words ? Duration(context_.limits->memory_note_max) : Duration(kAheadDue);
  auto question = std::make_unique<MemoryQuestion>(
      MemoryQuestion{context_.id, Generation{++ids_}, *user_, talk_, words, wall(now), Deadline(now + due),
                     context_.inbox, !final_words});
  if (!context_.memory->ask(question)) return false;
  in_flight_ = Generation{ids_};
  return true;
}

bool TurnMemory::ask_ahead(const std::string& words, Time now) {
  if (!on() || words.empty()) return false;
  if (in_flight_) {
    queued_ = words;
    queued_final_ = false;
    return true;
  }
  if (!ask(words, false, now)) return false;
  ahead_asked_ = in_flight_;
  return true;
}

bool TurnMemory::ask_final(const std::string& words, Time now) {
  if (!on() || words.empty() || answered_ == words) return false;
  answered_ = words;
  late_ = {};
  ahead_asked_.reset();  // too late to be read before the words
  if (in_flight_) {
    queued_ = words;
    queued_final_ = true;
    final_ = Generation{ids_ + 1};
    return true;
  }
  if (!ask(words, true, now)) return false;
  final_ = in_flight_;
  return true;
}

TurnMemory::About TurnMemory::on_answer(MemoryAnswer&& answer, Time now) {
  in_flight_.reset();
  About about = About::kNothing;
  if (final_ == answer.generation) {
    final_.reset();
    add_new(answer.note.facts, &late_.facts);
    add_new(answer.note.quotes, &late_.quotes);
    about = About::kFinal;
  } else if (ahead_asked_ == answer.generation) {
    ahead_asked_.reset();
    for (const Lines* lines : {&answer.note.facts, &answer.note.quotes}) add_new(*lines, &ahead_);
    ahead_.resize(std::min(ahead_.size(), kAheadLinesMax));
    about = About::kAhead;
  }
  if (const auto words = std::exchange(queued_, std::nullopt)) {
    const bool asked = ask(*words, queued_final_, now);
    if (asked && !queued_final_) ahead_asked_ = in_flight_;
  }
  return about;
}

void TurnMemory::add_new(const Lines& found, Lines* lines) const {
  for (const std::string& line : found) {
    if (std::ranges::count(ahead_, line) == 0) lines->push_back(line);
  }
}

std::string TurnMemory::late_note() const {
  Lines lines = late_.facts;
  if (context_.networks->assistant->late_quotes) {
    lines.insert(lines.end(), late_.quotes.begin(), late_.quotes.end());
  }
  return note_of(lines);
}

std::string TurnMemory::note_of(const Lines& lines) {
  if (lines.empty()) return "";
  std::string note = "You remember from earlier talks with the user:";
  for (const std::string& line : lines) note += "\n" + line;
  return note;
}

void TurnMemory::keep(std::string_view speaker, std::string text, Time now) {
  if (!on() || text.find_first_not_of(" \t\r\n") == std::string::npos) return;
  if (waiting_.size() == kTurnsWaitingMax) {
    waiting_.pop_front();
    context_.memory->on_lost();
  }
  text.resize(std::min(text.size(), context_store::NewTurn::kTextBytesMax));
  waiting_.push_back(std::make_unique<SaidTurn>(
      SaidTurn{*user_, {talk_, std::string(speaker), wall(now), std::move(text), "", std::nullopt}}));
  pump();
}

void TurnMemory::pump() {
  while (!waiting_.empty() && context_.memory->keep(waiting_.front())) waiting_.pop_front();
}

}  // namespace antiphon::pipeline
