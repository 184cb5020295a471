#pragma once

#include "context_store/context_store.h"

namespace antiphon::bench {

// Stores so many turns of one user: everyday sentences, put together from a few hundred words so that common
// words are in many of them, and now and then a statement about the user. Throws std::runtime_error if the
// store fails.
void tell_stories(context_store::ContextStore& store, const context_store::UserPath& user, int turns);

}  // namespace antiphon::bench
