#pragma once

#include <string>

#include "context_store/graph_types.h"
#include "context_store/storage/varint.h"

namespace antiphon::context_store {

// An edge as one of its two ends lists it: the list's node is the other end.
struct ListedEdge {
  Ordinal source_turn = 0;  // lists are in its order
  EdgeType type = EdgeType::kNext;
  NodeId other;
  Timestamp valid_from;
  Timestamp valid_to = kForever;
  Timestamp recorded;

  Ordinal order() const { return source_turn; }
  friend bool operator==(const ListedEdge&, const ListedEdge&) = default;
};

// Appends an entry, as differences to the one before it: edges of one turn share their times.
void pack(std::string& bytes, const ListedEdge& entry, const ListedEdge& before);
// Reads the entry behind `before`. Throws StoreFault kCorrupt.
ListedEdge unpack(ByteReader& bytes, const ListedEdge& before);

Edge forward_edge(NodeId node, const ListedEdge& listed);  // `node` is where it begins
Edge reverse_edge(NodeId node, const ListedEdge& listed);  // `node` is where it ends
ListedEdge listed_forward(const Edge& edge);
ListedEdge listed_reverse(const Edge& edge);

}  // namespace antiphon::context_store
