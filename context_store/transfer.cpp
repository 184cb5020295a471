#include "context_store/transfer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "context_store/storage/environment.h"
#include "context_store/storage/fact_slot.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

NewTurn as_new(const UserGraph& graph, const Turn& turn) {
  const std::string speaker =
      turn.speaker == kUserNode ? std::string(kUserSpeaker) : must(graph.entity(turn.speaker.ordinal)).name;
  return {must(graph.session(turn.session)).name, speaker, turn.at, turn.text, turn.hint, turn.recorded};
}

// Thrown where the visitor stops.
struct Stopped {};

// Writes out one user's graph.
class Exporter {
 public:
  using Visitor = std::function<bool(const ExportedRecord&)>;
  Exporter(const UserGraph& graph, const Visitor& visit) : graph_(graph), visit_(visit) {}

  void run(const UserPath& user) {
    give(ExportedUser{user, graph_.state().last_ordinal});
    each_node(Record::kSession,
              [&](Ordinal ordinal, std::string_view payload) { give(decode_session(ordinal, payload)); });
    each_node(Record::kEntity,
              [&](Ordinal ordinal, std::string_view payload) { give(decode_entity(ordinal, payload)); });
    each_node(Record::kTurn,
              [&](Ordinal ordinal, std::string_view payload) { give(decode_turn(ordinal, payload)); });
    each_node(Record::kVector, [&](Ordinal ordinal, std::string_view payload) {
      give(ExportedVector{ordinal, {payload.begin(), payload.end()}});
    });
    each_node(Record::kFact,
              [&](Ordinal ordinal, std::string_view payload) { give_fact(decode_fact(ordinal, payload)); });
    each(Record::kForward, [&](const RecordKey& key, std::string_view payload) {
      unpack_each<ListedEdge>(
          payload, [&](const ListedEdge& listed) { give_edge(forward_edge(key.node_id(), listed)); });
    });
  }

 private:
  void give(const ExportedRecord& record) const {
    if (!visit_(record)) throw Stopped();
  }

  void give_fact(const Fact& fact) const {
    const auto payload = graph_.transaction().payload(fact_slot_key(graph_.user(), fact, true));
    const std::vector<Ordinal> slot = payload ? decode_slot(*payload) : std::vector<Ordinal>();
    give(ExportedFact{fact, std::ranges::find(slot, fact.ordinal) != slot.end()});
  }

  // The others follow from their turns.
  void give_edge(const Edge& edge) const {
    if (edge.type == EdgeType::kMentions || edge.type == EdgeType::kAbout ||
        edge.type == EdgeType::kSupersedes) {
      give(edge);
    }
  }

  // visit(key, payload), in the order of the keys.
  template <typename Visit>
  void each(Record record, Visit&& visit) const {
    const RecordKey first(graph_.user(), record, 0);
    Cursor cursor(graph_.transaction());
    bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
    for (; more && cursor.key().user() == graph_.user() && cursor.key().record() == record;
         more = cursor.next()) {
      visit(cursor.key(), cursor.payload());
    }
  }
  template <typename Visit>
  void each_node(Record record, Visit&& visit) const {
    each(record,
         [&](const RecordKey& key, std::string_view payload) { visit(key.node_id().ordinal, payload); });
  }

  const UserGraph& graph_;
  const Visitor& visit_;
};

}  // namespace

Status export_graph(const ReadSnapshot& snapshot, const std::function<bool(const ExportedRecord&)>& visit) {
  return guarded<std::monostate>([&] {
    try {
      for (const UserPath& user : must(snapshot.users())) {
        Exporter(must(snapshot.graph(user)), visit).run(user);
      }
    } catch (const Stopped&) {  // the visitor refused more
    }
    return std::monostate();
  });
}

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
