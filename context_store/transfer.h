#pragma once

#include <functional>

#include "context_store/exported_graph.h"
#include "context_store/new_turn.h"
#include "context_store/path.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"

namespace antiphon::context_store {

// The graphs of all users below the snapshot's path, whole: ContextStore::restore() makes the same of them,
// with the same numbers, so that what is exported from there is the same again. visit(record) -> false stops.
Status export_graph(const ReadSnapshot& snapshot, const std::function<bool(const ExportedRecord&)>& visit);

struct ExportedTurn {
  UserPath user;
  NewTurn turn;
};

// What was told alone, by user and in its order, to be told again to any store: what was changed by hand
// afterwards (merged entities, added edges) and vectors are not in it. visit(turn) -> false stops.
Status export_turns(const ReadSnapshot& snapshot, const std::function<bool(const ExportedTurn&)>& visit);

}  // namespace antiphon::context_store
