// LMDB in the room's own words: one file, one table, snapshots, and one writing transaction at a time; and
// below the table, if there is one, a segment of cold blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "context_store/storage/cold_segment.h"
#include "context_store/storage/record_key.h"

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace antiphon::context_store {

class Environment {
 public:
  enum class Mode : std::uint8_t { kWrite, kRead };
  // Opens a file, and makes it if the mode is kWrite. Throws std::runtime_error with one sentence.
  Environment(const std::filesystem::path& file, std::size_t map_bytes_max, Mode mode);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  MDB_env* handle() const { return env_; }
  unsigned table() const { return table_; }

  struct Pages {
    std::size_t bytes_each = 0;
    std::size_t in_use = 0;   // by the newest state
    std::size_t in_file = 0;  // the rest waits to be used again
  };
  Pages pages() const;

  // What lies below the table. REQUIRES: no transaction lives.
  void put_below(std::unique_ptr<const ColdSegment> cold) { cold_ = std::move(cold); }
  const ColdSegment* cold() const { return cold_.get(); }  // null: nothing

  // From now on the keys that a commit has changed are put here too; null: no longer. On the thread that
  // commits.
  using Changes = std::set<RecordKey>;
  void follow(Changes* changes) { followed_by_ = changes; }
  Changes* followed_by() const { return followed_by_; }

 private:
  MDB_env* env_ = nullptr;
  unsigned table_ = 0;
  std::unique_ptr<const ColdSegment> cold_;
  Changes* followed_by_ = nullptr;
};

// A consistent state of the store, or one that is being written. Values are valid until the transaction ends
// or, in a writing one, until the next change. All functions throw StoreFault.
//
// An empty block in the table says that a cold one is gone.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  bool contains(const RecordKey& key) const;
  std::optional<std::string_view> payload(const RecordKey& key) const;  // checked

 protected:
  Transaction(const Environment& environment, unsigned flags);
  ~Transaction();

  friend class Cursor;
  std::optional<std::string_view> in_table(const RecordKey& key) const;  // as stored

  MDB_txn* txn_ = nullptr;
  unsigned table_ = 0;
  const ColdSegment* cold_ = nullptr;
};

class ReadTransaction final : public Transaction {
 public:
  explicit ReadTransaction(const Environment& environment);
};

class WriteTransaction final : public Transaction {
 public:
  explicit WriteTransaction(const Environment& environment);

  void put(const RecordKey& key, std::string_view block);
  void append(const RecordKey& key, std::string_view block);  // REQUIRES: the greatest key so far
  void erase(const RecordKey& key);
  // Returns after the disk has it. Afterwards the transaction is over, whatever happened.
  void commit();

 private:
  void note(const RecordKey& key) {
    if (followed_by_ != nullptr) changed_.push_back(key);
  }

  Environment::Changes* followed_by_;
  std::vector<RecordKey> changed_;
};

// Walks in the order of the keys. Lifetime: within its transaction's.
class Cursor {
 public:
  explicit Cursor(const Transaction& transaction);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // Each is false if there is no such entry.
  bool seek(std::string_view key_prefix);  // the first entry at or behind it
  bool floor(const RecordKey& key);        // the last entry at or before it
  bool next();

  // REQUIRES: the last move was true.
  RecordKey key() const { return RecordKey(in_table_ ? table_key_ : cold_->key()); }
  std::string_view payload() const;  // checked
  // Bytes that the value takes in the table, or would take.
  std::size_t block_bytes() const;

 private:
  bool move(unsigned operation, std::string_view key);  // in the table
  bool settle();
  bool floor_in_table(const RecordKey& key);

  MDB_cursor* cursor_ = nullptr;
  std::string_view table_key_;  // where the table's cursor is; empty: behind its last entry
  std::string_view block_;
  std::optional<ColdSegment::Walk> cold_;  // none: there is no segment
  bool cold_has_more_ = false;
  bool in_table_ = true;  // where the entry is
};

}  // namespace antiphon::context_store
