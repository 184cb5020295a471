#include "context_store/storage/batch.h"

#include <cassert>
#include <vector>

#include "context_store/storage/block.h"
#include "context_store/storage/names.h"

namespace antiphon::context_store {

Batch::Batch(WriteTransaction& transaction)
    : transaction_(transaction), edges_(transaction), postings_(transaction) {}

Batch::Single& Batch::single(const RecordKey& key) {
  const auto [at, is_new] = singles_.try_emplace(key);
  if (!is_new) return at->second;
  if (const auto payload = transaction_.payload(key)) {
    at->second.payload = std::string(*payload);
    at->second.stored_bytes = kChecksumBytes + payload->size();
  }
  return at->second;
}

std::optional<std::string_view> Batch::payload(const RecordKey& key) {
  const Single& found = single(key);
  if (!found.payload) return std::nullopt;
  return *found.payload;
}

void Batch::put(const RecordKey& key, std::string payload) {
  Single& found = single(key);
  found.payload = std::move(payload);
  found.changed = true;
}

void Batch::erase(const RecordKey& key) {
  Single& found = single(key);
  found.payload.reset();
  found.changed = true;
}

std::optional<std::uint32_t> Batch::number_of(UserKey user, Record names, std::string_view name) {
  return find_name(user, names, name, reader()).number;
}

void Batch::put_number(UserKey user, Record names, std::string_view name, std::uint32_t number) {
  put(find_name(user, names, name, reader()).key, encode(NameEntry{number, std::string(name)}));
}

void Batch::erase_name(UserKey user, Record names, std::string_view name) {
  const NamePlace place = find_name(user, names, name, reader());
  if (place.number) erase(place.key);
}

UserState& Batch::state(UserKey user) {
  const auto [at, is_new] = states_.try_emplace(user);
  if (is_new) {
    if (const auto stored = transaction_.payload(RecordKey(user, Record::kUserState, 0))) {
      at->second = decode_state(*stored);
    }
  }
  return at->second;
}

void Batch::erase_user(UserKey user) {
  flush();
  std::vector<RecordKey> keys;
  {
    const RecordKey any(user, Record::kUserState, 0);
    const std::string_view prefix = any.bytes().substr(0, RecordKey::kUserBytes);
    Cursor cursor(transaction_);
    for (bool more = cursor.seek(prefix); more && cursor.key().user() == user; more = cursor.next()) {
      keys.push_back(cursor.key());
    }
  }
  for (const RecordKey& key : keys) transaction_.erase(key);
}

void Batch::account(const RecordKey& key, std::size_t before, std::size_t after) {
  if (key.user().user == 0) return;  // the store's own
  std::uint64_t& bytes = state(key.user()).block_bytes[static_cast<std::size_t>(key.record())];
  if (before > 0) bytes -= before + RecordKey::kBytes;
  if (after > 0) bytes += after + RecordKey::kBytes;
}

void Batch::flush() {
  const auto counted = [this](const RecordKey& key, std::size_t before, std::size_t after) {
    account(key, before, after);
  };
  for (const auto& [key, found] : singles_) {
    if (!found.changed) continue;
    if (found.payload) {
      const std::string block = seal(key, *found.payload);
      transaction_.put(key, block);
      account(key, found.stored_bytes, block.size());
    } else {
      transaction_.erase(key);
      account(key, found.stored_bytes, 0);
    }
  }
  singles_.clear();
  edges_.flush(transaction_, counted);
  postings_.flush(transaction_, counted);
  for (const auto& [user, state] : states_) {
    const RecordKey key(user, Record::kUserState, 0);
    transaction_.put(key, seal(key, encode(state)));
  }
  states_.clear();
}

}  // namespace antiphon::context_store
