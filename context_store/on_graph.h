#pragma once

#include <utility>

#include "context_store/context_store.h"
#include "context_store/read_snapshot.h"

namespace antiphon::context_store {

// What `use` says of the user's graph as it is now; an error if there is none. The snapshot lives as long as
// the call: nothing that `use` returns may point into it.
template <typename Use>
auto on_graph(const ContextStore& store, const UserPath& user, Timestamp now, Use use)
    -> decltype(use(std::declval<const UserGraph&>())) {
  const auto snapshot = store.snapshot(user.path(), now);
  if (!snapshot) return snapshot.error();
  const auto graph = snapshot->graph(user);
  if (!graph) return graph.error();
  return use(*graph);
}

}  // namespace antiphon::context_store
