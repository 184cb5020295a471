#pragma once

#include <functional>

#include "context_store/new_turn.h"
#include "context_store/path.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"

namespace antiphon::context_store {

struct ExportedTurn {
  UserPath user;
  NewTurn turn;
};

// Every turn below the snapshot's path, by user and in the order that it was told in. Appended again in that
// order they make the same graph: all else comes from them, but for merged entities, added edges and vectors.
// visit(turn) -> false stops.
Status export_turns(const ReadSnapshot& snapshot, const std::function<bool(const ExportedTurn&)>& visit);

}  // namespace antiphon::context_store
