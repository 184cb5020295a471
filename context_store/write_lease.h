#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "context_store/lease_registry.h"
#include "context_store/operation.h"
#include "context_store/result.h"

namespace antiphon::context_store {

// The only way to change a graph: it proves that nobody else writes below its path. Its functions prepare
// (they find words, names and facts) and keep what they prepared; ContextStore::commit() makes it true.
//
// Owner:  one thread at a time.
// Errors: kOutside for a user that the path does not cover, kRefused for an argument beyond its limits.
class WriteLease {
 public:
  explicit WriteLease(Holding holding) : holding_(std::move(holding)) {}

  const Path& path() const { return holding_.path(); }

  Status append_turn(const UserPath& user, NewTurn turn);
  // kMentions and kAbout only: the store keeps the others. Both ends and the source turn must be there at the
  // commit.
  Status add_edge(const UserPath& user, const Edge& edge);
  Status set_vector(const UserPath& user, Ordinal turn, std::span<const float> direction);
  Status merge_entities(const UserPath& user, Ordinal from, Ordinal into);
  // What is forgotten takes with it all that came from it. Its bytes are gone after the next compaction.
  Status forget_turn(const UserPath& user, Ordinal turn);
  Status forget_session(const UserPath& user, std::string_view session);
  Status forget_user(const UserPath& user);

  // Leases for direct children, each for another thread; what was prepared must be committed before. The rest
  // of the path becomes free. None if a name is wrong or appears twice: then this lease stays.
  std::vector<WriteLease> split(const std::vector<std::string>& children) &&;

  std::size_t waiting() const { return operations_.size(); }

 private:
  friend class ContextStore;
  Status keep(Operation operation);

  Holding holding_;
  std::vector<Operation> operations_;
};

}  // namespace antiphon::context_store
