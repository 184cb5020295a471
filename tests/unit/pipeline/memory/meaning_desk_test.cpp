#include "pipeline/memory/meaning_desk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "context_store/meaning.h"
#include "context_store/on_graph.h"
#include "context_store/recall.h"
#include "pipeline/compute/stepped_task.h"
#include "pipeline/memory/commit_desk.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/pipeline/memory/lane_door.h"
#include "tests/unit/pipeline/memory/topic_embedder.h"

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;
using context_store::ContextStore;
using context_store::Ordinal;
using context_store::UserGraph;
using context_store::UserPath;

class MeaningDeskTest : public ::testing::Test {
 protected:
  void tell(const UserPath& user, const std::string& text) {
    const auto turn = test::tell(store_, user, test::said("before", text));
    ASSERT_TRUE(turn.ok());
    desk_.on_committed(user, *turn, now_);
  }
  // Runs the desk whenever it asks for it or is rung for, and the lanes in between.
  void run_for(Duration time) {
    const Time end = now_ + time;
    while (now_ <= end) {
      desk_.run(now_, test::moment(0));
      lanes_.lanes().run_until(now_ + 5ms);
      now_ += 5ms;
    }
  }
  std::size_t without_vector(const UserPath& user) {
    return context_store::turns_to_embed(store_, user, 1, 1000, 1000, test::moment(0))->turns.size();
  }
  float likeness(const UserPath& user, Ordinal turn, const std::string& text) {
    const models::Embedding direction = TopicEmbedder::direction_of(text);
    const auto found = on_graph(store_, user, test::moment(0), [&](const UserGraph& graph) {
      return context_store::Recaller().recall(
          graph, {.text = text, .now = test::moment(1000), .direction = direction});
    });
    for (const auto& recalled : found->turns) {
      if (recalled.turn.ordinal == turn) return recalled.likeness;
    }
    return 0;
  }
  MemoryReport report() {
    MemoryReport report;
    desk_.add_to(report);
    return report;
  }
  // Steps that come too late, until the lanes give something up.
  void overload_lanes() {
    for (int i = 0; i < 20; ++i) {
      const TaskLabel label{SessionId{99}, Generation{1}, TaskKind::kFinalTranscript, Deadline(Time(1ns)),
                            false};
      auto work = []() -> models::Stepped<int> { co_return 1; };
      auto task = make_stepped_task(label, work, [](Completion<int>) {});
      ASSERT_TRUE(lanes_.executor().submit(task));
    }
    lanes_.lanes().run_until(now_ + 300ms);
    now_ += 300ms;
    static_cast<void>(lanes_.executor().take(now_));
    ASSERT_NE(lanes_.executor().overload_level(), OverloadLevel::kNone);
  }

  test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.path()}};
  const UserPath igor_ = test::user_path("key:phone", "igor");
  const UserPath anna_ = test::user_path("key:phone", "anna");
  TopicEmbedder embedder_;
  LaneDoor lanes_{embedder_};
  Doorbell bell_;
  MeaningDesk desk_{store_, bell_, {.users_max = 1, .turns_together = 2}};
  Time now_ = Time(1s);
};

TEST_F(MeaningDeskTest, EmbedsWhatIsThereAndThenWhatComes) {
  for (int i = 0; i < 5; ++i) tell(igor_, "My puppy has toy " + std::to_string(i));
  tell(anna_, "The train was late.");
  run_for(5s);
  EXPECT_FALSE(desk_.due_at());  // no lanes
  EXPECT_EQ(without_vector(igor_), 5U);

  desk_.attach(lanes_.background_seat());
  EXPECT_TRUE(bell_.try_take());
  run_for(1s);
  EXPECT_EQ(without_vector(igor_), 0U);
  EXPECT_EQ(without_vector(anna_), 0U);
  EXPECT_FALSE(desk_.due_at());
  EXPECT_GT(likeness(igor_, 1, "pet"), 0.99F);
  EXPECT_GT(likeness(anna_, 1, "railway"), 0.99F);

  tell(igor_, "We took the train.");
  tell(anna_, "I have a puppy now.");       // one more user than there is room for
  EXPECT_GE(desk_.due_at(), now_ + 900ms);  // more may come
  run_for(500ms);
  EXPECT_EQ(without_vector(igor_), 1U);
  run_for(2s);
  EXPECT_EQ(without_vector(igor_), 0U);
  EXPECT_EQ(without_vector(anna_), 0U);
  EXPECT_EQ(report().turns_embedded, 8U);
  EXPECT_EQ(report().users_to_embed, 0U);
  EXPECT_EQ(test::problems_of(store_), "");
}

TEST_F(MeaningDeskTest, AsksNothingOfLanesThatGiveSomethingUp) {
  desk_.attach(lanes_.background_seat());
  tell(igor_, "My puppy is brown.");
  overload_lanes();
  desk_.run(now_, test::moment(0));
  EXPECT_EQ(lanes_.executor().tasks_in_flight(), 0);
  EXPECT_GT(desk_.due_at(), now_);
  run_for(20s);  // calm again
  EXPECT_EQ(without_vector(igor_), 0U);
}

TEST_F(MeaningDeskTest, KeepsNothingForATurnThatTookTheNumberOfAForgottenOne) {
  tell(igor_, "My puppy is brown.");
  desk_.attach(lanes_.background_seat());
  while (lanes_.executor().tasks_in_flight() == 0) desk_.run(now_, test::moment(0));
  test::commit_for(store_, igor_, [](context_store::WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_user(user).ok());
  }).value();
  desk_.on_forgotten(now_);
  tell(igor_, "The train was late.");
  run_for(5s);
  EXPECT_EQ(without_vector(igor_), 0U);
  EXPECT_EQ(likeness(igor_, 1, "pet"), 0);
  EXPECT_GT(likeness(igor_, 1, "railway"), 0.99F);
  EXPECT_EQ(report().turns_embedded, 1U);
}

TEST_F(MeaningDeskTest, ComputesAnewWhatWasMadeOfForgottenWordsToo) {
  tell(igor_, "My puppy is brown.");
  tell(igor_, "And small.");
  desk_.attach(lanes_.background_seat());
  run_for(1s);
  EXPECT_GT(likeness(igor_, 2, "pet"), 0.99F);  // with what was said before it
  test::commit_for(store_, igor_, [](context_store::WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_turn(user, 1).ok());
  }).value();
  EXPECT_EQ(without_vector(igor_), 1U);
  desk_.on_forgotten(now_);
  run_for(3s);
  EXPECT_EQ(without_vector(igor_), 0U);
  EXPECT_EQ(likeness(igor_, 2, "pet"), 0);
  EXPECT_EQ(test::problems_of(store_), "");
}

TEST_F(MeaningDeskTest, LetsGoOfTheLanesAtOnceAndGoesOnWithOthers) {
  tell(igor_, "My puppy is brown.");
  desk_.attach(lanes_.background_seat());
  while (lanes_.executor().tasks_in_flight() == 0) desk_.run(now_, test::moment(0));
  desk_.detach();
  lanes_.lanes().run_until(now_ + 1s);
  EXPECT_EQ(lanes_.executor().tasks_in_flight(), 0);
  EXPECT_FALSE(desk_.due_at());
  EXPECT_EQ(without_vector(igor_), 1U);
  now_ += 1s;
  desk_.attach(lanes_.background_seat());
  run_for(1s);
  EXPECT_EQ(without_vector(igor_), 0U);
}

TEST_F(MeaningDeskTest, TriesAgainWhatFailed) {
  embedder_.fails = true;
  tell(igor_, "My puppy is brown.");
  desk_.attach(lanes_.background_seat());
  run_for(10s);
  EXPECT_EQ(report().embeddings_failed, 1U);
  EXPECT_EQ(report().users_to_embed, 1U);
  embedder_.fails = false;
  run_for(30s);
  EXPECT_EQ(without_vector(igor_), 0U);
}

TEST_F(MeaningDeskTest, RunsBetweenTheCommitsOfADesk) {
  CommitDesk commits(store_, {});
  commits.meanings().attach(lanes_.background_seat());
  for (const char* text : {"My puppy is brown.", "The train was late."}) {
    auto said = std::make_unique<SaidTurn>(SaidTurn{igor_, test::said("before", text)});
    ASSERT_TRUE(commits.keep(said));
    commits.run(now_);
    now_ += 10ms;
  }
  for (int i = 0; i < 100; ++i) {
    if (const auto due = commits.due_at()) now_ = std::max(now_, std::min(*due, now_ + 50ms));
    commits.run(now_);
    lanes_.lanes().run_until(now_ + 5ms);
    now_ += 5ms;
  }
  EXPECT_EQ(without_vector(igor_), 0U);
  MemoryReport report;
  commits.add_to(report);
  EXPECT_EQ(report.turns_embedded, 2U);
}

}  // namespace
}  // namespace antiphon::pipeline
