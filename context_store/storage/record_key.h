#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "context_store/graph_types.h"

namespace antiphon::context_store {

// What a block holds. The numbers are stored.
enum class Record : std::uint8_t {
  kFormat = 1,        // of the whole store
  kTenantName = 2,    // hash of the name -> its number
  kUserName = 3,      // likewise, within a tenant
  kCold = 4,          // where the cold blocks lie
  kUserState = 10,    // next ordinals, counts, bytes
  kSessionName = 11,  // hash of the name -> ordinal
  kSession = 12,
  kTurn = 13,
  kEntityName = 14,
  kEntity = 15,
  kFactSlot = 16,  // hash of the relation -> its facts, oldest first
  kFact = 17,
  kForward = 18,       // adjacency: edges that leave a node
  kReverse = 19,       // adjacency: edges that reach a node
  kProvenance = 20,    // a turn -> nodes with edges that came from it, without its own
  kPostings = 21,      // hash of a word stem -> turns
  kFactPostings = 22,  // hash of a word stem -> facts
  kVector = 23,        // a turn's direction of meaning, int8
};
inline constexpr int kRecordsMax = 24;
std::string_view name_of(Record record);  // "turn", "forward edges"; "unknown" for any other number

// Numbers that stand for the names of a tenant and of a user of it. Tenant 0 and user 0 are the store's own.
struct UserKey {
  std::uint32_t tenant = 0;
  std::uint32_t user = 0;

  friend constexpr auto operator<=>(const UserKey&, const UserKey&) = default;
};

// tenant | user | record | node | chunk, big-endian: byte order is the order of the numbers, so that a prefix
// is a permission path, a range to scan, and what "forget me" deletes.
class RecordKey {
 public:
  static constexpr std::size_t kBytes = 4 + 4 + 1 + 8 + 4;
  static constexpr std::size_t kUserBytes = 8;
  static constexpr std::size_t kRecordBytes = 9;
  static constexpr std::size_t kListBytes = 17;  // all but the chunk

  RecordKey(UserKey user, Record record, std::uint64_t node, std::uint32_t chunk = 0);
  // REQUIRES: kBytes bytes.
  explicit RecordKey(std::string_view bytes);

  static std::uint64_t node_number(NodeId id) {
    return (static_cast<std::uint64_t>(id.kind) << 56) | id.ordinal;
  }
  NodeId node_id() const;  // of a node's number

  UserKey user() const;
  Record record() const { return static_cast<Record>(bytes_[8]); }
  std::uint64_t node() const;
  std::uint32_t chunk() const;
  RecordKey with_chunk(std::uint32_t chunk) const;

  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
  // The key before this one in the order; this one is not the first of all.
  RecordKey before() const;
  bool same_list(const RecordKey& other) const {
    return bytes().substr(0, kListBytes) == other.bytes().substr(0, kListBytes);
  }
  std::string text() const;  // for error messages

  friend bool operator==(const RecordKey&, const RecordKey&) = default;
  friend bool operator<(const RecordKey& left, const RecordKey& right) {
    // As bytes() < bytes(), in three comparisons of words: maps of keys spend most of their time here.
    for (const std::size_t at : {std::size_t{0}, std::size_t{8}}) {
      const std::uint64_t one = left.word(at);
      const std::uint64_t other = right.word(at);
      if (one != other) return one < other;
    }
    return left.word(kBytes - 8) < right.word(kBytes - 8);
  }

 private:
  // Eight bytes as a number, the first one highest.
  std::uint64_t word(std::size_t at) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return __builtin_bswap64(value);
  }

  std::array<char, kBytes> bytes_{};
};

}  // namespace antiphon::context_store
