#include "context_store/recall.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "context_store/context_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using testing::ElementsAre;
using testing::IsEmpty;

class RecallTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.file("memory")}};
  const UserPath user_ = test::user_path("acme", "igor");

  Ordinal must_tell(NewTurn turn) { return test::tell(store_, user_, std::move(turn)).value(); }
  Recall recall(RecallQuery query) {
    if (query.now == Timestamp()) query.now = moment(1'000'000);
    const ReadSnapshot snapshot = store_.snapshot(user_.path(), moment(0)).value();
    const UserGraph graph = snapshot.graph(user_).value();
    return Recaller().recall(graph, query).value();
  }
  static std::vector<Ordinal> turns(const Recall& recall) {
    std::vector<Ordinal> ordinals;
    for (const RecalledTurn& turn : recall.turns) ordinals.push_back(turn.turn.ordinal);
    return ordinals;
  }
};

RecallQuery ask(std::string_view text) {
  return {.text = text, .now = {}};
}

TEST_F(RecallTest, FindsTheTurnThatHasTheWords) {
  must_tell(said("s1", "The weather was awful."));
  const Ordinal wanted = must_tell(said("s2", "We painted a sunrise over the lake."));
  must_tell(said("s3", "Good night."));
  EXPECT_EQ(turns(recall(ask("who painted the lake?"))).front(), wanted);
  EXPECT_THAT(turns(recall(ask("xylophone"))), IsEmpty());
  EXPECT_THAT(turns(recall(ask(""))), IsEmpty());
}

TEST_F(RecallTest, AnAnswerComesWithItsQuestion) {
  must_tell(said("s1", "Which instrument do you play?"));
  const Ordinal answer = must_tell(said("s1", "The cello."));
  must_tell(said("s2", "Good morning."));
  const RecallQuery query = ask("instrument");
  EXPECT_THAT(turns(recall(query)), testing::Contains(answer));
  RecallQuery alone = query;
  alone.use_graph = false;
  EXPECT_THAT(turns(recall(alone)), ElementsAre(answer - 1));
}

TEST_F(RecallTest, OnlyAQuestionLendsItsWordsToWhatFollows) {
  must_tell(said("s1", "I heard the cello in my youth."));
  must_tell(said("s1", "So long ago."));
  must_tell(said("s2", "Did you hear the cello in your youth?"));
  const Ordinal answer = must_tell(said("s2", "Every week."));
  const std::vector<Ordinal> found = turns(recall(ask("cello youth")));
  EXPECT_THAT(found, testing::Contains(answer));
  EXPECT_THAT(found, testing::Not(testing::Contains(answer - 2)));
}

TEST_F(RecallTest, AQuestionComesBehindWhatTellsSomething) {
  const Ordinal told = must_tell(said("s1", "The cello was expensive."));
  const Ordinal asked = must_tell(said("s2", "The cello was expensive?"));
  EXPECT_THAT(turns(recall(ask("expensive cello"))), ElementsAre(told, asked));
}

TEST_F(RecallTest, FactsNameTheirSourceAndTheOldOneIsGone) {
  must_tell(said("s1", "My dog is called Biscuit.", 1000));
  const Ordinal later = must_tell(said("s2", "My dog is called Rex.", 2000));
  RecallQuery query = ask("what is my dog called?");
  const Recall now = recall(query);
  ASSERT_EQ(now.facts.size(), 1U);
  EXPECT_EQ(now.facts[0].fact.object, "Rex");
  EXPECT_EQ(now.facts[0].fact.source_turn, later);
  query.now = moment(1500);
  const Recall then = recall(query);
  ASSERT_EQ(then.facts.size(), 1U);
  EXPECT_EQ(then.facts[0].fact.object, "Biscuit");
  EXPECT_THAT(turns(then), ElementsAre(later - 1));  // what was said later is not known yet
}

TEST_F(RecallTest, AsksInOtherWordsThanItWasSaid) {
  must_tell(said("s1", "I moved to Vienna."));
  const Recall found = recall(ask("where do I live?"));
  ASSERT_EQ(found.facts.size(), 1U);
  EXPECT_EQ(found.facts[0].fact.object, "Vienna");
}

TEST_F(RecallTest, GivesWhatItHasWhenTimeIsUp) {
  for (int i = 0; i < 20; ++i) must_tell(said("s1", "lake and sunrise " + std::to_string(i)));
  RecallQuery query = ask("lake sunrise");
  query.out_of_time = [] { return true; };
  const Recall found = recall(query);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.turns.size(), 10U);
  int looks = 0;
  query.out_of_time = [&looks] { return ++looks > 3; };
  EXPECT_FALSE(recall(query).complete);
  query.out_of_time = [] { return false; };
  EXPECT_TRUE(recall(query).complete);
}

TEST_F(RecallTest, MeaningDecidesBetweenEqualWords) {
  const Ordinal first = must_tell(said("s1", "The lake."));
  const Ordinal second = must_tell(said("s2", "The lake."));
  const std::vector<float> north = {0, 1};
  const std::vector<float> east = {1, 0};
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.set_vector(user, first, north).ok());
    EXPECT_TRUE(lease.set_vector(user, second, east).ok());
  }).value();
  RecallQuery query = ask("lake");
  query.direction = north;
  EXPECT_EQ(turns(recall(query)).front(), first);
  query.direction = east;
  EXPECT_EQ(turns(recall(query)).front(), second);
}

TEST_F(RecallTest, FindsByMeaningWhatSharesNoWord) {
  const Ordinal told = must_tell(said("s1", "We adopted a puppy."));
  must_tell(said("s2", "It rains."));
  const std::vector<float> north = {0, 1};
  const std::vector<float> south = {0, -1};
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.set_vector(user, told, north).ok());
    EXPECT_TRUE(lease.set_vector(user, told + 1, south).ok());
  }).value();
  RecallQuery query = ask("any pets");
  EXPECT_THAT(turns(recall(query)), IsEmpty());
  query.direction = north;
  EXPECT_THAT(turns(recall(query)), ElementsAre(told));
}

TEST_F(RecallTest, ForgottenTurnsAreNotFound) {
  const Ordinal turn = must_tell(said("s1", "My dog is called Biscuit."));
  must_tell(said("s1", "And he barks."));
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_turn(user, turn).ok());
  }).value();
  const Recall found = recall(ask("Biscuit dog called"));
  EXPECT_THAT(turns(found), IsEmpty());
  EXPECT_THAT(found.facts, IsEmpty());
}

}  // namespace
}  // namespace antiphon::context_store
