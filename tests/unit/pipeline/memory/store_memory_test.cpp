#include "pipeline/memory/store_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/metrics/memory_metrics.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::pipeline {
namespace {

using context_store::ContextStore;
using context_store::UserPath;
using testing::ElementsAre;
using testing::IsEmpty;

class Answers final : public MemorySink {
 public:
  void deliver(MemoryAnswer&& answer) noexcept override { next_.set_value(std::move(answer)); }
  MemoryAnswer wait() {
    MemoryAnswer answer = next_.get_future().get();
    next_ = {};
    return answer;
  }

 private:
  std::promise<MemoryAnswer> next_;
};

class Bell final : public JobBell {
 public:
  void ring() noexcept override { rung_.set_value(); }
  void wait() { rung_.get_future().wait(); }

 private:
  std::promise<void> rung_;
};

void keep(StoreMemory& memory, const UserPath& user, const std::string& text) {
  auto said = std::make_unique<SaidTurn>(SaidTurn{user, test::said("before", text)});
  ASSERT_TRUE(memory.keep(said));
}

// Runs after everything that was kept before is committed.
void run_errand(StoreMemory& memory, bool forgets, const std::function<void(ContextStore&)>& work) {
  const auto bell = std::make_shared<Bell>();
  const auto errand = std::make_shared<MemoryErrand>();
  errand->work = [work](ContextStore& store, context_store::Timestamp) { work(store); };
  errand->bell = bell;
  errand->forgets = forgets;
  ASSERT_TRUE(memory.send(errand));
  bell->wait();
  EXPECT_TRUE(errand->done);
}

std::vector<std::string> ask(StoreMemory& memory, const UserPath& user, const std::string& text) {
  Answers answers;
  auto question = std::make_unique<MemoryQuestion>(MemoryQuestion{
      SessionId{7}, Generation{3}, user, "now", text, test::moment(1000), Deadline::never(), &answers});
  EXPECT_TRUE(memory.ask(question));
  const MemoryAnswer answer = answers.wait();
  EXPECT_EQ(answer.session, SessionId{7});
  EXPECT_EQ(answer.generation, Generation{3});
  std::vector<std::string> lines = answer.note.facts;
  lines.insert(lines.end(), answer.note.quotes.begin(), answer.note.quotes.end());
  return lines;
}

class StoreMemoryTest : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  const UserPath igor_ = test::user_path("key:phone", "igor");
};

TEST_F(StoreMemoryTest, AnswersFromWhatTheSameUserOfTheSameTenantSaid) {
  ContextStore store({.folder = folder_.path()});
  StoreMemory memory(store, {});
  keep(memory, igor_, "My dog is called Rex.");
  run_errand(memory, false, [](ContextStore&) {});
  EXPECT_THAT(ask(memory, igor_, "What is my dog called?"),
              ElementsAre("The user's dog is Rex (8 May 2023)."));
  EXPECT_THAT(ask(memory, test::user_path("key:phone", "anna"), "What is my dog called?"), IsEmpty());
  EXPECT_THAT(ask(memory, test::user_path("key:tablet", "igor"), "What is my dog called?"), IsEmpty());
  const MemoryReport report = memory.report();
  EXPECT_EQ(report.turns_committed, 1U);
  EXPECT_EQ(report.recall.count(), 3U);
  EXPECT_FALSE(memory_metrics(report).empty());
}

TEST_F(StoreMemoryTest, KeepsAllThatItWasGivenBeforeItsEnd) {
  {
    ContextStore store({.folder = folder_.path()});
    StoreMemory memory(store, {});
    for (int i = 0; i < 200; ++i) keep(memory, igor_, "This is sentence " + std::to_string(i) + ".");
  }
  ContextStore store({.folder = folder_.path()});
  const auto snapshot = store.snapshot(igor_.path(), test::moment(0)).value();
  EXPECT_EQ(snapshot.graph(igor_).value().state().count(context_store::NodeKind::kTurn), 200U);
  EXPECT_EQ(snapshot.graph(igor_).value().turn(200).value().text, "This is sentence 199.");
  EXPECT_EQ(test::problems_of(store), "");
}

TEST_F(StoreMemoryTest, ErrandsSeeEverythingThatWasSaidBefore) {
  ContextStore store({.folder = folder_.path()});
  StoreMemory memory(store, {});
  keep(memory, igor_, "My dog is called Rex.");
  run_errand(memory, true, [&](ContextStore& on) {
    const auto receipts =
        test::commit_for(on, igor_, [](context_store::WriteLease& lease, const UserPath& user) {
          EXPECT_TRUE(lease.forget_user(user).ok());
        });
    EXPECT_TRUE(receipts->front().front().applied);
  });
  EXPECT_THAT(ask(memory, igor_, "What is my dog called?"), IsEmpty());
}

// Runs the desk at every moment that it asks for, until `until`.
void run_until(CommitDesk& desk, Time from, Time until) {
  for (Time now = from; now <= until;) {
    desk.run(now);
    const auto due = desk.due_at();
    if (!due) return;
    now = std::max(*due, now + std::chrono::milliseconds(1));
  }
}

TEST_F(StoreMemoryTest, FreezesClosedConversationsByItselfWhileItCommits) {
  using namespace std::chrono_literals;
  ContextStore store({.folder = folder_.path(), .compaction_step_bytes = 2000});
  CommitDesk desk(store, {.freeze_turns_min = 30});
  const Time start = Clock::now();
  const auto say = [&](const std::string& talk, context_store::NewTurn turn) {
    turn.session = talk;
    auto said = std::make_unique<SaidTurn>(SaidTurn{igor_, std::move(turn)});
    ASSERT_TRUE(desk.keep(said));
  };
  for (int i = 0; i < 29; ++i) say("old", test::said("", "The lake had stone " + std::to_string(i), i));
  run_until(desk, start, start + 2min);
  MemoryReport report;
  desk.add_to(report);
  EXPECT_EQ(report.closed_turns, 29U);  // not enough yet
  EXPECT_EQ(report.compactions, 0U);

  say("old", test::said("", "And a boat.", 100));
  auto fresh = test::said("", "Here we are again.");
  fresh.at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  say("new", fresh);
  run_until(desk, start + 2min, start + 11min);
  while (!store.compacting()) desk.run(start + 11min + 1s);
  for (int i = 0; store.compacting(); ++i) {  // turns that come while it goes on
    fresh.text = "It goes on with word " + std::to_string(i);
    say("new", fresh);
    desk.run(start + 12min + i * 20ms);
  }
  desk.add_to(report);
  EXPECT_EQ(report.compactions, 1U);
  EXPECT_EQ(report.closed_turns, 0U);
  EXPECT_GT(report.compaction_step.count(), 3U);
  EXPECT_GT(report.store.cold_edges, 60U);
  EXPECT_FALSE(memory_metrics(report).empty());
  EXPECT_EQ(test::problems_of(store), "");
  const auto snapshot = store.snapshot(igor_.path(), test::moment(0)).value();
  const auto graph = snapshot.graph(igor_).value();
  EXPECT_EQ(graph.state().count(context_store::NodeKind::kTurn), report.turns_committed);
  EXPECT_EQ(graph.turn(30)->text, "And a boat.");
  EXPECT_EQ(store.cold_share(fresh.at)->cold_turns, 30U);
}

TEST_F(StoreMemoryTest, RefusesWhatItHasNoRoomFor) {
  ContextStore store({.folder = folder_.path()});
  RecallDesk desk(store, 1, 1);
  Answers answers;
  const auto question = [&] {
    return std::make_unique<MemoryQuestion>(MemoryQuestion{SessionId{1}, Generation{1}, igor_, "now", "dog",
                                                           test::moment(1000), Deadline::never(), &answers});
  };
  auto first = question();
  auto second = question();
  EXPECT_TRUE(desk.ask(first));
  EXPECT_FALSE(desk.ask(second));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->text, "dog");
  EXPECT_EQ(desk.refused(), 1U);
  desk.run();
  EXPECT_THAT(answers.wait().note.facts, IsEmpty());
}

}  // namespace
}  // namespace antiphon::pipeline
