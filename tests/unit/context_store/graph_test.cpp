// What a committed turn leaves behind, what is taken away again, and that the checker agrees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "context_store/context_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using test::tell;
using test::user_path;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Direction = UserGraph::Direction;

class GraphTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.file("memory")}};
  const UserPath user_ = user_path("acme", "igor");

  Ordinal must_tell(NewTurn turn) { return tell(store_, user_, std::move(turn)).value(); }
  ReadSnapshot now() { return store_.snapshot(user_.path(), moment(0)).value(); }
  template <typename Prepare>
  bool change(Prepare&& prepare) {
    return test::commit_for(store_, user_, prepare).value().front().front().applied;
  }
  std::vector<std::string> facts_at(long long ms, Timestamp known_at = kForever) {
    const ReadSnapshot snapshot = now();
    std::vector<std::string> texts;
    for (const Fact& fact : snapshot.graph(user_).value().facts(moment(ms), known_at).value()) {
      texts.push_back(fact.relation + "/" + fact.object);
    }
    return texts;
  }
  void TearDown() override { EXPECT_EQ(test::problems_of(store_), ""); }
};

TEST_F(GraphTest, KeepsATurnWithItsEdges) {
  const Ordinal first = must_tell(said("s1", "Hello there.", 1000));
  const Ordinal second = must_tell(said("s1", "Yesterday I met Anna Karenina.", 2000));
  const ReadSnapshot snapshot = now();
  const UserGraph graph = snapshot.graph(user_).value();
  const Turn turn = graph.turn(second).value();
  EXPECT_EQ(turn.text, "Yesterday I met Anna Karenina.");
  EXPECT_EQ(turn.at, moment(2000));
  EXPECT_EQ(turn.speaker, kUserNode);
  EXPECT_EQ(graph.session("s1")->turns, 2U);
  EXPECT_EQ(graph.session("s1")->first_turn, first);

  const std::vector<Edge> edges = graph.edges({NodeKind::kTurn, second}, Direction::kForward).value();
  ASSERT_THAT(edges, SizeIs(3));
  EXPECT_EQ(edges[0].type, EdgeType::kInSession);
  EXPECT_EQ(edges[1].type, EdgeType::kSpokenBy);
  EXPECT_EQ(edges[2].type, EdgeType::kMentions);
  EXPECT_EQ(edges[2].source_turn, second);
  EXPECT_EQ(edges[2].valid_from, moment(2000));
  EXPECT_EQ(graph.entity(edges[2].to.ordinal)->name, "Anna Karenina");
  const std::vector<Edge> before = graph.edges({NodeKind::kTurn, second}, Direction::kReverse).value();
  ASSERT_THAT(before, SizeIs(1));
  EXPECT_EQ(before[0].from, (NodeId{NodeKind::kTurn, first}));
}

TEST_F(GraphTest, ALaterStatementSupersedesAnEarlierOne) {
  must_tell(said("s1", "My name is Igor and I live in Prague.", 1000));
  must_tell(said("s2", "I moved to Vienna.", 5000));
  EXPECT_THAT(facts_at(2000), ElementsAre("name/Igor", "home/Prague"));
  EXPECT_THAT(facts_at(6000), ElementsAre("name/Igor", "home/Vienna"));
  // What the store knew before it heard of the move.
  EXPECT_THAT(facts_at(6000, moment(4000)), ElementsAre("name/Igor", "home/Prague"));
}

TEST_F(GraphTest, SaysAgainIsNoNewFact) {
  must_tell(said("s1", "My dog is called Biscuit.", 1000));
  must_tell(said("s1", "As I said, my dog is called Biscuit.", 2000));
  EXPECT_THAT(facts_at(3000), ElementsAre("dog/Biscuit"));
}

TEST_F(GraphTest, AFactLivesAsLongAsATurnVouchesForIt) {
  must_tell(said("s1", "My dog is called Rex.", 500));
  const Ordinal first = must_tell(said("s1", "My dog is called Biscuit.", 1000));
  const Ordinal again = must_tell(said("s1", "As I said, my dog is called Biscuit.", 2000));
  const auto forget = [&](Ordinal turn) {
    change([&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_turn(path, turn).ok()); });
  };
  forget(first);
  EXPECT_THAT(facts_at(3000), ElementsAre("dog/Biscuit"));
  EXPECT_THAT(facts_at(1500), ElementsAre("dog/Rex"));
  EXPECT_EQ(test::problems_of(store_), "");
  forget(again);
  EXPECT_THAT(facts_at(3000), ElementsAre("dog/Rex"));
}

TEST_F(GraphTest, TheAssistantStatesNothing) {
  NewTurn turn = said("s1", "My name is Antiphon.");
  turn.speaker = kAssistantSpeaker;
  must_tell(turn);
  EXPECT_THAT(facts_at(0), IsEmpty());
}

TEST_F(GraphTest, ForgetsATurnAndAllThatCameFromIt) {
  const Ordinal first = must_tell(said("s1", "My name is Igor and I live in Prague.", 1000));
  const Ordinal second = must_tell(said("s1", "I moved to Vienna, near Anna.", 2000));
  const Ordinal third = must_tell(said("s1", "Good night.", 3000));
  EXPECT_TRUE(change(
      [&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_turn(path, second).ok()); }));
  EXPECT_THAT(facts_at(4000), ElementsAre("name/Igor", "home/Prague"));
  const ReadSnapshot snapshot = now();
  const UserGraph graph = snapshot.graph(user_).value();
  EXPECT_EQ(graph.turn(second).error().kind, StoreError::Kind::kNotFound);
  EXPECT_FALSE(graph.entity("Vienna").ok());
  EXPECT_FALSE(graph.entity("Anna").ok());
  const auto follows = graph.edges({NodeKind::kTurn, third}, Direction::kReverse).value();
  ASSERT_THAT(follows, SizeIs(1));
  EXPECT_EQ(follows[0].from, (NodeId{NodeKind::kTurn, first}));
}

TEST_F(GraphTest, ForgettingTheMiddleOfThreeFactsJoinsTheOthers) {
  must_tell(said("s1", "I live in Prague.", 1000));
  const Ordinal second = must_tell(said("s1", "I moved to Vienna.", 2000));
  must_tell(said("s1", "I moved to Graz.", 3000));
  change([&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_turn(path, second).ok()); });
  EXPECT_THAT(facts_at(2500), ElementsAre("home/Prague"));
  EXPECT_THAT(facts_at(3500), ElementsAre("home/Graz"));
}

TEST_F(GraphTest, ForgetsASessionAndAUser) {
  must_tell(said("s1", "My cat is called Tom."));
  must_tell(said("s1", "She likes milk."));
  must_tell(said("s2", "I live in Prague."));
  EXPECT_TRUE(change(
      [](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_session(path, "s1").ok()); }));
  EXPECT_THAT(facts_at(0), ElementsAre("home/Prague"));
  {
    const ReadSnapshot snapshot = now();
    EXPECT_EQ(snapshot.graph(user_)->state().count(NodeKind::kTurn), 1U);
    EXPECT_EQ(snapshot.graph(user_)->state().count(NodeKind::kSession), 1U);
  }
  EXPECT_TRUE(
      change([](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_user(path).ok()); }));
  EXPECT_EQ(now().graph(user_).error().kind, StoreError::Kind::kNotFound);
  EXPECT_FALSE(
      change([](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_user(path).ok()); }));
}

TEST_F(GraphTest, MergesTwoNamesOfOnePerson) {
  const Ordinal turn = must_tell(said("s1", "Yesterday Mel came, and Melanie stayed."));
  const auto [mel, melanie] = [&] {
    const ReadSnapshot snapshot = now();
    const UserGraph graph = snapshot.graph(user_).value();
    return std::pair(graph.entity("Mel")->ordinal, graph.entity("Melanie")->ordinal);
  }();
  change([&](WriteLease& lease, const UserPath& path) {
    EXPECT_TRUE(lease.merge_entities(path, mel, melanie).ok());
  });
  const ReadSnapshot snapshot = now();
  const UserGraph graph = snapshot.graph(user_).value();
  EXPECT_FALSE(graph.entity("Mel").ok());
  const auto reached = graph.edges({NodeKind::kEntity, melanie}, Direction::kReverse).value();
  EXPECT_THAT(reached, SizeIs(2));
  EXPECT_EQ(reached[0].source_turn, turn);
}

TEST_F(GraphTest, LongListsAreCutAndKeepTheirOrder) {
  constexpr int kTurns = 600;
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& path) {
    for (int i = 0; i < kTurns; ++i) {
      EXPECT_TRUE(lease.append_turn(path, said("s1", "turn number " + std::to_string(i), i)).ok());
    }
  }).value();
  for (Ordinal turn = 2; turn <= kTurns; turn += 3) {
    change([&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_turn(path, turn).ok()); });
  }
  const ReadSnapshot snapshot = now();
  const UserGraph graph = snapshot.graph(user_).value();
  const auto spoken = graph.edges(kUserNode, Direction::kReverse).value();
  ASSERT_THAT(spoken, SizeIs(kTurns - 200));
  EXPECT_TRUE(std::ranges::is_sorted(spoken, {}, &Edge::source_turn));
}

TEST_F(GraphTest, RefusesWhatIsNotAllowed) {
  must_tell(said("s1", "Hello."));
  auto grant = store_.try_lease({user_.path()}, "test");
  WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
  EXPECT_EQ(lease.append_turn(user_path("acme", "olga"), said("s1", "x")).error().kind,
            StoreError::Kind::kOutside);
  EXPECT_EQ(lease.append_turn(user_, said("", "x")).error().kind, StoreError::Kind::kRefused);
  EXPECT_EQ(lease.append_turn(user_, said("s", std::string(300'000, 'x'))).error().kind,
            StoreError::Kind::kRefused);
  EXPECT_EQ(lease.add_edge(user_, {.type = EdgeType::kNext}).error().kind, StoreError::Kind::kRefused);
  EXPECT_EQ(lease.waiting(), 0U);
  EXPECT_EQ(now().graph(user_path("acme", "olga")).error().kind, StoreError::Kind::kOutside);
}

TEST_F(GraphTest, UsersAndTenantsAreApart) {
  must_tell(said("s1", "My name is Igor."));
  const UserPath same_name = user_path("other", "igor");
  tell(store_, same_name, said("s1", "My name is Ivan.")).value();
  const ReadSnapshot all = store_.snapshot(Path(), moment(0)).value();
  EXPECT_THAT(all.users().value(), ElementsAre(user_, same_name));
  EXPECT_THAT(all.graph(same_name)->facts(moment(0)).value().front().object, "Ivan");
  EXPECT_THAT(now().users().value(), ElementsAre(user_));
}

TEST_F(GraphTest, ASnapshotStaysAsItWas) {
  must_tell(said("s1", "Hello."));
  const ReadSnapshot before = now();
  must_tell(said("s1", "And again."));
  EXPECT_EQ(before.graph(user_)->state().count(NodeKind::kTurn), 1U);
  EXPECT_EQ(now().graph(user_)->state().count(NodeKind::kTurn), 2U);
  EXPECT_TRUE(store_.compact(moment(0)).ok());
  EXPECT_EQ(before.graph(user_)->turn(1)->text, "Hello.");  // from the files that were
  EXPECT_EQ(before.graph(user_)->state().count(NodeKind::kTurn), 1U);
  EXPECT_EQ(now().graph(user_)->state().count(NodeKind::kTurn), 2U);
}

TEST_F(GraphTest, AddsEdgesBetweenNodesThatAreThere) {
  const Ordinal turn = must_tell(said("s1", "Yesterday Anna met Boris."));
  const Edge edge{
      EdgeType::kAbout, {NodeKind::kEntity, 1}, {NodeKind::kEntity, 2}, moment(0), kForever, {}, turn};
  const auto add = [&](Edge wanted) {
    return change(
        [&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.add_edge(path, wanted).ok()); });
  };
  EXPECT_TRUE(add(edge));
  Edge dangling = edge;
  dangling.to.ordinal = 99;
  EXPECT_FALSE(add(dangling));
  change([&](WriteLease& lease, const UserPath& path) { EXPECT_TRUE(lease.forget_turn(path, turn).ok()); });
  EXPECT_EQ(now().graph(user_)->state().edges, 0U);
}

}  // namespace
}  // namespace antiphon::context_store
