// The single blocks of a user's graph, to and from bytes. decode_*() throw StoreFault kCorrupt.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/storage/record_key.h"

namespace antiphon::context_store {

// What is counted of one user's graph, and which ordinals come next.
struct UserState {
  std::array<Ordinal, kNodeKinds + 1> last_ordinal{};  // by NodeKind
  std::array<std::uint32_t, kNodeKinds + 1> nodes{};   // by NodeKind; without the user's own
  std::uint64_t edges = 0;
  std::uint64_t turn_words = 0;                          // of all turns that are searched
  std::uint64_t fact_words = 0;                          // likewise of facts
  std::array<std::uint64_t, kRecordsMax> block_bytes{};  // by Record: keys and values; without this block

  std::uint32_t count(NodeKind kind) const { return nodes[static_cast<std::size_t>(kind)]; }
  friend bool operator==(const UserState&, const UserState&) = default;
};

// A stored name that a hash led to.
struct NameEntry {
  std::uint32_t number = 0;
  std::string name;
};

std::string encode(const UserState& state);
UserState decode_state(std::string_view bytes);

std::string encode(const NameEntry& entry);
NameEntry decode_name(std::string_view bytes);

std::string encode(const Turn& turn);
Turn decode_turn(Ordinal ordinal, std::string_view bytes);

std::string encode(const Session& session);
Session decode_session(Ordinal ordinal, std::string_view bytes);

std::string encode(const Entity& entity);
Entity decode_entity(Ordinal ordinal, std::string_view bytes);

std::string encode(const Fact& fact);
Fact decode_fact(Ordinal ordinal, std::string_view bytes);

std::string encode(const std::vector<Ordinal>& slot);  // facts of one relation, oldest first
std::vector<Ordinal> decode_slot(std::string_view bytes);

inline RecordKey node_key(UserKey user, Record record, NodeKind kind, Ordinal ordinal) {
  return {user, record, RecordKey::node_number({kind, ordinal})};
}

}  // namespace antiphon::context_store
