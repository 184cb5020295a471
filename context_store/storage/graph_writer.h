#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "context_store/exported_graph.h"
#include "context_store/new_turn.h"
#include "context_store/storage/batch.h"

namespace antiphon::context_store {

// Changes one user's graph within a batch: nodes, both lists of each edge, postings and counts together, so
// that no half of a change is ever stored.
//
// Owner: the thread that commits. Functions throw StoreFault.
class GraphWriter {
 public:
  // `now`: the commit's time, recorded with what is written.
  GraphWriter(Batch& batch, UserKey user, Timestamp now) : batch_(batch), user_(user), now_(now) {}

  Ordinal append_turn(const PreparedTurn& prepared);

  // The rest is false if what it is about is not there.
  bool add_edge(Edge edge);
  bool forget_turn(Ordinal turn);  // and all that came from it
  bool forget_session(std::string_view name);
  bool merge_entities(Ordinal from, Ordinal into);
  bool set_vector(Ordinal turn, std::span<const float> direction);

  // Puts back what an export says, with the numbers that it had there: a session and an entity before what
  // names them, turns in their order, then facts, then edges. StoreFault kRefused names what cannot be.
  void restore(const ExportedUser& user);
  void restore(const Session& session);
  void restore(const Entity& entity);
  void restore(const Turn& turn);
  void restore(const ExportedVector& vector);
  void restore(const ExportedFact& fact);
  void restore(const Edge& edge);

 private:
  RecordKey list(Record record, NodeId node) const { return {user_, record, RecordKey::node_number(node)}; }
  UserState& state() { return batch_.state(user_); }
  NodeId new_node(NodeKind kind);
  void erase_node(Record record, NodeId node);
  bool exists(NodeId node);

  void restore_node(NodeId node);
  void restore_name(Record names, NodeId node, std::string_view name);
  bool is_speaker(NodeId node);
  NodeId speaker_node(std::string_view speaker);
  NodeId entity_node(std::string_view name);
  Session session_of(const NewTurn& turn);
  void put_session(const Session& session);

  void link(const Edge& edge);
  void close_edges(NodeId from, Timestamp valid_to);
  void unlink_all(NodeId node);
  void link_turn(const Turn& turn, const Session& session);
  void unlink_source(NodeId node, Ordinal source_turn);
  void drop_unused_entity(NodeId node);

  void add_postings(Record record, const TermList& terms, Ordinal document);
  void erase_postings(Record record, const TermList& terms, Ordinal document);

  void add_fact(NodeId subject, const Statement& statement, const Turn& turn);
  // Takes a fact away unless another turn vouches for it: then it is that one's.
  void forget_fact_of(Fact fact, Ordinal turn);
  void forget_fact(const Fact& gone);
  std::vector<Ordinal> slot_of(const Fact& fact, RecordKey* key);
  std::optional<Fact> fact(Ordinal ordinal);
  void put_fact(const Fact& fact);
  void end_fact(Ordinal old, const Fact& by);
  void supersede_anew(Ordinal old, const Fact& by);
  void change_speaker(Ordinal turn, NodeId speaker);
  void change_subject(Ordinal fact, NodeId from, NodeId into);

  Batch& batch_;
  const UserKey user_;
  const Timestamp now_;
};

}  // namespace antiphon::context_store
