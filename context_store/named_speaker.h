#pragma once

#include <optional>

#include "context_store/graph_types.h"
#include "context_store/read_snapshot.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {

// Whom a word names of those who have said something in a graph; nobody: none. However the word is written.
//
// Errors: throws StoreFault, so that it is for this room only.
std::optional<NodeId> named_speaker(const UserGraph& graph, const Word& word);

}  // namespace antiphon::context_store
