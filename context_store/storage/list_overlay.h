#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "context_store/storage/block.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/packed_list.h"

namespace antiphon::context_store {

// Changes to packed lists that wait for their commit. A block is unpacked once for all turns of a group
// commit, and written once.
//
// Owner: one Batch. Functions throw StoreFault.
template <typename Entry>
class ListOverlay {
 public:
  explicit ListOverlay(const WriteTransaction& transaction) : transaction_(transaction) {}

  // Behind the entries of the same order.
  void insert(const RecordKey& list, const Entry& entry) {
    auto at = floor(list, entry.order());
    if (at == chunks_.end()) {
      at = chunks_.emplace(list.with_chunk(entry.order()), Chunk{}).first;
      at->second.stored_until = first_stored(list);
    }
    Chunk& chunk = at->second;
    const bool last = chunk.payload.empty() || chunk.last.order() <= entry.order();
    if (last) {
      pack(chunk.payload, entry, chunk.last);
      chunk.last = entry;
      if (chunk.entries) chunk.entries->push_back(entry);
    } else {
      std::vector<Entry>& entries = unpack(chunk);
      const auto behind = [](Ordinal order, const Entry& other) { return order < other.order(); };
      entries.insert(std::upper_bound(entries.begin(), entries.end(), entry.order(), behind), entry);
      repack(chunk);
    }
    chunk.changed = true;
    if (chunk.payload.size() + kChecksumBytes > kBlockBytesMax) split(at, last);
  }

  // Changes or erases the entries of one order: change(entry) -> false erases. Returns how many were erased.
  template <typename Change>
  std::size_t change(const RecordKey& list, Ordinal order, Change&& change) {
    const auto at = floor(list, order);
    if (at == chunks_.end()) return 0;
    Chunk& chunk = at->second;
    std::vector<Entry>& entries = unpack(chunk);
    const std::size_t before = entries.size();
    std::erase_if(entries, [&](Entry& entry) { return entry.order() == order && !change(entry); });
    repack(chunk);
    chunk.changed = true;
    return before - entries.size();
  }

  // The whole list as it is now.
  std::vector<Entry> entries(const RecordKey& list) {
    load_all(list);
    std::vector<Entry> all;
    for_chunks(list, [&](Chunk& chunk) {
      const std::vector<Entry>& entries = unpack(chunk);
      all.insert(all.end(), entries.begin(), entries.end());
    });
    return all;
  }

  bool empty(const RecordKey& list) {
    bool any = false;
    for_chunks(list, [&](const Chunk& chunk) { any |= !chunk.payload.empty(); });
    bool more = cursor().seek(list.bytes().substr(0, RecordKey::kListBytes));
    for (; !any && more && cursor().key().same_list(list); more = cursor().next()) {
      any = !chunks_.contains(cursor().key());
    }
    return !any;
  }

  void clear(const RecordKey& list) {
    load_all(list);
    for_chunks(list, [](Chunk& chunk) {
      chunk.entries.emplace();
      repack(chunk);
      chunk.changed = true;
    });
  }

  // Writes what changed, in the order of the keys. account(key, bytes_before, bytes_after): of values.
  template <typename Account>
  void flush(WriteTransaction& transaction, Account&& account) {
    cursor_.reset();
    for (const auto& [key, chunk] : chunks_) {
      if (!chunk.changed) continue;
      if (chunk.payload.empty()) {
        transaction.erase(key);
        account(key, chunk.stored_bytes, std::size_t{0});
      } else {
        const std::string block = seal(key, chunk.payload);
        transaction.put(key, block);
        account(key, chunk.stored_bytes, block.size());
      }
    }
    chunks_.clear();
  }

 private:
  struct Chunk {
    std::string payload;                        // as it will be stored
    Entry last;                                 // of the entries; the first of all if there is none
    std::optional<std::vector<Entry>> entries;  // none: nobody has asked; lists mostly grow at their end
    std::size_t stored_bytes = 0;               // of the block in the store; 0: there is none
    // The next block of the list in the store, which has none between this one and that: an order below it
    // belongs here or to a chunk that was split off here.
    std::uint64_t stored_until = kNoMore;
    bool changed = false;
  };
  static constexpr std::uint64_t kNoMore = std::uint64_t{1} << 32;
  using Chunks = std::map<RecordKey, Chunk>;

  static std::vector<Entry>& unpack(Chunk& chunk) {
    if (!chunk.entries) chunk.entries = unpacked<Entry>(chunk.payload);
    return *chunk.entries;
  }
  static void repack(Chunk& chunk) {
    chunk.payload = packed(*chunk.entries);
    chunk.last = chunk.entries->empty() ? Entry() : chunk.entries->back();
  }

  Cursor& cursor() {
    if (!cursor_) cursor_.emplace(transaction_);
    return *cursor_;
  }

  std::uint64_t first_stored(const RecordKey& list) {
    const bool any = cursor().seek(list.bytes().substr(0, RecordKey::kListBytes));
    return any && cursor().key().same_list(list) ? cursor().key().chunk() : kNoMore;
  }

  // Unpacks the block that the cursor is at, and moves the cursor on.
  typename Chunks::iterator load_here() {
    const RecordKey key = cursor().key();
    Chunk chunk;
    const std::string_view payload = cursor().payload();
    chunk.payload = payload;
    unpack_each<Entry>(payload, [&](const Entry& entry) { chunk.last = entry; });
    chunk.stored_bytes = cursor().block_bytes();
    if (cursor().next() && cursor().key().same_list(key)) chunk.stored_until = cursor().key().chunk();
    return chunks_.emplace(key, std::move(chunk)).first;
  }

  // The chunk that `order` belongs to, loaded; end() if it would be the first of the list.
  typename Chunks::iterator floor(const RecordKey& list, Ordinal order) {
    const RecordKey key = list.with_chunk(order);
    auto here = chunks_.upper_bound(key);
    bool found_here = false;
    if (here != chunks_.begin()) {
      --here;
      found_here = here->first.same_list(list);
    }
    if (found_here && order < here->second.stored_until) return here;
    if (!cursor().floor(key) || !cursor().key().same_list(list)) return found_here ? here : chunks_.end();
    if (found_here && !(here->first < cursor().key())) return here;
    return load_here();
  }

  void load_all(const RecordKey& list) {
    const std::string_view prefix = list.bytes().substr(0, RecordKey::kListBytes);
    std::vector<RecordKey> missing;
    for (bool more = cursor().seek(prefix); more && cursor().key().same_list(list); more = cursor().next()) {
      if (!chunks_.contains(cursor().key())) missing.push_back(cursor().key());
    }
    for (const RecordKey& key : missing) {
      if (cursor().seek(key.bytes())) load_here();
    }
  }

  template <typename Visitor>
  void for_chunks(const RecordKey& list, Visitor&& visit) {
    for (auto at = chunks_.lower_bound(list.with_chunk(0)); at != chunks_.end() && at->first.same_list(list);
         ++at) {
      visit(at->second);
    }
  }

  // Entries of one order stay together. A list that grows at its end keeps its blocks full.
  void split(typename Chunks::iterator at, bool at_end) {
    std::vector<Entry>& entries = unpack(at->second);
    const std::size_t wanted = at_end ? entries.size() - 1 : entries.size() / 2;
    const auto order_there = entries[wanted].order();
    const auto order = [](const Entry& entry) { return entry.order(); };
    auto cut = std::ranges::lower_bound(entries, order_there, {}, order);
    if (cut == entries.begin()) cut = std::ranges::upper_bound(entries, order_there, {}, order);
    if (cut == entries.end()) return;  // all of one turn: the block grows
    Chunk rest;
    rest.entries.emplace(cut, entries.end());
    repack(rest);
    rest.changed = true;
    rest.stored_until = at->second.stored_until;
    entries.erase(cut, entries.end());
    repack(at->second);
    const RecordKey key = at->first.with_chunk(rest.entries->front().order());
    chunks_.emplace(key, std::move(rest));
  }

  const WriteTransaction& transaction_;
  std::optional<Cursor> cursor_;  // closed before the transaction's end
  Chunks chunks_;
};

}  // namespace antiphon::context_store
