#include "context_store/storage/records.h"

#include "context_store/storage/varint.h"

namespace antiphon::context_store {
namespace {

void put_time(std::string& bytes, Timestamp time) {
  // Forever is common and would take ten bytes.
  put_signed(bytes, time == kForever ? -1 : time.time_since_epoch().count());
}

Timestamp time_of(ByteReader& bytes) {
  const std::int64_t ms = bytes.signed_varint();
  return ms == -1 ? kForever : Timestamp(std::chrono::milliseconds(ms));
}

void put_node(std::string& bytes, NodeId node) {
  bytes.push_back(static_cast<char>(node.kind));
  put_varint(bytes, node.ordinal);
}

NodeId node_of(ByteReader& bytes) {
  const auto kind = static_cast<NodeKind>(bytes.byte());
  return {kind, bytes.small_varint()};
}

}  // namespace

std::string encode(const UserState& state) {
  std::string bytes;
  for (const Ordinal last : state.last_ordinal) put_varint(bytes, last);
  for (const std::uint32_t count : state.nodes) put_varint(bytes, count);
  put_varint(bytes, state.edges);
  put_varint(bytes, state.turn_words);
  put_varint(bytes, state.fact_words);
  for (const std::uint64_t size : state.block_bytes) put_varint(bytes, size);
  return bytes;
}

UserState decode_state(std::string_view bytes) {
  ByteReader reader(bytes);
  UserState state;
  for (Ordinal& last : state.last_ordinal) last = reader.small_varint();
  for (std::uint32_t& count : state.nodes) count = reader.small_varint();
  state.edges = reader.varint();
  state.turn_words = reader.varint();
  state.fact_words = reader.varint();
  for (std::uint64_t& size : state.block_bytes) size = reader.varint();
  return state;
}

std::string encode(const NameEntry& entry) {
  std::string bytes;
  put_varint(bytes, entry.number);
  put_text(bytes, entry.name);
  return bytes;
}

NameEntry decode_name(std::string_view bytes) {
  ByteReader reader(bytes);
  NameEntry entry;
  entry.number = reader.small_varint();
  entry.name = reader.text();
  return entry;
}

std::string encode(const Turn& turn) {
  std::string bytes;
  put_varint(bytes, turn.session);
  put_node(bytes, turn.speaker);
  put_time(bytes, turn.at);
  put_time(bytes, turn.recorded);
  put_text(bytes, turn.text);
  put_text(bytes, turn.hint);
  return bytes;
}

Turn decode_turn(Ordinal ordinal, std::string_view bytes) {
  ByteReader reader(bytes);
  Turn turn;
  turn.ordinal = ordinal;
  turn.session = reader.small_varint();
  turn.speaker = node_of(reader);
  turn.at = time_of(reader);
  turn.recorded = time_of(reader);
  turn.text = reader.text();
  turn.hint = reader.text();
  return turn;
}

std::string encode(const Session& session) {
  std::string bytes;
  put_text(bytes, session.name);
  put_varint(bytes, session.first_turn);
  put_varint(bytes, session.last_turn);
  put_varint(bytes, session.turns);
  put_time(bytes, session.started);
  return bytes;
}

Session decode_session(Ordinal ordinal, std::string_view bytes) {
  ByteReader reader(bytes);
  Session session;
  session.ordinal = ordinal;
  session.name = reader.text();
  session.first_turn = reader.small_varint();
  session.last_turn = reader.small_varint();
  session.turns = reader.small_varint();
  session.started = time_of(reader);
  return session;
}

std::string encode(const Entity& entity) {
  std::string bytes;
  put_text(bytes, entity.name);
  return bytes;
}

Entity decode_entity(Ordinal ordinal, std::string_view bytes) {
  ByteReader reader(bytes);
  return {ordinal, std::string(reader.text())};
}

std::string encode(const Fact& fact) {
  std::string bytes;
  put_node(bytes, fact.subject);
  put_text(bytes, fact.relation);
  put_text(bytes, fact.object);
  put_time(bytes, fact.valid_from);
  put_time(bytes, fact.valid_to);
  put_time(bytes, fact.recorded);
  put_time(bytes, fact.end_recorded);
  put_varint(bytes, fact.source_turn);
  return bytes;
}

Fact decode_fact(Ordinal ordinal, std::string_view bytes) {
  ByteReader reader(bytes);
  Fact fact;
  fact.ordinal = ordinal;
  fact.subject = node_of(reader);
  fact.relation = reader.text();
  fact.object = reader.text();
  fact.valid_from = time_of(reader);
  fact.valid_to = time_of(reader);
  fact.recorded = time_of(reader);
  fact.end_recorded = time_of(reader);
  fact.source_turn = reader.small_varint();
  return fact;
}

std::string encode(const std::vector<Ordinal>& slot) {
  std::string bytes;
  for (const Ordinal fact : slot) put_varint(bytes, fact);
  return bytes;
}

std::vector<Ordinal> decode_slot(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<Ordinal> slot;
  while (!reader.done()) slot.push_back(reader.small_varint());
  return slot;
}

}  // namespace antiphon::context_store
