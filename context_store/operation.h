// What a lease may ask for. Operations wait in their lease and take effect together, in a commit.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/new_turn.h"
#include "context_store/path.h"

namespace antiphon::context_store {

struct AppendTurn {
  PreparedTurn turn;
};
struct AddEdge {
  Edge edge;  // `recorded` is set by the commit
};
struct ForgetTurn {
  Ordinal turn = 0;
};
struct ForgetSession {
  std::string session;
};
struct ForgetUser {};
// Everything that reached or left the entity `from` reaches or leaves `into`; `from` is no more.
struct MergeEntities {
  Ordinal from = 0;
  Ordinal into = 0;
};
// A turn's direction of meaning, for recall by likeness.
struct SetVector {
  Ordinal turn = 0;
  std::vector<float> direction;
};

struct Operation {
  UserPath user;
  std::variant<AppendTurn, AddEdge, ForgetTurn, ForgetSession, ForgetUser, MergeEntities, SetVector> body;
};

// What became of an operation.
struct Receipt {
  bool applied = false;  // false: what it was about is not there
  Ordinal turn = 0;      // of AppendTurn: the new turn

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

}  // namespace antiphon::context_store
