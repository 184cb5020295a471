// Random changes, each also made to a plain model in memory; afterwards both must say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using namespace std::chrono_literals;

struct ModelTurn {
  std::string session;
  std::string text;
  std::string home;  // that the turn states; empty: none
};

// What a user's graph should hold, kept without any cleverness.
class Model {
 public:
  void tell(const ModelTurn& turn) { turns_[++last_] = turn; }
  void forget_turn(Ordinal turn) { turns_.erase(turn); }
  void forget_session(const std::string& session) {
    std::erase_if(turns_, [&](const auto& entry) { return entry.second.session == session; });
  }
  void forget_user() {
    turns_.clear();
    last_ = 0;
  }
  const std::map<Ordinal, ModelTurn>& turns() const { return turns_; }
  std::size_t sessions() const {
    std::set<std::string> names;
    for (const auto& [ordinal, turn] : turns_) names.insert(turn.session);
    return names.size();
  }
  // Once in each session, for each turn but the first.
  std::size_t nexts() const { return turns_.size() - sessions(); }

 private:
  std::map<Ordinal, ModelTurn> turns_;
  Ordinal last_ = 0;
};

class Scenario {
 public:
  explicit Scenario(unsigned seed) : random_(seed) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      test::commit_for(store_, user_, [&](WriteLease& lease, const UserPath&) {
        for (std::size_t i = 0; i <= pick(4); ++i) change(lease);
      }).value();
      // A compaction takes many steps here: it goes on through several commits.
      const std::size_t compaction_steps = store_.compacting() || pick(9) == 0 ? pick(10) : 0;
      for (std::size_t i = 0; i < compaction_steps; ++i) {
        if (!store_.compact_step(test::moment(clock_)).value()) continue;
        ++compactions_;
        break;
      }
      ASSERT_EQ(test::problems_of(store_), "") << "step " << step;
      compare();
    }
    EXPECT_GT(compactions_, 0);
  }

 private:
  std::size_t pick(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }

  void change(WriteLease& lease) {
    const std::size_t kind = pick(99);
    if (kind < 70 || model_.turns().empty()) return tell(lease);
    if (kind < 90) {
      auto at = model_.turns().begin();
      std::advance(at, static_cast<std::ptrdiff_t>(pick(model_.turns().size() - 1)));
      const Ordinal turn = at->first;
      ASSERT_TRUE(lease.forget_turn(user_, turn).ok());
      return model_.forget_turn(turn);
    }
    if (kind < 98) {
      const std::string session = "s" + std::to_string(pick(5));
      ASSERT_TRUE(lease.forget_session(user_, session).ok());
      return model_.forget_session(session);
    }
    ASSERT_TRUE(lease.forget_user(user_).ok());
    model_.forget_user();
  }

  void tell(WriteLease& lease) {
    static const std::vector<std::string> kHomes = {"Prague", "Vienna", "Graz"};
    ModelTurn turn{"s" + std::to_string(pick(5)), "", ""};
    if (pick(2) == 0) turn.home = kHomes[pick(2)];
    turn.text =
        turn.home.empty() ? "word" + std::to_string(pick(9)) + " with Anna" : "I live in " + turn.home + ".";
    ASSERT_TRUE(lease.append_turn(user_, test::said(turn.session, turn.text, ++clock_)).ok());
    model_.tell(turn);
  }

  void compare() {
    const ReadSnapshot snapshot = store_.snapshot(user_.path(), test::moment(0)).value();
    const Result<UserGraph> graph = snapshot.graph(user_);
    if (!graph) {
      ASSERT_TRUE(model_.turns().empty());
      return;
    }
    ASSERT_EQ(graph->state().count(NodeKind::kTurn), model_.turns().size());
    ASSERT_EQ(graph->state().count(NodeKind::kSession), model_.sessions());
    std::size_t nexts = 0;
    for (const auto& [ordinal, turn] : model_.turns()) {
      ASSERT_EQ(graph->turn(ordinal)->text, turn.text);
      ASSERT_EQ(graph->session(graph->turn(ordinal)->session)->name, turn.session);
      for (const Edge& edge :
           graph->edges({NodeKind::kTurn, ordinal}, UserGraph::Direction::kForward).value()) {
        nexts += edge.type == EdgeType::kNext;
      }
    }
    ASSERT_EQ(nexts, model_.nexts());
    compare_homes(*graph);
  }

  // The newest statement that is left holds.
  void compare_homes(const UserGraph& graph) {
    std::string home;
    for (const auto& [ordinal, turn] : model_.turns()) {
      if (!turn.home.empty()) home = turn.home;
    }
    const std::vector<Fact> facts = graph.facts(test::moment(clock_ + 1)).value();
    ASSERT_EQ(facts.size(), home.empty() ? 0U : 1U);
    if (home.empty()) return;
    ASSERT_EQ(facts[0].object, home);
    ASSERT_TRUE(model_.turns().contains(facts[0].source_turn));
  }

  std::mt19937 random_;
  const test::TemporaryFolder folder_;
  ContextStore store_{{.folder = folder_.file("memory"), .cold_after = 20ms, .compaction_step_bytes = 1000}};
  const UserPath user_ = test::user_path("acme", "igor");
  Model model_;
  long long clock_ = 0;
  int compactions_ = 0;
};

TEST(Model, AgreesAfterRandomChanges) {
  for (const unsigned seed : {1U, 2U, 3U, 4U}) {
    SCOPED_TRACE(seed);
    Scenario(seed).run(60);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace antiphon::context_store
