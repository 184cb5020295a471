#include "context_store/storage/environment.h"

#include <lmdb.h>

#include <cassert>
#include <stdexcept>
#include <string>

#include "context_store/storage/block.h"
#include "context_store/storage/file_permissions.h"
#include "context_store/storage/lmdb_values.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

constexpr unsigned kReadersMax = 512;

}  // namespace

Environment::Environment(const std::filesystem::path& file, std::size_t map_bytes_max, Mode mode) {
  const auto must = [&](int code) {
    if (code == MDB_SUCCESS) return;
    mdb_env_close(env_);
    throw std::runtime_error("cannot open '" + file.string() + "': " + mdb_strerror(code));
  };
  if (mdb_env_create(&env_) != MDB_SUCCESS) throw std::runtime_error("no memory for '" + file.string() + "'");
  must(mdb_env_set_mapsize(env_, map_bytes_max));
  must(mdb_env_set_maxreaders(env_, kReadersMax));
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | (mode == Mode::kRead ? MDB_RDONLY : 0U);
  must(mdb_env_open(env_, file.c_str(), flags, kFilePermissions));
  int dead = 0;
  must(mdb_reader_check(env_, &dead));  // a killed process leaves its places behind
  MDB_txn* txn = nullptr;
  must(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn));
  const int code = mdb_dbi_open(txn, nullptr, 0, &table_);
  mdb_txn_abort(txn);
  must(code);
}

Environment::~Environment() {
  mdb_env_close(env_);
}

Environment::Pages Environment::pages() const {
  MDB_stat stat{};
  MDB_envinfo info{};
  mdb_env_stat(env_, &stat);
  mdb_env_info(env_, &info);
  return {stat.ms_psize, stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages,
          info.me_last_pgno + 1};
}

Transaction::Transaction(const Environment& environment, unsigned flags)
    : table_(environment.table()), cold_(environment.cold()) {
  check(mdb_txn_begin(environment.handle(), nullptr, flags, &txn_), "begin a transaction");
}

Transaction::~Transaction() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

std::optional<std::string_view> Transaction::in_table(const RecordKey& key) const {
  MDB_val name = as_value(key.bytes());
  MDB_val value{};
  const int code = mdb_get(txn_, table_, &name, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  check(code, "read a block");
  return as_text(value);
}

bool Transaction::contains(const RecordKey& key) const {
  if (const auto block = in_table(key)) return !block->empty();
  return cold_ != nullptr && cold_->find(key).has_value();
}

std::optional<std::string_view> Transaction::payload(const RecordKey& key) const {
  const std::optional<std::string_view> block = in_table(key);
  if (!block) return cold_ != nullptr ? cold_->find(key) : std::nullopt;
  if (block->empty()) return std::nullopt;
  return unseal(key, *block);
}

ReadTransaction::ReadTransaction(const Environment& environment) : Transaction(environment, MDB_RDONLY) {}

WriteTransaction::WriteTransaction(const Environment& environment)
    : Transaction(environment, 0), followed_by_(environment.followed_by()) {}

void WriteTransaction::put(const RecordKey& key, std::string_view block) {
  MDB_val name = as_value(key.bytes());
  MDB_val value = as_value(block);
  check(mdb_put(txn_, table_, &name, &value, 0), "write a block");
  note(key);
}

void WriteTransaction::append(const RecordKey& key, std::string_view block) {
  MDB_val name = as_value(key.bytes());
  MDB_val value = as_value(block);
  check(mdb_put(txn_, table_, &name, &value, MDB_APPEND), "append a block");
  note(key);
}

void WriteTransaction::erase(const RecordKey& key) {
  if (cold_ != nullptr && cold_->find(key)) return put(key, "");
  MDB_val name = as_value(key.bytes());
  note(key);
  const int code = mdb_del(txn_, table_, &name, nullptr);
  if (code != MDB_NOTFOUND) check(code, "delete a block");
}

void WriteTransaction::commit() {
  assert(txn_ != nullptr);
  MDB_txn* txn = txn_;
  txn_ = nullptr;
  const int code = mdb_txn_commit(txn);
  if (code == MDB_MAP_FULL || code == MDB_TXN_FULL || code == ENOMEM) check(code, "commit");
  if (code == MDB_SUCCESS) {
    if (followed_by_ != nullptr) followed_by_->insert(changed_.begin(), changed_.end());
    return;
  }
  // Even a full disk: nobody can tell what a failed write or sync has left of the file.
  throw StoreFault(StoreError::Kind::kInputOutput, std::string("cannot commit: ") + mdb_strerror(code));
}

}  // namespace antiphon::context_store
