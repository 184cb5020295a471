#include "context_store/storage/record_key.h"

#include <algorithm>
#include <cassert>

namespace antiphon::context_store {
namespace {

void put_big_endian(char* at, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) {
    at[i] = static_cast<char>(value);
    value >>= 8;
  }
}

std::uint64_t big_endian(const char* at, int bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value = (value << 8) | static_cast<std::uint8_t>(at[i]);
  return value;
}

}  // namespace

std::string_view name_of(Record record) {
  switch (record) {
    case Record::kFormat:
      return "format";
    case Record::kTenantName:
      return "tenant name";
    case Record::kUserName:
      return "user name";
    case Record::kCold:
      return "cold segment";
    case Record::kUserState:
      return "user state";
    case Record::kSessionName:
      return "session name";
    case Record::kSession:
      return "session";
    case Record::kTurn:
      return "turn";
    case Record::kEntityName:
      return "entity name";
    case Record::kEntity:
      return "entity";
    case Record::kFactSlot:
      return "fact slot";
    case Record::kFact:
      return "fact";
    case Record::kForward:
      return "forward edges";
    case Record::kReverse:
      return "reverse edges";
    case Record::kProvenance:
      return "provenance";
    case Record::kPostings:
      return "postings";
    case Record::kFactPostings:
      return "fact postings";
    case Record::kVector:
      return "vector";
  }
  return "unknown";
}

RecordKey::RecordKey(UserKey user, Record record, std::uint64_t node, std::uint32_t chunk) {
  put_big_endian(bytes_.data(), user.tenant, 4);
  put_big_endian(bytes_.data() + 4, user.user, 4);
  bytes_[8] = static_cast<char>(record);
  put_big_endian(bytes_.data() + 9, node, 8);
  put_big_endian(bytes_.data() + 17, chunk, 4);
}

RecordKey::RecordKey(std::string_view bytes) {
  assert(bytes.size() == kBytes);
  std::ranges::copy(bytes, bytes_.begin());
}

UserKey RecordKey::user() const {
  return {static_cast<std::uint32_t>(big_endian(bytes_.data(), 4)),
          static_cast<std::uint32_t>(big_endian(bytes_.data() + 4, 4))};
}

std::uint64_t RecordKey::node() const {
  return big_endian(bytes_.data() + 9, 8);
}

NodeId RecordKey::node_id() const {
  return {static_cast<NodeKind>(node() >> 56), static_cast<Ordinal>(node())};
}

std::uint32_t RecordKey::chunk() const {
  return static_cast<std::uint32_t>(big_endian(bytes_.data() + 17, 4));
}

RecordKey RecordKey::with_chunk(std::uint32_t chunk) const {
  RecordKey key = *this;
  put_big_endian(key.bytes_.data() + 17, chunk, 4);
  return key;
}

RecordKey RecordKey::before() const {
  RecordKey key = *this;
  for (auto byte = key.bytes_.rbegin(); byte != key.bytes_.rend() && (*byte)-- == 0; ++byte) {
  }
  return key;
}

std::string RecordKey::text() const {
  return std::string(name_of(record())) + " of tenant " + std::to_string(user().tenant) + ", user " +
         std::to_string(user().user) + ", node " + std::to_string(node()) + ", chunk " +
         std::to_string(chunk());
}

}  // namespace antiphon::context_store
