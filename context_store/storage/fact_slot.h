#pragma once

#include <string>

#include "context_store/storage/hash.h"
#include "context_store/storage/record_key.h"

namespace antiphon::context_store {

// Where the facts of a relation that supersede each other are listed, oldest first. `only_one`: of that
// relation one holds at a time; else each object has a slot of its own.
inline RecordKey fact_slot_key(UserKey user, const Fact& fact, bool only_one) {
  std::string slot = std::to_string(RecordKey::node_number(fact.subject)) + "\n" + fact.relation;
  if (!only_one) slot += "\n" + fact.object;
  return {user, Record::kFactSlot, hash64(slot)};
}

}  // namespace antiphon::context_store
