#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "context_store/storage/environment.h"
#include "context_store/storage/list_overlay.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/posting.h"
#include "context_store/storage/records.h"

namespace antiphon::context_store {

// All changes of one group commit, kept unpacked until flush() and counted by user and kind of record.
//
// Owner: the thread that commits. Functions throw StoreFault.
class Batch {
 public:
  explicit Batch(WriteTransaction& transaction);

  // Single blocks, by payload.
  std::optional<std::string_view> payload(const RecordKey& key);  // valid until the key's next change
  void put(const RecordKey& key, std::string payload);
  void erase(const RecordKey& key);

  // The number that a name has within a list of names (by hash; colliding names take the next chunk).
  std::optional<std::uint32_t> number_of(UserKey user, Record names, std::string_view name);
  void put_number(UserKey user, Record names, std::string_view name, std::uint32_t number);
  void erase_name(UserKey user, Record names, std::string_view name);

  UserState& state(UserKey user);  // valid until flush() or erase_user()
  ListOverlay<ListedEdge>& edges() { return edges_; }
  ListOverlay<Posting>& postings() { return postings_; }

  // Deletes every block below the user's prefix.
  void erase_user(UserKey user);

  // Brings all changes into the transaction.
  void flush();

 private:
  struct Single {
    std::optional<std::string> payload;
    std::size_t stored_bytes = 0;  // of the block in the store; 0: there is none
    bool changed = false;
  };
  Single& single(const RecordKey& key);
  auto reader() {
    return [this](const RecordKey& key) { return payload(key); };
  }
  void account(const RecordKey& key, std::size_t before, std::size_t after);

  WriteTransaction& transaction_;
  std::map<RecordKey, Single> singles_;
  ListOverlay<ListedEdge> edges_;
  ListOverlay<Posting> postings_;
  std::map<UserKey, UserState> states_;
};

}  // namespace antiphon::context_store
