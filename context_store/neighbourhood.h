#pragma once

#include <cstddef>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"

namespace antiphon::context_store {

// A part of a user's graph that fits a picture: some turns, and what hangs on them.
struct Neighbourhood {
  std::vector<Turn> turns;  // by ordinal, like the others
  std::vector<Session> sessions;
  std::vector<Entity> entities;  // that the turns mention or that spoke them
  std::vector<Fact> facts;
  std::vector<Edge> edges;  // between all of these and the user
};

// Around the user: the newest turns and the newest facts. Around another node: the newest turns that it has
// an edge with, itself among them if it is one, and the facts that came from them.
//
// Time:   grows with the edges of `around`, or with turns_max.
// Errors: those of reading; kNotFound: there is no such node.
struct NeighbourhoodLimits {
  std::size_t turns_max = 40;
  std::size_t facts_max = 200;
};
Result<Neighbourhood> neighbourhood(const UserGraph& graph, NodeId around, const NeighbourhoodLimits& limits);

}  // namespace antiphon::context_store
