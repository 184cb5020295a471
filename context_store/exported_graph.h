// A user's graph in records that stand for themselves, as they leave a store and come back.
#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/path.h"

namespace antiphon::context_store {

// Begins a graph: all records up to the next one of this kind are this user's.
struct ExportedUser {
  UserPath user;
  std::array<Ordinal, kNodeKinds + 1> last_ordinal{};  // by NodeKind: numbers are never used again
};

// A turn's direction of meaning, as it is stored.
struct ExportedVector {
  Ordinal turn = 0;
  std::vector<std::int8_t> components;
};

struct ExportedFact {
  Fact fact;
  bool only_one = false;  // of its relation one holds at a time
};

// Of a session only its number, name and beginning count, and of edges only those are listed that do not
// follow from the turns: kMentions, kAbout, kSupersedes.
using ExportedRecord = std::variant<ExportedUser, Session, Entity, Turn, ExportedVector, ExportedFact, Edge>;

}  // namespace antiphon::context_store
