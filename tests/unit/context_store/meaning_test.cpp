#include "context_store/meaning.h"

#include <gtest/gtest.h>

#include "context_store/context_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

class MeaningTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.file("memory")}};
  const UserPath user_ = test::user_path("acme", "igor");

  Ordinal tell(std::string speaker, std::string session, std::string text, std::string hint = "") {
    NewTurn turn = test::said(std::move(session), std::move(text));
    turn.speaker = std::move(speaker);
    turn.hint = std::move(hint);
    return test::tell(store_, user_, std::move(turn)).value();
  }
  template <typename Of>  // a text, or a turn
  Result<std::string> meaning(Of of) {
    const ReadSnapshot snapshot = store_.snapshot(user_.path(), test::moment(0)).value();
    return meaning_of(snapshot.graph(user_).value(), of);
  }
};

TEST_F(MeaningTest, LacksTheNamesOfThoseWhoSpeak) {
  tell("Caroline", "s1", "Rome is what I want to see.");
  using Text = std::string_view;
  EXPECT_EQ(*meaning(Text("What did Caroline see in Rome?")), "What did see in Rome?");
  EXPECT_EQ(*meaning(Text("Where is Caroline's house?")), "Where is house?");
  EXPECT_EQ(*meaning(Text("Where is Caroline\xE2\x80\x99s house?")), "Where is house?");
  EXPECT_EQ(*meaning(Text("Hello, Caroline!")), "Hello!");
  EXPECT_EQ(*meaning(Text("Caroline, come.")), "come.");
  EXPECT_EQ(*meaning(Text("Caroline")), "");
  EXPECT_EQ(*meaning(Text("the caroline tune")), "the caroline tune");  // no name
  EXPECT_EQ(*meaning(Text("")), "");
}

TEST_F(MeaningTest, OfATurnEndsWithWhatWasSaidBefore) {
  const Ordinal question = tell("Melanie", "s1", "What is it called, Caroline?");
  const Ordinal answer = tell("Caroline", "s1", "Biscuit.", "a brown dog");
  const Ordinal elsewhere = tell("Caroline", "s2", "Good morning.");
  EXPECT_EQ(*meaning(question), "What is it called?");  // Caroline has spoken since
  EXPECT_EQ(*meaning(answer), "Biscuit. a brown dog What is it called?");
  EXPECT_EQ(*meaning(elsewhere), "Good morning.");
  EXPECT_EQ(meaning(elsewhere + 1).error().kind, StoreError::Kind::kNotFound);
}

TEST_F(MeaningTest, KnowsWhichTurnsLackAVector) {
  for (const char* text : {"One.", "Two.", "Three.", "Four.", "Five."}) tell("user", "s1", text);
  const std::vector<float> north = {0, 1};
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.set_vector(user, 2, north).ok());
    EXPECT_TRUE(lease.forget_turn(user, 4).ok());
  }).value();
  const ReadSnapshot snapshot = store_.snapshot(user_.path(), test::moment(0)).value();
  const UserGraph graph = snapshot.graph(user_).value();
  const TurnsWithoutVector all = turns_without_vector(graph, 1, 10).value();
  EXPECT_EQ(all.turns, (std::vector<Ordinal>{1, 3, 5}));
  EXPECT_FALSE(all.after);
  const TurnsWithoutVector some = turns_without_vector(graph, 1, 2).value();
  EXPECT_EQ(some.turns, (std::vector<Ordinal>{1, 3}));
  EXPECT_EQ(some.after, Ordinal{4});
  EXPECT_EQ(turns_without_vector(graph, *some.after, 2)->turns, (std::vector<Ordinal>{5}));
  EXPECT_EQ(turns_without_vector(graph, 1, 10, 2)->after, Ordinal{3});
}

TEST_F(MeaningTest, OfATurnGoesWithTheWordsThatItWasMadeOf) {
  for (const char* text : {"One.", "Two.", "Three."}) tell("user", "s1", text);
  const std::vector<float> north = {0, 1};
  const std::vector<std::span<const float>> directions(3, north);
  const std::vector<Ordinal> turns = {1, 2, 3};
  ASSERT_TRUE(keep_directions(store_, user_, turns, directions, test::moment(0)).ok());
  const auto to_embed = [&] { return turns_to_embed(store_, user_, 1, 10, 10, test::moment(0)).value(); };
  EXPECT_TRUE(to_embed().turns.empty());
  test::commit_for(store_, user_, [](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_turn(user, 1).ok());
  }).value();
  EXPECT_EQ(to_embed().turns, (std::vector<Ordinal>{2}));
  EXPECT_EQ(to_embed().texts, (std::vector<std::string>{"Two."}));
  EXPECT_EQ(test::problems_of(store_), "");
}

}  // namespace
}  // namespace antiphon::context_store
