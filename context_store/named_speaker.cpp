#include "context_store/named_speaker.h"

#include <string>

#include "context_store/storage/environment.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"

namespace antiphon::context_store {
namespace {

// True if an entity has said anything. Whoever speaks does so early.
bool speaks(const UserGraph& graph, NodeId entity) {
  constexpr int kEdgesLookedAt = 64;
  bool found = false;
  int looked_at = 0;
  Cursor cursor(graph.transaction());
  const RecordKey list(graph.user(), Record::kReverse, RecordKey::node_number(entity));
  visit_list<ListedEdge>(cursor, list, [&](const ListedEdge& edge) {
    found = edge.type == EdgeType::kSpokenBy;
    return !found && ++looked_at < kEdgesLookedAt;
  });
  return found;
}

// A name begins with a capital, however it was asked for.
std::string as_name(std::string word) {
  if (word.front() >= 'a' && word.front() <= 'z') word.front() = static_cast<char>(word.front() & ~0x20);
  return word;
}

}  // namespace

std::optional<NodeId> named_speaker(const UserGraph& graph, const Word& word) {
  if (is_stop_word(word.lower)) return std::nullopt;
  const Result<Entity> entity = graph.entity(as_name(word.lower));
  if (!entity) return std::nullopt;
  const NodeId node{NodeKind::kEntity, entity->ordinal};
  if (!speaks(graph, node)) return std::nullopt;
  return node;
}

}  // namespace antiphon::context_store
