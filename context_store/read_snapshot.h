#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/path.h"
#include "context_store/result.h"
#include "context_store/storage/records.h"

namespace antiphon::context_store {

class Environment;
class ReadTransaction;

// One user's graph as it was when its snapshot was taken. A view: the snapshot must outlive it.
//
// Owner:  the snapshot's thread.
// Errors: kCorrupt where a block is not what was written; kNotFound where a function says so.
class UserGraph {
 public:
  UserGraph(const ReadTransaction& transaction, UserKey user, UserState state)
      : transaction_(&transaction), user_(user), state_(state) {}

  const UserState& state() const { return state_; }

  // kNotFound if there is no such node.
  Result<Turn> turn(Ordinal ordinal) const;
  Result<Session> session(Ordinal ordinal) const;
  Result<Session> session(std::string_view name) const;
  Result<Entity> entity(Ordinal ordinal) const;
  Result<Entity> entity(std::string_view name) const;
  Result<Fact> fact(Ordinal ordinal) const;

  enum class Direction : std::uint8_t { kForward, kReverse };
  // The edges that leave a node, or reach it, in the order of their source turns. visit(edge) -> false stops.
  using EdgeVisitor = std::function<bool(const Edge&)>;
  Status visit_edges(NodeId node, Direction direction, const EdgeVisitor& visit) const;
  Result<std::vector<Edge>> edges(NodeId node, Direction direction) const;

  // Facts that held at `valid_at`, as far as the store knew at `known_at`; by ordinal.
  Result<std::vector<Fact>> facts(Timestamp valid_at, Timestamp known_at = kForever) const;

  // What recall and the graph operators read below this.
  const ReadTransaction& transaction() const { return *transaction_; }
  UserKey user() const { return user_; }

 private:
  const ReadTransaction* transaction_;
  UserKey user_;
  UserState state_;
};

// True if a fact held at `valid_at`, as far as the store knew at `known_at`.
bool holds(const Fact& fact, Timestamp valid_at, Timestamp known_at);

// A consistent state of everything below a path. It never waits for a writer, and no writer for it; but while
// it lives its pages are not used again, so it should be short (50 ms).
//
// Owner: one thread at a time. It must not outlive its store; a compaction it may: then it keeps the old
// files.
class ReadSnapshot {
 public:
  ReadSnapshot(std::shared_ptr<const Environment> environment, Path path, std::function<void()> on_end);
  ReadSnapshot(ReadSnapshot&& other) noexcept;
  ReadSnapshot& operator=(ReadSnapshot&& other) = delete;
  ~ReadSnapshot();

  const Path& path() const { return path_; }

  // kNotFound: there is no such user; kOutside: the path does not cover it.
  Result<UserGraph> graph(const UserPath& user) const;

  // All users below the path, by tenant and name.
  Result<std::vector<UserPath>> users() const;

  const ReadTransaction& transaction() const { return *transaction_; }

 private:
  std::shared_ptr<const Environment> environment_;  // of a store that may be written anew meanwhile
  std::unique_ptr<ReadTransaction> transaction_;
  Path path_;
  std::function<void()> on_end_;
};

}  // namespace antiphon::context_store
