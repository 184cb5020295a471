// Short words for tests of the context store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context_store/context_store.h"

namespace antiphon::test {

// Milliseconds after a fixed moment in May 2023.
context_store::Timestamp moment(long long ms);

context_store::UserPath user_path(std::string_view tenant, std::string_view user);

context_store::NewTurn said(std::string session, std::string text, long long at_ms = 0);

// Commits operations of one user under a lease of their own; `prepare(lease, path)` asks for them. Fails an
// assertion if the lease is taken.
template <typename Prepare>
context_store::Result<std::vector<std::vector<context_store::Receipt>>> commit_for(
    context_store::ContextStore& store, const context_store::UserPath& user, Prepare&& prepare,
    long long now_ms = 0) {
  auto grant = store.try_lease({user.path()}, "test");
  context_store::WriteLease& lease = std::get<std::vector<context_store::WriteLease>>(grant).front();
  prepare(lease, user);
  context_store::WriteLease* const leases[] = {&lease};
  return store.commit(leases, moment(now_ms));
}

// One turn in a commit of its own; its ordinal.
context_store::Result<context_store::Ordinal> tell(context_store::ContextStore& store,
                                                   const context_store::UserPath& user,
                                                   context_store::NewTurn turn);

// The problems that the checker finds, one a line; empty: none.
std::string problems_of(const context_store::ContextStore& store);

}  // namespace antiphon::test
