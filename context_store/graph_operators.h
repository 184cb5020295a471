// Questions to a whole graph, and changes of it that follow from their answers. Each reads from a snapshot
// and keeps no more than its budget: one that would need more says so and gives what it has. Edges are read
// where they lie, so the graph may be larger than memory.
//
// Owner:  one thread for each call.
// Errors: those of reading; a full budget is no error.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/memory_budget.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"
#include "context_store/write_lease.h"

namespace antiphon::context_store {

// A step along edges of one type (or of any), that held at a time (or at any).
struct Step {
  UserGraph::Direction direction = UserGraph::Direction::kForward;
  std::optional<EdgeType> type = {};
  std::optional<Timestamp> held_at = {};

  bool takes(const Edge& edge) const {
    return (!type || *type == edge.type) &&
           (!held_at || (edge.valid_from <= *held_at && *held_at < edge.valid_to));
  }
  NodeId target(const Edge& edge) const {
    return direction == UserGraph::Direction::kForward ? edge.to : edge.from;
  }
};

// All nodes that at most `hops` steps reach, nearest first, the start among them; breadth first.
struct Reached {
  struct Node {
    NodeId node;
    int hops = 0;
  };
  std::vector<Node> nodes;
  bool complete = true;  // false: the budget was full
};
Result<Reached> reach(const UserGraph& graph, NodeId start, std::span<const Step> steps, int hops,
                      MemoryBudget& budget);

// Matches of a path pattern: the edges of one match, one for each step, each beginning where the one before
// ended (the join). Depth first: it keeps one node's edges for each step. False: the budget was full.
using MatchVisitor = std::function<bool(std::span<const Edge>)>;  // false stops
Result<bool> match(const UserGraph& graph, NodeId start, std::span<const Step> pattern, MemoryBudget& budget,
                   const MatchVisitor& visit);

// How many matches of a pattern end at each node, most first.
struct Counts {
  std::vector<std::pair<NodeId, std::uint64_t>> ends;
  bool complete = true;
};
Result<Counts> count_ends(const UserGraph& graph, NodeId start, std::span<const Step> pattern,
                          MemoryBudget& budget);

// Nodes by how often a walk that starts at the seeds, and returns to them with probability `restart` at each
// step, is there: personalised PageRank by local pushes (Andersen, Chung, Lang 2006), to an error of
// `precision` for each edge. Edges count in both directions.
struct PageRankOptions {
  double restart = 0.15;
  double precision = 1e-4;
};
struct Ranks {
  std::vector<std::pair<NodeId, double>> nodes;  // most first; the sum is at most 1
  bool complete = true;
};
Result<Ranks> page_rank(const UserGraph& graph, std::span<const NodeId> seeds, const PageRankOptions& options,
                        MemoryBudget& budget);

// Prepares an edge of type kAbout from the start of each match to its end, valid while all its edges are,
// with the last edge's source turn. Returns how many; none: the budget was full, and nothing may be
// committed.
Result<std::optional<std::uint64_t>> connect_matches(const UserGraph& graph, const UserPath& user,
                                                     NodeId start, std::span<const Step> pattern,
                                                     MemoryBudget& budget, WriteLease& lease);

// Pairs of entities whose names differ in case alone: (the later one, the first one).
struct Duplicates {
  std::vector<std::pair<Ordinal, Ordinal>> pairs;
  bool complete = true;
};
Result<Duplicates> find_duplicates(const UserGraph& graph, MemoryBudget& budget);
// Prepares their merging. Returns how many.
Result<std::uint64_t> merge_duplicates(const UserPath& user, const Duplicates& duplicates, WriteLease& lease);

}  // namespace antiphon::context_store
