#include "context_store/storage/listed_edge.h"

namespace antiphon::context_store {
namespace {

std::int64_t ms(Timestamp time) {
  return time.time_since_epoch().count();
}

Timestamp from_ms(std::int64_t value) {
  return Timestamp(std::chrono::milliseconds(value));
}

// Wraps instead of overflowing; the way back wraps likewise.
std::int64_t difference(std::int64_t left, std::int64_t right) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) - static_cast<std::uint64_t>(right));
}

std::int64_t sum(std::int64_t left, std::int64_t right) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) + static_cast<std::uint64_t>(right));
}

}  // namespace

void pack(std::string& bytes, const ListedEdge& entry, const ListedEdge& before) {
  const bool ends = entry.valid_to != kForever;
  put_varint(bytes,
             (static_cast<std::uint64_t>(entry.source_turn - before.source_turn) << 1) | (ends ? 1 : 0));
  bytes.push_back(
      static_cast<char>(static_cast<int>(entry.type) | (static_cast<int>(entry.other.kind) << 4)));
  put_signed(bytes, static_cast<std::int64_t>(entry.other.ordinal) - before.other.ordinal);
  put_signed(bytes, difference(ms(entry.recorded), ms(before.recorded)));
  put_signed(bytes, difference(ms(entry.valid_from), ms(entry.recorded)));
  if (ends) put_signed(bytes, difference(ms(entry.valid_to), ms(entry.valid_from)));
}

ListedEdge unpack(ByteReader& bytes, const ListedEdge& before) {
  ListedEdge entry;
  const std::uint64_t step = bytes.varint();
  entry.source_turn = static_cast<Ordinal>(before.source_turn + (step >> 1));
  const std::uint8_t kinds = bytes.byte();
  entry.type = static_cast<EdgeType>(kinds & 0xF);
  entry.other.kind = static_cast<NodeKind>(kinds >> 4);
  entry.other.ordinal = static_cast<Ordinal>(before.other.ordinal + bytes.signed_varint());
  const std::int64_t recorded = sum(ms(before.recorded), bytes.signed_varint());
  const std::int64_t valid_from = sum(recorded, bytes.signed_varint());
  entry.recorded = from_ms(recorded);
  entry.valid_from = from_ms(valid_from);
  if ((step & 1) != 0) entry.valid_to = from_ms(sum(valid_from, bytes.signed_varint()));
  return entry;
}

Edge forward_edge(NodeId node, const ListedEdge& listed) {
  return {listed.type,       node, listed.other, listed.valid_from, listed.valid_to, listed.recorded,
          listed.source_turn};
}

Edge reverse_edge(NodeId node, const ListedEdge& listed) {
  return {listed.type,     listed.other,      node, listed.valid_from, listed.valid_to,
          listed.recorded, listed.source_turn};
}

ListedEdge listed_forward(const Edge& edge) {
  return {edge.source_turn, edge.type, edge.to, edge.valid_from, edge.valid_to, edge.recorded};
}

ListedEdge listed_reverse(const Edge& edge) {
  return {edge.source_turn, edge.type, edge.from, edge.valid_from, edge.valid_to, edge.recorded};
}

}  // namespace antiphon::context_store
