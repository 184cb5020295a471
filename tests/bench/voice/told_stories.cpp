#include "tests/bench/voice/told_stories.h"

#include <array>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::bench {
namespace {

using namespace context_store;
using namespace std::chrono_literals;

constexpr int kTurnsPerCommit = 512;
constexpr int kTurnsPerTalk = 30;

constexpr auto kPeople =
    std::to_array<std::string_view>({"I", "we", "my sister", "my brother", "Anna", "Peter", "the neighbours",
                                     "my colleague", "Maria", "Tom"});
constexpr auto kDeeds = std::to_array<std::string_view>(
    {"went to see", "talked about", "bought", "forgot", "found", "are looking for", "cooked", "read about",
     "waited for", "remembered", "fixed", "lost", "want to learn about", "asked about", "set a timer for"});
constexpr auto kThings = std::to_array<std::string_view>({"the weather",
                                                          "a new book",
                                                          "the capital of Italy",
                                                          "dinner",
                                                          "the train to Paris",
                                                          "a short story",
                                                          "the old garden",
                                                          "a bicycle",
                                                          "the meeting",
                                                          "our holidays",
                                                          "the news",
                                                          "a piece of music",
                                                          "the kitchen",
                                                          "some bread",
                                                          "the largest ocean",
                                                          "a good joke",
                                                          "the river",
                                                          "the museum",
                                                          "a birthday cake",
                                                          "the time"});
constexpr auto kTimes = std::to_array<std::string_view>(
    {"yesterday", "this morning", "last week", "before lunch", "in the evening", "on Monday", "on Friday",
     "after work", "in June", "a few days ago", "at the station", "near the lake"});
constexpr auto kStatements = std::to_array<std::string_view>(
    {"My name is Robert.", "My dog is called Rex.", "I live in Berlin.", "I like chocolate cake.",
     "My sister is called Clara.", "I work as a carpenter.", "I moved to Hamburg.", "I hate loud music."});

class Teller {
 public:
  std::string sentence() {
    return std::string(any(kPeople)) + " " + std::string(any(kDeeds)) + " " + std::string(any(kThings)) +
           " " + std::string(any(kTimes)) + ", and " + std::string(any(kPeople)) + " " +
           std::string(any(kDeeds)) + " " + std::string(any(kThings)) + ".";
  }

 private:
  template <std::size_t kSize>
  std::string_view any(const std::array<std::string_view, kSize>& words) {
    return words[std::uniform_int_distribution<std::size_t>(0, kSize - 1)(random_)];
  }
  std::mt19937 random_{1};
};

}  // namespace

void tell_stories(ContextStore& store, const UserPath& user, int turns) {
  auto grant = store.try_lease({user.path()}, "stories");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  WriteLease* const leases[] = {&lease};
  Teller teller;
  for (int number = 0; number < turns; ++number) {
    NewTurn turn;
    turn.session = "talk " + std::to_string(number / kTurnsPerTalk);
    turn.speaker = number % 2 == 0 ? kUserSpeaker : kAssistantSpeaker;
    turn.at = Timestamp(1'700'000'000'000ms) + number * 9s;
    const auto statement = static_cast<std::size_t>(number / 1000) % kStatements.size();
    turn.text = number % 1000 == 0 ? std::string(kStatements[statement]) : teller.sentence();
    if (const Status kept = lease.append_turn(user, std::move(turn)); !kept) {
      throw std::runtime_error(kept.error().what);
    }
    const bool last = number + 1 == turns;
    if (!last && lease.waiting() < kTurnsPerCommit) continue;
    if (const auto done = store.commit(leases, Timestamp(1'700'000'000'000ms)); !done) {
      throw std::runtime_error(done.error().what);
    }
  }
}

}  // namespace antiphon::bench
