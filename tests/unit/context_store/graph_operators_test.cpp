#include "context_store/graph_operators.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "context_store/context_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using testing::ElementsAre;
using testing::Pair;
using Direction = UserGraph::Direction;

constexpr std::size_t kPlenty = 1 << 20;
const Step kMentions{Direction::kForward, EdgeType::kMentions, {}};
const Step kMentionedBy{Direction::kReverse, EdgeType::kMentions, {}};

// Anna is named with Boris twice and with Clara once; Clara with Dora.
class GraphOperatorsTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.file("memory")}};
  const UserPath user_ = test::user_path("acme", "igor");

  void SetUp() override {
    for (const char* text :
         {"so Anna, Boris.", "so Anna, Boris.", "so Anna, Clara.", "so Clara, Dora.", "so ANNA."}) {
      test::tell(store_, user_, said("s1", text)).value();
    }
  }
  ReadSnapshot snapshot() { return store_.snapshot(user_.path(), moment(0)).value(); }
  static NodeId entity(const UserGraph& graph, std::string_view name) {
    return {NodeKind::kEntity, graph.entity(name)->ordinal};
  }
};

TEST_F(GraphOperatorsTest, ReachesNodesByNearness) {
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  MemoryBudget budget(kPlenty);
  const std::vector<Step> steps = {kMentions, kMentionedBy};
  const auto hops_to = [&](int hops, std::string_view name) {
    const Reached reached = reach(graph, entity(graph, "Anna"), steps, hops, budget).value();
    EXPECT_TRUE(reached.complete);
    const auto at = std::ranges::find(reached.nodes, entity(graph, name), &Reached::Node::node);
    return at == reached.nodes.end() ? -1 : at->hops;
  };
  EXPECT_EQ(hops_to(4, "Boris"), 2);
  EXPECT_EQ(hops_to(4, "Dora"), 4);
  EXPECT_EQ(hops_to(3, "Dora"), -1);
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_GT(budget.peak(), 0U);
}

TEST_F(GraphOperatorsTest, CountsWhomSomebodyIsNamedWith) {
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  MemoryBudget budget(kPlenty);
  const std::vector<Step> together = {kMentionedBy, kMentions};
  const Counts counts = count_ends(graph, entity(graph, "Anna"), together, budget).value();
  EXPECT_TRUE(counts.complete);
  EXPECT_THAT(counts.ends, ElementsAre(Pair(entity(graph, "Anna"), 4U), Pair(entity(graph, "Boris"), 2U),
                                       Pair(entity(graph, "Clara"), 1U)));
}

TEST_F(GraphOperatorsTest, MatchesJoinTheirEdgesAndStopWhenTold) {
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  MemoryBudget budget(kPlenty);
  const std::vector<Step> pattern = {kMentionedBy, kMentions};
  int matches = 0;
  EXPECT_TRUE(match(graph, entity(graph, "Anna"), pattern, budget, [&](std::span<const Edge> edges) {
                EXPECT_EQ(edges.size(), 2U);
                EXPECT_EQ(edges[0].from, edges[1].from);
                return ++matches < 3;
              }).value());
  EXPECT_EQ(matches, 3);
}

TEST_F(GraphOperatorsTest, RanksTheNearHigherThanTheFar) {
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  MemoryBudget budget(kPlenty);
  const std::vector<NodeId> seeds = {entity(graph, "Anna")};
  const Ranks ranks = page_rank(graph, seeds, {.precision = 1e-6}, budget).value();
  EXPECT_TRUE(ranks.complete);
  const auto rank = [&](std::string_view name) {
    for (const auto& [node, share] : ranks.nodes) {
      if (node == entity(graph, name)) return share;
    }
    return 0.0;
  };
  EXPECT_GT(rank("Anna"), rank("Boris"));
  EXPECT_GT(rank("Boris"), rank("Clara"));
  EXPECT_GT(rank("Clara"), rank("Dora"));
  double sum = 0;
  for (const auto& [node, share] : ranks.nodes) sum += share;
  EXPECT_LE(sum, 1.0 + 1e-9);
  EXPECT_GT(sum, 0.9);
}

TEST_F(GraphOperatorsTest, ObeyTheirBudget) {
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  const std::vector<Step> together = {kMentionedBy, kMentions};
  const std::vector<NodeId> seeds = {entity(graph, "Anna")};
  for (const std::size_t bytes : {0U, 100U, 200U, 300U}) {
    MemoryBudget budget(bytes);
    EXPECT_FALSE(reach(graph, seeds[0], together, 4, budget)->complete);
    EXPECT_FALSE(count_ends(graph, seeds[0], together, budget)->complete);
    EXPECT_FALSE(page_rank(graph, seeds, {.precision = 1e-6}, budget)->complete);
    EXPECT_FALSE(find_duplicates(graph, budget)->complete && bytes < 100);
    EXPECT_LE(budget.peak(), bytes);
    EXPECT_EQ(budget.used(), 0U);
  }
}

TEST_F(GraphOperatorsTest, ConnectsWhatAPatternJoins) {
  {
    const ReadSnapshot now = snapshot();
    const UserGraph graph = now.graph(user_).value();
    MemoryBudget budget(kPlenty);
    const std::vector<Step> together = {kMentionedBy, kMentions};
    const auto receipts = test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
      EXPECT_EQ(connect_matches(graph, user, entity(graph, "Dora"), together, budget, lease).value(), 2U);
    });
    EXPECT_TRUE(receipts->front().front().applied);
  }
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  const std::vector<Edge> edges = graph.edges(entity(graph, "Dora"), Direction::kForward).value();
  ASSERT_EQ(edges.size(), 2U);
  EXPECT_EQ(edges[0].to, entity(graph, "Clara"));
  EXPECT_EQ(edges[0].source_turn, 4U);
  EXPECT_EQ(test::problems_of(store_), "");
}

TEST_F(GraphOperatorsTest, MergesNamesThatDifferInCase) {
  {
    const ReadSnapshot now = snapshot();
    const UserGraph graph = now.graph(user_).value();
    test::tell(store_, user_, said("s1", "so Anna.")).value();
    MemoryBudget budget(kPlenty);
    const Duplicates none = find_duplicates(graph, budget).value();
    EXPECT_TRUE(none.pairs.empty());  // capitals are folded when names are found
  }
  NewTurn turn = said("s1", "Hello.");
  turn.speaker = "ANNA";
  test::tell(store_, user_, turn).value();
  const ReadSnapshot now = snapshot();
  const UserGraph graph = now.graph(user_).value();
  MemoryBudget budget(kPlenty);
  const Duplicates found = find_duplicates(graph, budget).value();
  ASSERT_EQ(found.pairs.size(), 1U);
  test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_EQ(merge_duplicates(user, found, lease).value(), 1U);
  }).value();
  const ReadSnapshot later = snapshot();
  EXPECT_FALSE(later.graph(user_)->entity("ANNA").ok());
  EXPECT_EQ(test::problems_of(store_), "");
}

}  // namespace
}  // namespace antiphon::context_store
