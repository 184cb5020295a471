#pragma once

#include <cstddef>
#include <vector>

#include "context_store/context_store.h"
#include "models/text_embedder.h"

namespace antiphon::server {

// Gives every turn below a path that has no vector its own, a batch a commit; how many turns that were. What
// was begun and broken off goes on where it was.
//
// Errors: throws std::runtime_error; what was committed before stays.
std::size_t embed_turns(context_store::ContextStore& store, const context_store::Path& path,
                        const models::TextEmbedder& embedder);

// The direction of what a recall is asked for.
std::vector<float> embed_query(const context_store::UserGraph& graph, std::string_view text,
                               const models::TextEmbedder& embedder);

}  // namespace antiphon::server
