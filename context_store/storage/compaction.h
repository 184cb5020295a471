#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "context_store/graph_types.h"
#include "context_store/storage/cold_writer.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/store_folder.h"

namespace antiphon::context_store {

// Writes all blocks of a store into a new table, and those of conversations that have been closed since
// `closed_before` into a new cold segment, in short steps: between two of them the old table is read and
// written as ever, and what changes there is copied again. Block by block, not page by page: a copied page
// would bring along what was deleted from it.
//
// What is cold is decided for each user by one number: the last turn before the first turn of an open
// session. Cold are the texts, edges and vectors of turns up to it, and the blocks of long lists that hold
// nothing from behind it. Names, entities and facts stay in the table: they are looked up and superseded.
//
// Owner:  the thread that commits.
// Memory: the blocks of one step; the keys that have changed since the last.
// Errors: StoreFault, std::runtime_error. What was written is removed, unless it was taken.
class Compactor {
 public:
  struct Config {
    std::size_t map_bytes_max = 0;
    std::size_t step_bytes = 0;  // of blocks copied in a step
    Timestamp closed_before;
  };
  // `from` and `folder` outlive it.
  Compactor(Environment& from, const StoreFolder& folder, const Config& config);
  ~Compactor();
  Compactor(const Compactor&) = delete;
  Compactor& operator=(const Compactor&) = delete;

  // False: the new table is all that the old one is, until the next commit.
  bool step();
  // The new table, still beside the old one. REQUIRES: the last step was the last.
  std::unique_ptr<Environment> take();

 private:
  // Which of one user's blocks are cold.
  struct Line {
    UserKey user;
    Ordinal last_turn = 0;
    bool takes(const RecordKey& key, const std::optional<RecordKey>& next) const;
  };
  void copy_some();
  void end_copying();
  void catch_up();

  Environment& from_;
  const StoreFolder& folder_;
  const Config config_;
  const std::uint32_t number_;  // of the cold segment
  std::unique_ptr<Environment> table_;
  std::optional<ColdWriter> cold_;  // until all is copied
  std::optional<RecordKey> next_;   // to be copied; none: the first one
  Line line_;
  Environment::Changes changes_;  // of keys that were copied before
  bool taken_ = false;
};

// Where the table says that its cold blocks lie; none: it has none.
std::optional<ColdReference> cold_reference(const Environment& environment);

struct ColdShare {
  std::uint64_t closed_turns = 0;  // in the table, of conversations that have been closed since then
  std::uint64_t cold_turns = 0;    // in the cold segment
};
// What a compaction would move, and what it would copy for that. Reads all sessions; counts turns that were
// forgotten too.
ColdShare cold_share(const Environment& environment, Timestamp closed_before);

}  // namespace antiphon::context_store
