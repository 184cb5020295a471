#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "context_store/exported_graph.h"
#include "context_store/lease_registry.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"
#include "context_store/storage/compaction.h"
#include "context_store/storage/environment.h"
#include "context_store/write_lease.h"

namespace antiphon::context_store {

class StoreFolder;

// What people said, as a graph for each of them, on disk.
//
// Owner:    commit(), restore(), compact(), compact_step(), cold_share(): one thread, the store's; the rest:
//           any thread.
// Time:     snapshots and leases never wait for the disk; commit() does, once for all that it is given.
// Memory:   the file is mapped: what is resident is the system's cache. A commit holds the blocks it changes.
// Overload: nothing queues in here; whoever calls commit() bounds the group.
// Errors:   after a failed write or sync the store takes no more commits until it is opened again: what the
//           system then has of the file is unknown. Snapshots go on.
class ContextStore {
 public:
  using Mode = Environment::Mode;
  struct Options {
    std::filesystem::path folder;
    std::size_t map_bytes_max = std::size_t{64} << 30;  // address space, not memory: the file's largest size
    Mode mode = Mode::kWrite;                           // kRead: no commits; several processes at once
    std::chrono::milliseconds cold_after = std::chrono::hours(24);  // a session's last turn; see compact()
    std::size_t compaction_step_bytes = std::size_t{256} << 10;     // for these commits may have to wait
  };
  // Makes the store if there is none. Throws std::runtime_error with one sentence.
  explicit ContextStore(const Options& options);
  ~ContextStore();
  ContextStore(const ContextStore&) = delete;
  ContextStore& operator=(const ContextStore&) = delete;

  // Permission to write below some paths; see LeaseRegistry.
  using LeaseGrant = std::variant<std::vector<WriteLease>, Conflict>;
  [[nodiscard]] LeaseGrant try_lease(std::vector<Path> paths, std::string_view holder);
  [[nodiscard]] LeaseGrant lease(std::vector<Path> paths, std::string_view holder,
                                 LeaseRegistry::Deadline deadline);
  LeaseRegistry& leases() { return leases_; }

  // The newest committed state below a path. `now` dates the snapshot for oldest_snapshot().
  Result<ReadSnapshot> snapshot(const Path& path, Timestamp now) const;
  // Gives a lease back and reads on, with nobody's commit in between. What was prepared is dropped.
  Result<ReadSnapshot> downgrade(WriteLease lease, Timestamp now) const;

  // Makes true what the leases prepared: all of it, on disk when this returns, or nothing. One receipt for
  // each operation, in their order. After an error the operations stay in their leases.
  Result<std::vector<std::vector<Receipt>>> commit(std::span<WriteLease* const> leases, Timestamp now);

  // Puts back what export_graph() gave, each user in a commit of its own: all of one or nothing. next() ->
  // the record that follows, none at the end; what it throws comes through. kRefused: there is something of
  // such a user already, or the records make no graph; kOutside: the lease does not cover a user.
  struct Restored {
    std::uint64_t users = 0;
    std::uint64_t turns = 0;
  };
  using NextRecord = std::function<std::optional<ExportedRecord>()>;
  Result<Restored> restore(const WriteLease& lease, const NextRecord& next);

  // Writes what is there into new files and puts them in the old ones' place: what was forgotten before is
  // gone from the disk, conversations that are over since cold_after lie in a cold segment, and all is as
  // small as it can be. Snapshots that live keep the old files until they end.
  struct Compaction {
    std::uint64_t bytes_before = 0;
    std::uint64_t bytes_after = 0;
  };
  Result<Compaction> compact(Timestamp now);
  // The same, begun or taken one step further: some milliseconds, and between two steps commits go on. None:
  // it is not at its end. After an error it is given up, and the store is as before.
  Result<std::optional<Compaction>> compact_step(Timestamp now);
  bool compacting() const { return compactor_ != nullptr; }

  // Whether a compaction is worth its while: what it would make cold, and how much is cold already.
  Result<ColdShare> cold_share(Timestamp now) const;

  struct Figures {
    std::uint64_t file_bytes = 0;
    std::uint64_t used_bytes = 0;  // of it; the rest is used again
    std::uint64_t cold_bytes = 0;  // the cold segment
    std::uint64_t cold_edges = 0;
    std::uint64_t cold_edge_bytes = 0;  // of it: what the lists of edges take
    std::uint64_t commits = 0;          // since it was opened
    std::size_t snapshots = 0;
    std::optional<Timestamp> oldest_snapshot;  // when it was taken
    bool read_only = false;
  };
  Figures figures() const;

 private:
  void create_if_missing();
  void open();
  std::uint64_t bytes_on_disk() const;
  Compaction put_new_graph_in_place();
  std::optional<ExportedRecord> restore_user(const WriteLease& lease, const ExportedUser& user,
                                             const NextRecord& next, Restored& restored);
  std::vector<std::vector<Receipt>> apply(WriteTransaction& transaction, std::span<WriteLease* const> leases,
                                          Timestamp now) const;

  const Options options_;
  std::unique_ptr<const StoreFolder> folder_;
  LeaseRegistry leases_;
  mutable std::mutex mutex_;
  std::shared_ptr<Environment> environment_;         // changed by the store's thread under mutex_
  mutable std::multiset<Timestamp> snapshot_times_;  // guarded by mutex_
  std::unique_ptr<Compactor> compactor_;             // the store's thread; null: none is under way
  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<bool> read_only_ = false;
};

}  // namespace antiphon::context_store
