#include "tests/unit/pipeline/turns/turn_checker.h"

#include <algorithm>

namespace antiphon::pipeline::turns {

void TurnChecker::see(const std::vector<TurnAction>& actions, bool by_window) {
  stops_ = commits_ = idles_ = 0;
  just_started_ = false;
  for (const TurnAction& action : actions) {
    std::visit([this](const auto& a) { see(a); }, action);
    just_started_ = std::holds_alternative<SpeechStarted>(action);
  }
  if (by_window) expect(commits_ == stops_, "a speech that ends by itself is committed once, at once");
  expect(commits_ <= 1, "an event commits one turn at most");
  expect(idles_ == 0 || commits_ == 1, "a timeout commits the silence");
  const auto waiting = std::ranges::count_if(attempts_, [](const auto& a) { return !a.second.ended; });
  expect(waiting <= 1, "at most one attempt waits");
  expect(waiting == 0 || in_speech_, "an attempt waits only while the turn may be over");
}

void TurnChecker::response_ended(Generation generation) {
  if (response_ == generation) response_.reset();
}

std::optional<Generation> TurnChecker::waiting_attempt() const {
  const auto found = std::ranges::find_if(attempts_, [](const auto& a) { return !a.second.ended; });
  return found == attempts_.end() ? std::nullopt : std::optional(found->first);
}

void TurnChecker::see(const SpeechStarted& action) {
  expect(!in_speech_, "speech that has started does not start again");
  expect(action.audio_start >= committed_to_, "speech starts in audio that no turn has taken");
  in_speech_ = true;
}

void TurnChecker::see(const SpeechStopped&) {
  expect(in_speech_, "only speech that has started stops");
  in_speech_ = false;
  ++stops_;
}

void TurnChecker::begin(Generation generation, bool speculates) {
  expect(in_speech_, "an attempt begins in a pause of speech");
  const auto [attempt, fresh] = attempts_.try_emplace(generation);
  expect(!fresh || generation > last_generation_, "generations grow");
  expect(!attempt->second.ended, "an attempt that has ended does not go on");
  if (speculates) expect(!response_, "nothing is speculated on beside an active response");
  attempt->second.speculates = attempt->second.speculates || speculates;
  last_generation_ = std::max(last_generation_, generation);
}

void TurnChecker::see(const DropSpeculation& action) {
  const auto found = attempts_.find(action.generation);
  expect(found != attempts_.end() && !found->second.ended, "only an attempt that waits is dropped");
  if (found != attempts_.end()) found->second.ended = true;
}

void TurnChecker::see(const CommitTurn& action) {
  expect(action.audio_start >= committed_to_, "no audio is committed twice");
  expect(action.audio_end >= action.audio_start, "a turn does not end before it begins");
  committed_to_ = action.audio_end;
  ++commits_;
}

void TurnChecker::see(const CreateResponse& action) {
  expect(!response_, "at most one response is active");
  response_ = action.generation;
  const auto found = attempts_.find(action.generation);
  if (found == attempts_.end()) {
    expect(action.generation > last_generation_, "generations grow");
    expect(!action.speculated, "a response is only released after it was speculated on");
  } else {
    expect(!found->second.ended, "what was dropped is not released");
    expect(found->second.speculates == action.speculated, "a response says whether it was speculated on");
    found->second.ended = true;
  }
  last_generation_ = std::max(last_generation_, action.generation);
}

void TurnChecker::see(const CancelResponse& action) {
  expect(response_ == action.generation, "only the active response is cancelled");
  expect(just_started_, "speech_started comes right before the cancelled response's end");
  response_.reset();
}

void TurnChecker::see(const IdleTimedOut&) {
  expect(!in_speech_ && !response_, "the idle timeout is for when nobody speaks");
  ++idles_;
}

}  // namespace antiphon::pipeline::turns
