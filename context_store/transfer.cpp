#include "context_store/transfer.h"

#include <string>
#include <utility>

#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) throw StoreFault(result.error().kind, result.error().what);
  return std::move(result).value();
}

NewTurn as_new(const UserGraph& graph, const Turn& turn) {
  const std::string speaker =
      turn.speaker == kUserNode ? std::string(kUserSpeaker) : must(graph.entity(turn.speaker.ordinal)).name;
  return {must(graph.session(turn.session)).name, speaker, turn.at, turn.text, turn.hint, turn.recorded};
}

}  // namespace

Status export_turns(const ReadSnapshot& snapshot, const std::function<bool(const ExportedTurn&)>& visit) {
  return guarded<std::monostate>([&] {
    for (const UserPath& user : must(snapshot.users())) {
      const UserGraph graph = must(snapshot.graph(user));
      const Ordinal last = graph.state().last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)];
      for (Ordinal ordinal = 1; ordinal <= last; ++ordinal) {
        const Result<Turn> turn = graph.turn(ordinal);
        if (!turn && turn.error().kind == StoreError::Kind::kNotFound) continue;  // forgotten
        if (!visit({user, as_new(graph, must(turn))})) return std::monostate();
      }
    }
    return std::monostate();
  });
}

}  // namespace antiphon::context_store
