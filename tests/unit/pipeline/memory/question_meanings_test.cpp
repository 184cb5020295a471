#include "pipeline/memory/question_meanings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pipeline/memory/recall_desk.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/pipeline/memory/lane_door.h"
#include "tests/unit/pipeline/memory/topic_embedder.h"

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;
using context_store::UserPath;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Begins, WithMostOfTheSameWordsWhateverTheMarks) {
  EXPECT_TRUE(begins("What is my dog called?", "what is my dog"));
  EXPECT_TRUE(begins("What is my dog called?", "What is my dog called?"));
  EXPECT_TRUE(begins("What is my dog called?", "What is my dock."));  // heard wrongly
  EXPECT_TRUE(begins("Who came?", "Who?"));
  EXPECT_FALSE(begins("Who came?", "How?"));
  EXPECT_FALSE(begins("What is my dog called?", "What is your dog"));
  EXPECT_FALSE(begins("What is my dog called?", "What is"));  // too little
  EXPECT_FALSE(begins("What is my dog", "What is my dog called?"));
  EXPECT_FALSE(begins("What?", ""));
  EXPECT_FALSE(begins("", ""));
}

class QuestionMeaningsTest : public ::testing::Test {
 protected:
  void compute() { door_.lanes().run_dry(); }
  int in_flight() { return door_.executor().tasks_in_flight(); }

  TopicEmbedder embedder_;
  LaneDoor door_{embedder_};
  QuestionMeanings meanings_{2};
  const SessionId first_{1};
  const SessionId second_{2};
};

TEST_F(QuestionMeaningsTest, KnowsTheNewestDirectionOfTheSessionOnceItIsThere) {
  EXPECT_FALSE(meanings_.wants(first_, "Have I a pet"));  // no lanes
  meanings_.attach(door_);
  ASSERT_TRUE(meanings_.wants(first_, "Have I a pet"));
  meanings_.begin(first_, "Have I a pet", "Have I a pet");
  EXPECT_FALSE(meanings_.known(first_, "Have I a pet now?"));  // nobody waits
  compute();
  EXPECT_EQ(meanings_.known(first_, "Have I a pet now?"), TopicEmbedder::direction_of("pet"));
  EXPECT_FALSE(meanings_.known(second_, "Have I a pet now?"));
  EXPECT_FALSE(meanings_.known(first_, "Was the train late?"));
  EXPECT_FALSE(meanings_.wants(first_, "Have I a pet"));
  EXPECT_TRUE(meanings_.wants(first_, "Have I a pet now"));
}

TEST_F(QuestionMeaningsTest, HasOneTextOfASessionOnTheLanes) {
  meanings_.attach(door_);
  meanings_.begin(first_, "Have I a pet", "Have I a pet");
  EXPECT_FALSE(meanings_.wants(first_, "Have I a pet now"));  // that one will do
  EXPECT_TRUE(meanings_.wants(first_, "The train"));          // that is about something else
  meanings_.begin(first_, "The train", "The train");
  meanings_.begin(second_, "Have I a pet", "Have I a pet");
  compute();
  EXPECT_EQ(in_flight(), 0);
  EXPECT_FALSE(meanings_.known(first_, "Have I a pet"));
  EXPECT_EQ(meanings_.known(first_, "The train."), TopicEmbedder::direction_of("train"));
  EXPECT_EQ(meanings_.known(second_, "Have I a pet"), TopicEmbedder::direction_of("pet"));
  meanings_.begin(SessionId{3}, "The train", "The train");
  compute();
  EXPECT_FALSE(meanings_.known(first_, "The train."));  // it had to make room
  EXPECT_TRUE(meanings_.known(second_, "Have I a pet"));
}

TEST_F(QuestionMeaningsTest, UsesNothingOfTheLanesOnceDetached) {
  meanings_.attach(door_);
  meanings_.begin(first_, "The train", "The train");
  meanings_.detach();
  compute();
  EXPECT_EQ(in_flight(), 0);
  EXPECT_FALSE(meanings_.known(first_, "The train"));
  meanings_.begin(first_, "The train", "The train");
  EXPECT_EQ(in_flight(), 0);
}

class LastAnswer final : public MemorySink {
 public:
  void deliver(MemoryAnswer&& answer) noexcept override { answer_ = std::move(answer); }
  const std::vector<std::string>& quotes() const { return answer_.note.quotes; }

 private:
  MemoryAnswer answer_;
};

TEST_F(QuestionMeaningsTest, TheFinalWordsFindWhatTheirBeginningMeans) {
  const test::TemporaryFolder folder;
  const UserPath igor = test::user_path("key:phone", "igor");
  context_store::ContextStore store({.folder = folder.path()});
  for (const char* text : {"The train was late.", "Our puppy ate the shoes."}) {
    const auto turn = test::tell(store, igor, test::said("before", text));
    test::commit_for(store, igor, [&](context_store::WriteLease& lease, const UserPath& user) {
      EXPECT_TRUE(lease.set_vector(user, *turn, TopicEmbedder::direction_of(text)).ok());
    }).value();
  }
  RecallDesk desk(store, 4, 1);
  desk.attach(door_);
  LastAnswer last;
  const auto ask = [&](const std::string& text, bool goes_on) {
    auto question = std::make_unique<MemoryQuestion>(MemoryQuestion{
        first_, Generation{1}, igor, "now", text, test::moment(1000), Deadline::never(), &last, goes_on});
    EXPECT_TRUE(desk.ask(question));
    desk.run();
  };
  ask("Do I own a pet", true);
  EXPECT_THAT(last.quotes(), IsEmpty());  // no such word was said, and nobody waits
  compute();
  ask("Do I own a pet today?", false);
  EXPECT_THAT(last.quotes(), ElementsAre("On 8 May 2023 the user said: \"Our puppy ate the shoes.\""));
  EXPECT_EQ(desk.by_meaning(), 1U);
  EXPECT_EQ(in_flight(), 0);  // no more words come
}

}  // namespace
}  // namespace antiphon::pipeline
