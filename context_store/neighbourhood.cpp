#include "context_store/neighbourhood.h"

#include <algorithm>
#include <set>
#include <utility>

#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

using Direction = UserGraph::Direction;

// Nodes that are there, from the newest downwards.
template <typename Node, typename Read>
std::vector<Node> newest(Ordinal last, std::size_t count_max, Read read) {
  std::vector<Node> nodes;
  for (Ordinal ordinal = last; ordinal > 0 && nodes.size() < count_max; --ordinal) {
    Result<Node> node = read(ordinal);
    if (node) {
      nodes.push_back(std::move(node).value());
    } else if (node.error().kind != StoreError::Kind::kNotFound) {
      throw StoreFault(node.error().kind, node.error().what);
    }
  }
  std::ranges::reverse(nodes);
  return nodes;
}

Ordinal last_ordinal(const UserGraph& graph, NodeKind kind) {
  return graph.state().last_ordinal[static_cast<std::size_t>(kind)];
}

// Turns at the other end of a node's edges; of a fact, those that it came from.
std::set<Ordinal> turns_beside(const UserGraph& graph, NodeId node) {
  std::set<Ordinal> turns;
  for (const Direction direction : {Direction::kForward, Direction::kReverse}) {
    must(graph.visit_edges(node, direction, [&](const Edge& edge) {
      const NodeId other = direction == Direction::kForward ? edge.to : edge.from;
      if (other.kind == NodeKind::kTurn) turns.insert(other.ordinal);
      if (node.kind == NodeKind::kFact && edge.source_turn != 0) turns.insert(edge.source_turn);
      return true;
    }));
  }
  return turns;
}

void require_node(const UserGraph& graph, NodeId node) {
  switch (node.kind) {
    case NodeKind::kUser:
      return;
    case NodeKind::kSession:
      must(graph.session(node.ordinal));
      return;
    case NodeKind::kTurn:
      must(graph.turn(node.ordinal));
      return;
    case NodeKind::kEntity:
      must(graph.entity(node.ordinal));
      return;
    case NodeKind::kFact:
      must(graph.fact(node.ordinal));
      return;
  }
}

class Painter {
 public:
  Painter(const UserGraph& graph, const NeighbourhoodLimits& limits) : graph_(graph), limits_(limits) {}

  Neighbourhood around(NodeId node) {
    require_node(graph_, node);
    take_turns(node);
    take_facts(node);
    for (const Turn& turn : part_.turns) take_edges({NodeKind::kTurn, turn.ordinal});
    for (const Fact& fact : part_.facts) take_edges({NodeKind::kFact, fact.ordinal});
    return std::move(part_);
  }

 private:
  void take_turns(NodeId node) {
    if (node == kUserNode) {
      part_.turns = newest<Turn>(last_ordinal(graph_, NodeKind::kTurn), limits_.turns_max,
                                 [this](Ordinal ordinal) { return graph_.turn(ordinal); });
    } else {
      std::set<Ordinal> beside = turns_beside(graph_, node);
      if (node.kind == NodeKind::kTurn) beside.insert(node.ordinal);
      while (beside.size() > limits_.turns_max) beside.erase(beside.begin());
      for (const Ordinal ordinal : beside) part_.turns.push_back(must(graph_.turn(ordinal)));
    }
    for (const Turn& turn : part_.turns) known_.insert({NodeKind::kTurn, turn.ordinal});
    known_.insert(kUserNode);
  }

  void take_facts(NodeId node) {
    part_.facts = newest<Fact>(last_ordinal(graph_, NodeKind::kFact), limits_.facts_max,
                               [this](Ordinal ordinal) { return graph_.fact(ordinal); });
    if (node != kUserNode) {
      std::erase_if(part_.facts, [&](const Fact& fact) {
        return !known_.contains({NodeKind::kTurn, fact.source_turn}) &&
               node != NodeId{NodeKind::kFact, fact.ordinal};
      });
    }
    for (const Fact& fact : part_.facts) known_.insert({NodeKind::kFact, fact.ordinal});
  }

  void take_edges(NodeId node) {
    for (const Edge& edge : must(graph_.edges(node, Direction::kForward))) {
      if (edge.to.kind == NodeKind::kSession || edge.to.kind == NodeKind::kEntity) take_node(edge.to);
      if (known_.contains(edge.to)) part_.edges.push_back(edge);
    }
  }

  void take_node(NodeId node) {
    if (!known_.insert(node).second) return;
    if (node.kind == NodeKind::kSession) part_.sessions.push_back(must(graph_.session(node.ordinal)));
    if (node.kind == NodeKind::kEntity) part_.entities.push_back(must(graph_.entity(node.ordinal)));
  }

  const UserGraph& graph_;
  const NeighbourhoodLimits& limits_;
  std::set<NodeId> known_;
  Neighbourhood part_;
};

}  // namespace

Result<Neighbourhood> neighbourhood(const UserGraph& graph, NodeId around,
                                    const NeighbourhoodLimits& limits) {
  return guarded<Neighbourhood>([&] { return Painter(graph, limits).around(around); });
}

}  // namespace antiphon::context_store
