#include "context_store/prompt_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "context_store/neighbourhood.h"
#include "context_store/recall.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using test::tell;
using testing::ElementsAre;
using testing::IsEmpty;

class PromptNoteTest : public ::testing::Test {
 protected:
  std::vector<std::string> note(const std::string& text, const std::string& talk = "now") {
    const ReadSnapshot snapshot = store_.snapshot(user_.path(), moment(0)).value();
    const UserGraph graph = snapshot.graph(user_).value();
    Recaller recaller;
    const Recall recall =
        recaller.recall(graph, {.text = text, .now = moment(1000), .direction = direction_}).value();
    const PromptNote note = prompt_note(graph, recall, text, talk).value();
    std::vector<std::string> lines = note.facts;
    lines.insert(lines.end(), note.quotes.begin(), note.quotes.end());
    return lines;
  }
  void hear(const std::string& talk, const std::string& text) {
    ASSERT_TRUE(tell(store_, user_, said(talk, text)).ok());
  }

  std::vector<float> direction_;  // of the text's meaning
  test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.path()}};
  const UserPath user_ = test::user_path("acme", "igor");
};

TEST_F(PromptNoteTest, StatesFactsWithTheirDate) {
  hear("before", "My dog is called Biscuit and I like old maps.");
  EXPECT_THAT(note("What is my dog called?"), ElementsAre("The user's dog is Biscuit (8 May 2023)."));
  EXPECT_THAT(note("Which maps do I like?"), ElementsAre("The user likes old maps (8 May 2023)."));
}

TEST_F(PromptNoteTest, QuotesTurnsThatShareANameOrHalfOfTheWords) {
  hear("before", "We took the night train to Vienna.");
  EXPECT_THAT(note("How was it in Vienna?"),
              ElementsAre("On 8 May 2023 the user said: \"We took the night train to Vienna.\""));
  EXPECT_THAT(note("which night train was it"),
              ElementsAre("On 8 May 2023 the user said: \"We took the night train to Vienna.\""));
  EXPECT_THAT(note("Do you know a train for children with many coloured waggons?"), IsEmpty());
}

TEST_F(PromptNoteTest, QuotesTurnsThatAreLikeInMeaningWithoutAWordInCommon) {
  hear("before", "We adopted a puppy.");
  hear("before", "The car is old.");
  hear("now", "My cat is asleep.");
  const std::vector<float> animals = {1, 0.2F};
  const std::vector<float> cars = {0.3F, 1};
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.set_vector(user, 1, animals).ok());
    EXPECT_TRUE(lease.set_vector(user, 2, cars).ok());
    EXPECT_TRUE(lease.set_vector(user, 3, animals).ok());
  }).value();
  const std::string text = "Have I any pets?";
  EXPECT_THAT(note(text), IsEmpty());
  direction_ = {1, 0};
  EXPECT_THAT(note(text), ElementsAre("On 8 May 2023 the user said: \"We adopted a puppy.\""));
}

TEST_F(PromptNoteTest, LeavesOutQuestionsAndThePresentTalk) {
  hear("before", "How was the night train to Vienna?");
  hear("now", "We took the night train to Vienna.");
  EXPECT_THAT(note("Tell me about the night train to Vienna."), IsEmpty());
}

TEST_F(PromptNoteTest, CutsLongTurnsAtAWord) {
  std::string text = "Vienna";
  for (int i = 0; i < 100; ++i) text += " waltz";
  hear("before", "I saw " + text);
  const auto lines = note("And Vienna?");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_LT(lines[0].size(), 220U);
  EXPECT_THAT(lines[0], testing::EndsWith("waltz ...\""));
}

TEST_F(PromptNoteTest, NeighbourhoodHoldsTheNewestTurnsAndWhatHangsOnThem) {
  hear("one", "I saw Anna in the park.");
  hear("two", "My dog is called Biscuit.");
  hear("two", "He bit Anna in the leg.");
  const ReadSnapshot snapshot = store_.snapshot(user_.path(), moment(0)).value();
  const UserGraph graph = snapshot.graph(user_).value();
  const auto newest = neighbourhood(graph, kUserNode, {.turns_max = 2, .facts_max = 5}).value();
  ASSERT_EQ(newest.turns.size(), 2U);
  EXPECT_EQ(newest.turns[1].text, "He bit Anna in the leg.");
  EXPECT_EQ(newest.facts.size(), 1U);
  EXPECT_EQ(newest.sessions.size(), 1U);
  for (const Edge& edge : newest.edges) EXPECT_NE(edge.to, (NodeId{NodeKind::kTurn, 1}));

  const Entity anna = graph.entity("Anna").value();
  const auto around = neighbourhood(graph, {NodeKind::kEntity, anna.ordinal}, {}).value();
  ASSERT_EQ(around.turns.size(), 2U);
  EXPECT_EQ(around.turns[0].text, "I saw Anna in the park.");
  EXPECT_EQ(around.facts.size(), 0U);
  EXPECT_EQ(neighbourhood(graph, {NodeKind::kEntity, 99}, {}).error().kind, StoreError::Kind::kNotFound);
}

}  // namespace
}  // namespace antiphon::context_store
