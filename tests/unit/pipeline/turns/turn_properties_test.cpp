// Random conversations in virtual time, from seeds: whatever happens in whatever order, the rules hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "pipeline/turns/turn_manager.h"
#include "tests/unit/pipeline/turns/action_text.h"
#include "tests/unit/pipeline/turns/turn_checker.h"

namespace antiphon::pipeline::turns {
namespace {

using namespace std::chrono_literals;

// What a canary does to the actions on their way: each of these must be noticed.
enum class Sabotage { kNone, kLoseStops, kLoseDrops, kLoseCancels, kCommitTwice, kEndOneWindowLate };

struct Outcome {
  std::vector<std::string> violations;
  int turns = 0;
  int responses = 0;
  int withdrawn = 0;
  int barge_ins = 0;
  int dropped = 0;
  int idle = 0;
};

class RandomConversation {
 public:
  RandomConversation(unsigned seed, Sabotage sabotage)
      : random_(seed), sabotage_(sabotage), detection_(any_detection()), manager_(detection_) {}

  Outcome run(int events) {
    for (int i = 0; i < events && outcome_.violations.empty(); ++i) one_event();
    const auto& broken = checker_.violations();
    outcome_.violations.insert(outcome_.violations.end(), broken.begin(), broken.end());
    return outcome_;
  }

 private:
  int any(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }
  bool chance(int percent) { return any(1, 100) <= percent; }
  float any_probability() { return std::uniform_real_distribution<float>(0, 1)(random_); }

  TurnDetection any_detection() {
    TurnDetection detection;
    detection.kind = chance(10)   ? TurnDetection::Kind::kPushToTalk
                     : chance(50) ? TurnDetection::Kind::kServerVad
                                  : TurnDetection::Kind::kSemanticVad;
    detection.create_response = chance(85);
    detection.interrupt_response = chance(80);
    detection.silence_duration = std::chrono::milliseconds(any(0, 1000));
    if (chance(50)) detection.idle_timeout = std::chrono::milliseconds(any(100, 2000));
    detection.eagerness = static_cast<Eagerness>(any(0, 2));
    return detection;
  }

  void one_event() {
    if (chance(90)) return window();
    switch (any(0, 12)) {
      case 0:
      case 1:
        return take(manager_.on_sound_cue(some_generation(), any_probability()));
      case 2:
      case 3:
        return take(manager_.on_text_cue(some_generation(), -12 * any_probability()));
      case 4:
        return chance(20) ? manager_.on_no_words(some_generation()) : void();
      case 5:
      case 6:
        return manager_.on_first_audio(some_generation(), now_);
      case 7:
      case 8:
        return end_response(some_generation());
      case 9:
        return client_event();
      case 10:
        now_ += std::chrono::milliseconds(any(0, 300));
        return take(manager_.on_time(now_));
      case 11:
        return chance(20) ? manager_.set_speculation(chance(70)) : void();
      default:
        if (!manager_.response_active() && chance(30)) take(manager_.on_response_requested());
    }
  }

  void client_event() {
    if (!chance(30)) return;
    received_ = std::max(received_, manager_.audio_position() + AudioTime(any(0, 31)));
    switch (any(0, 2)) {
      case 0:
        forget_voice();
        return take(manager_.on_commit(received_));
      case 1:
        forget_voice();
        return take(manager_.on_clear(received_));
      default:
        detection_ = any_detection();
        detection_changed_ = position_;
        if (detection_.kind == TurnDetection::Kind::kPushToTalk) forget_voice();
        return take(manager_.on_turn_detection(detection_));
    }
  }

  // Mostly one that is alive, at times a stale one or one that never was.
  Generation some_generation() {
    if (chance(20)) return Generation{static_cast<std::uint64_t>(any(0, 40))};
    if (chance(50) && checker_.waiting_attempt()) return *checker_.waiting_attempt();
    return checker_.response().value_or(Generation{});
  }

  void end_response(Generation generation) {
    checker_.response_ended(generation);
    take(manager_.on_response_ended(generation, now_ + std::chrono::milliseconds(any(0, 500))));
  }

  void window() {
    now_ += kWindow;
    if (chance(8)) talking_ = !talking_;
    const float probability =
        talking_ != chance(3) ? 0.36f + 0.6f * any_probability() : 0.3f * any_probability();
    const bool was_speech = checker_.in_speech();
    hear(probability);
    take(manager_.on_window(probability, now_), true);
    if (was_speech && !checker_.in_speech()) check_silence(AudioTime(0));
    if (checker_.in_speech() && !voice_ && !talking_ && chance(30)) silence_beyond();
    check_barge_in(was_speech);
    if (chance(50)) take(manager_.on_time(now_));
  }

  // The voice as the detector's publisher defines it, written down a second time.
  void hear(float probability) {
    const bool listens = detection_.kind != TurnDetection::Kind::kPushToTalk;
    const bool ends_speech = probability < 0.35f;
    voice_ = listens && (probability >= 0.5f || (voice_ && !ends_speech));
    voice_windows_ = voice_ ? voice_windows_ + 1 : 0;
    position_ += kWindow;
    if (voice_) last_voice_ = position_;
  }

  void forget_voice() {
    voice_ = false;
    voice_windows_ = 0;
  }

  // The pause goes on in the audio that is no whole window yet.
  void silence_beyond() {
    const AudioTime beyond(any(1, 31));
    received_ = std::max(received_, position_ + beyond);
    take(manager_.on_silence_beyond(beyond), true);
    if (!checker_.in_speech()) check_silence(beyond);
  }

  void check_silence(AudioTime beyond) {
    forget_voice();
    if (detection_.kind != TurnDetection::Kind::kServerVad) return;
    const AudioTime silence = position_ + beyond - last_voice_;
    const AudioTime least = std::max(detection_.silence_duration, AudioTime(1));
    const bool too_late = silence >= least + kWindow && detection_changed_ <= last_voice_;
    if (silence < least || too_late) fail("server_vad ends a turn as soon as its silence is heard");
  }

  void check_barge_in(bool was_speech) {
    const bool must_have_stopped = !was_speech && voice_windows_ >= 3 && detection_.interrupt_response;
    if (must_have_stopped && manager_.response_active()) fail("three windows of voice stop the reply");
    if (must_have_stopped && !checker_.in_speech()) fail("three windows of voice are speech");
  }

  void take(const TurnActions& actions, bool by_window = false) {
    std::vector<TurnAction> seen;
    std::swap(seen, late_);
    for (const TurnAction& action : actions) {
      count(action);
      const bool ends_turn = by_window && (std::holds_alternative<SpeechStopped>(action) ||
                                           std::holds_alternative<CommitTurn>(action) ||
                                           std::holds_alternative<CreateResponse>(action));
      if (sabotage_ == Sabotage::kLoseStops && std::holds_alternative<SpeechStopped>(action)) continue;
      if (sabotage_ == Sabotage::kLoseDrops && std::holds_alternative<DropSpeculation>(action)) continue;
      if (sabotage_ == Sabotage::kLoseCancels && std::holds_alternative<CancelResponse>(action)) continue;
      if (sabotage_ == Sabotage::kCommitTwice && std::holds_alternative<CommitTurn>(action))
        seen.push_back(action);
      (sabotage_ == Sabotage::kEndOneWindowLate && ends_turn ? late_ : seen).push_back(action);
    }
    checker_.see(seen, by_window);
    check_alive();
  }

  void check_alive() {
    if (checker_.response() && !manager_.alive(*checker_.response())) fail("an active response is alive");
    if (checker_.waiting_attempt() && !manager_.alive(*checker_.waiting_attempt())) {
      fail("an attempt that waits is alive");
    }
  }

  void count(const TurnAction& action) {
    outcome_.turns += std::holds_alternative<CommitTurn>(action);
    outcome_.responses += std::holds_alternative<CreateResponse>(action);
    outcome_.dropped += std::holds_alternative<DropSpeculation>(action);
    outcome_.idle += std::holds_alternative<IdleTimedOut>(action);
    if (const auto* cancel = std::get_if<CancelResponse>(&action)) {
      const bool withdrawn = cancel->reason == CancelResponse::Reason::kWithdrawn;
      ++(withdrawn ? outcome_.withdrawn : outcome_.barge_ins);
    }
  }

  void fail(const char* rule) { outcome_.violations.emplace_back(rule); }

  std::mt19937 random_;
  const Sabotage sabotage_;
  TurnDetection detection_;
  TurnManager manager_;
  TurnChecker checker_;
  Outcome outcome_;
  Time now_{1h};
  bool talking_ = false;
  bool voice_ = false;
  int voice_windows_ = 0;
  AudioTime position_{0};
  AudioTime received_{0};  // a window may be on its way to the detector
  AudioTime last_voice_{0};
  AudioTime detection_changed_{0};
  std::vector<TurnAction> late_;
};

constexpr int kEvents = 1500;  // about 45 s of conversation

TEST(TurnProperties, HoldInThousandsOfRandomConversations) {
  Outcome all;
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    const Outcome outcome = RandomConversation(seed, Sabotage::kNone).run(kEvents);
    ASSERT_TRUE(outcome.violations.empty()) << "seed " << seed << ": " << outcome.violations.front();
    all.turns += outcome.turns;
    all.responses += outcome.responses;
    all.withdrawn += outcome.withdrawn;
    all.barge_ins += outcome.barge_ins;
    all.dropped += outcome.dropped;
    all.idle += outcome.idle;
  }
  // The conversations are worth something only if everything happens in them.
  EXPECT_GT(all.turns, 10000);
  EXPECT_GT(all.responses, 10000);
  EXPECT_GT(all.withdrawn, 1000);
  EXPECT_GT(all.barge_ins, 500);
  EXPECT_GT(all.dropped, 10000);
  EXPECT_GT(all.idle, 100);
}

class TurnPropertiesCanary : public ::testing::TestWithParam<Sabotage> {};

TEST_P(TurnPropertiesCanary, IsFoundInAFewConversations) {
  bool found = false;
  for (unsigned seed = 1; seed <= 50 && !found; ++seed) {
    found = !RandomConversation(seed, GetParam()).run(kEvents).violations.empty();
  }
  EXPECT_TRUE(found);
}

INSTANTIATE_TEST_SUITE_P(EachSabotage, TurnPropertiesCanary,
                         ::testing::Values(Sabotage::kLoseStops, Sabotage::kLoseDrops, Sabotage::kLoseCancels,
                                           Sabotage::kCommitTwice, Sabotage::kEndOneWindowLate));

}  // namespace
}  // namespace antiphon::pipeline::turns
