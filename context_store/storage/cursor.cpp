// Walks through the table and the cold segment at once: the smaller key first, and of equal ones the table's.
#include <lmdb.h>

#include "context_store/storage/block.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/lmdb_values.h"

namespace antiphon::context_store {
namespace {

std::string_view checked_key(std::string_view bytes) {
  if (bytes.size() == RecordKey::kBytes) return bytes;
  throw StoreFault(StoreError::Kind::kCorrupt, "a key has " + std::to_string(bytes.size()) + " bytes");
}

}  // namespace

Cursor::Cursor(const Transaction& transaction) {
  check(mdb_cursor_open(transaction.txn_, transaction.table_, &cursor_), "open a cursor");
  if (transaction.cold_ != nullptr) cold_.emplace(*transaction.cold_);
}

Cursor::~Cursor() {
  mdb_cursor_close(cursor_);
}

bool Cursor::move(unsigned operation, std::string_view key) {
  MDB_val name = as_value(key);
  MDB_val value{};
  const int code = mdb_cursor_get(cursor_, &name, &value, static_cast<MDB_cursor_op>(operation));
  if (code != MDB_NOTFOUND) check(code, "walk through the blocks");
  table_key_ = code == MDB_NOTFOUND ? std::string_view() : checked_key(as_text(name));
  block_ = code == MDB_NOTFOUND ? std::string_view() : as_text(value);
  return code != MDB_NOTFOUND;
}

// To the entry that is next of both, from where they are.
bool Cursor::settle() {
  while (!table_key_.empty() || cold_has_more_) {
    in_table_ = !table_key_.empty() && (!cold_has_more_ || table_key_ <= cold_->key());
    if (!in_table_) return true;
    if (cold_has_more_ && cold_->key() == table_key_) cold_has_more_ = cold_->next();  // it is hidden
    if (!block_.empty()) return true;
    move(MDB_NEXT, {});  // it is gone
  }
  return false;
}

bool Cursor::seek(std::string_view key_prefix) {
  const bool found = move(key_prefix.empty() ? MDB_FIRST : MDB_SET_RANGE, key_prefix);
  if (!cold_) return found;
  cold_has_more_ = cold_->seek(key_prefix);
  return settle();
}

bool Cursor::floor_in_table(const RecordKey& key) {
  if (!move(MDB_SET_RANGE, key.bytes())) return move(MDB_LAST, {});
  return table_key_ == key.bytes() || move(MDB_PREV, {});
}

bool Cursor::floor(const RecordKey& key) {
  if (!cold_) return floor_in_table(key);
  for (RecordKey most = key;;) {
    const bool in_table = floor_in_table(most);
    const bool in_cold = cold_->floor(most);
    if (!in_table && !in_cold) return false;
    const RecordKey found(in_table && (!in_cold || cold_->key() <= table_key_) ? table_key_ : cold_->key());
    const bool gone = in_table && table_key_ == found.bytes() && block_.empty();
    if (!gone) return seek(found.bytes());
    most = found.before();
  }
}

bool Cursor::next() {
  if (!cold_) return move(MDB_NEXT, {});
  if (in_table_) {
    move(MDB_NEXT, {});
  } else {
    cold_has_more_ = cold_->next();
  }
  return settle();
}

std::string_view Cursor::payload() const {
  return in_table_ ? unseal(key(), block_) : cold_->payload();
}

std::size_t Cursor::block_bytes() const {
  return in_table_ ? block_.size() : kChecksumBytes + cold_->payload().size();
}

}  // namespace antiphon::context_store
