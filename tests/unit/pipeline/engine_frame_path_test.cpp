// The media worker's part of a frame, audio in and audio out, neither allocates nor locks in steady state.
// (A piece of work for the models does allocate: a chunk of sound, a transcript.)
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pipeline/engine/engine_core.h"
#include "tests/support/allocation_count.h"
#include "tests/support/fakes/fake_networks.h"
#include "tests/support/lock_count.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFrameBytes = 960;  // 20 ms of PCM16 at 24 kHz

// Gives buffers back as a connection does, and notes the audio.
struct Client {
  int events = 0;
  int audio_frames = 0;
  int responses_done = 0;
  std::vector<AudioBytes> spare;
};

class Sink final : public EventSink {
 public:
  explicit Sink(Client* client) : client_(client) {}
  bool deliver(ServerEvent&& event) override {
    ++client_->events;
    if (auto* delta = std::get_if<OutputAudioDelta>(&event)) {
      ++client_->audio_frames;
      client_->spare.push_back(std::move(delta->audio));
    }
    if (std::holds_alternative<ResponseDone>(event)) ++client_->responses_done;
    return true;
  }
  AudioBytes audio_buffer() override {
    if (client_->spare.empty()) return {};
    AudioBytes buffer = std::move(client_->spare.back());
    client_->spare.pop_back();
    return buffer;
  }
  void end(SessionEnd) override {}

 private:
  Client* const client_;
};

class EngineFramePath : public ::testing::Test {
 protected:
  struct Cost {
    std::int64_t allocations = 0;
    std::int64_t locks = 0;
  };

  EngineFramePath() {
    client_.spare.resize(16);
    for (AudioBytes& buffer : client_.spare) buffer.reserve(1024);
    client_.spare.reserve(32);
    auto opening = engine_.open({}, std::make_unique<Sink>(&client_));
    port_ = std::move(std::get<std::unique_ptr<SessionPort>>(opening));
  }
  ~EngineFramePath() override {
    port_.reset();
    for (int i = 0; i < 100 && !engine_.media().idle(); ++i) step(false);
  }

  // 20 ms: one frame comes in, the media worker's part is counted, then all others do theirs.
  Cost step(bool send_frame) { return send_frame ? step_with(AudioBytes(kFrameBytes)) : step_with({}); }
  // `frame`: empty: none comes in.
  Cost step_with(AudioBytes frame) {
    if (!frame.empty()) {
      EXPECT_TRUE(port_->submit({"", AppendInputAudio{std::move(frame)}}));
    }
    now_ += milliseconds(20);
    const std::int64_t allocations = test::allocation_count();
    const std::int64_t locks = test::lock_count();
    engine_.media().run(now_);
    const Cost cost{test::allocation_count() - allocations, test::lock_count() - locks};
    while (engine_.voice_activity().run_batch()) {
    }
    while (auto work = engine_.executor().take(now_)) {
      ComputeExecutor::run(*work);
      engine_.executor().finish(*work, 0, now_);
    }
    return cost;
  }

  // Grows with all that the networks are asked for or have done, but for voice activity.
  std::uint64_t networks_work() const {
    const EngineReport report = engine_.report();
    std::uint64_t work = report.language_model.passes + report.language_model.passes_dropped;
    for (const std::uint64_t ended : report.compute->ends) work += ended;
    return work +
           static_cast<std::uint64_t>(report.compute_tasks.waiting + report.language_model_requests.waiting);
  }

  std::uint64_t tasks_done() const {
    return engine_.report().compute->ends[static_cast<std::size_t>(TaskEnd::kDone)];
  }

  fakes::FaultList faults_;
  fakes::FakeNetworks networks_{1, 400, &faults_};
  Time now_{};
  Client client_;
  EngineCore engine_{networks_.networks(), EngineConfig{.sessions_max = 1, .compute_lanes = 1}, now_};
  std::unique_ptr<SessionPort> port_;
};

TEST_F(EngineFramePath, TheCountersCount) {
  const Cost opening = step(false);
  EXPECT_GT(opening.allocations, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  std::mutex mutex;
  const std::int64_t before = test::lock_count();
  mutex.lock();
  mutex.unlock();
  EXPECT_EQ(test::lock_count(), before + 1);
#endif
}

TEST_F(EngineFramePath, ListeningNeitherAllocatesNorLocks) {
  for (int frame = 0; frame < 100; ++frame) step(true);
  for (int frame = 0; frame < 1000; ++frame) {
    const Cost cost = step(true);
    ASSERT_EQ(cost.allocations, 0) << "frame " << frame;
    ASSERT_EQ(cost.locks, 0) << "frame " << frame;
  }
}

TEST_F(EngineFramePath, SpeakingNeitherAllocatesNorLocks) {
  networks_.language_model().always_say("bata bare basi bavo bazu bapa.");
  for (int frame = 0; frame < 100; ++frame) step(true);
  ContentPart part;
  part.text = "bata";
  ASSERT_TRUE(port_->submit(
      {"", CreateItem{{WireId(), ItemStatus::kCompleted, Message{Role::kUser, {part}}}, std::nullopt}}));
  ASSERT_TRUE(port_->submit({"", RequestResponse{}}));
  // Steps in which its frames only go out, and no chunk of sound is asked for or comes.
  int frames = 0;
  std::uint64_t done_before = 0;
  std::uint64_t done_last = 0;
  for (int i = 0; i < 500 && client_.responses_done == 0; ++i) {
    const int before = client_.audio_frames;
    const Cost cost = step(true);
    const std::uint64_t done = tasks_done();
    if (done == done_before && client_.audio_frames > before && client_.responses_done == 0) {
      ++frames;
      ASSERT_EQ(cost.locks, 0) << "frame " << client_.audio_frames;
      ASSERT_EQ(cost.allocations, 0) << "frame " << client_.audio_frames;
    }
    done_before = std::exchange(done_last, done);
  }
  EXPECT_GT(frames, 40);
}

std::vector<AudioBytes> spoken_frames(int words) {
  std::vector<float> samples;
  for (int i = 0; i < words; ++i) {
    fakes::append_sound({0, i % fakes::Word::kDigits}, audio::kRenderRateHz, &samples);
  }
  std::vector<AudioBytes> frames(samples.size() * 2 / kFrameBytes);
  for (std::size_t i = 0; i < frames.size() * kFrameBytes / 2; ++i) {
    const auto pcm = static_cast<std::int16_t>(samples[i] * 32000.0F);
    AudioBytes& frame = frames[i / (kFrameBytes / 2)];
    frame.push_back(static_cast<std::byte>(pcm & 0xFF));
    frame.push_back(static_cast<std::byte>(pcm >> 8 & 0xFF));
  }
  return frames;
}

// A turn from its first word to the end of the answer: all frames but those in which a network's work is
// begun or comes back, or the client is told of something.
TEST_F(EngineFramePath, ATurnInProgressNeitherAllocatesNorLocks) {
  networks_.language_model().always_say("bata bare basi bavo bazu bapa bata bare basi bavo bazu bapa.");
  for (int frame = 0; frame < 100; ++frame) step(true);
  std::vector<AudioBytes> speech = spoken_frames(16);
  std::size_t said = 0;
  int speaking = 0;
  int answered = 0;
  std::uint64_t work_before = networks_work();
  std::uint64_t work_last = work_before;
  for (int i = 0; i < 900 && client_.responses_done == 0; ++i) {
    const int audio_before = client_.audio_frames;
    const bool speaks = said < speech.size();
    const int events_before = client_.events;
    const Cost cost = speaks ? step_with(std::move(speech[said++])) : step(true);
    const std::uint64_t work = networks_work();
    const bool told = client_.events - events_before > client_.audio_frames - audio_before;
    if (work == work_before && !told) {
      ASSERT_EQ(cost.locks, 0) << "step " << i << (speaks ? ", speaking" : "");
      ASSERT_EQ(cost.allocations, 0) << "step " << i << (speaks ? ", speaking" : "");
      speaking += speaks ? 1 : 0;
      answered += client_.audio_frames > audio_before ? 1 : 0;
    }
    work_before = std::exchange(work_last, work);
  }
  EXPECT_EQ(client_.responses_done, 1);
  EXPECT_GT(speaking, 80);
  EXPECT_GT(answered, 40);
}

}  // namespace
}  // namespace antiphon::pipeline
