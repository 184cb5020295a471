// The half of GraphWriter that takes things away.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "context_store/storage/fact_slot.h"
#include "context_store/storage/graph_writer.h"

namespace antiphon::context_store {

void GraphWriter::close_edges(NodeId from, Timestamp valid_to) {
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kForward, from))) {
    if (edge.type != EdgeType::kAbout) continue;
    const auto close = [&](NodeId there) {
      return [&, there](ListedEdge& listed) {
        if (listed.other == there && listed.type == edge.type) listed.valid_to = valid_to;
        return true;
      };
    };
    batch_.edges().change(list(Record::kForward, from), edge.source_turn, close(edge.other));
    batch_.edges().change(list(Record::kReverse, edge.other), edge.source_turn, close(from));
  }
}

void GraphWriter::unlink_all(NodeId node) {
  const auto lists = {std::pair(Record::kForward, Record::kReverse),
                      std::pair(Record::kReverse, Record::kForward)};
  for (const auto& [mine, theirs] : lists) {
    const std::vector<ListedEdge> edges = batch_.edges().entries(list(mine, node));
    batch_.edges().clear(list(mine, node));
    state().edges -= edges.size();
    for (const ListedEdge& edge : edges) {
      batch_.edges().change(list(theirs, edge.other), edge.source_turn, [&](const ListedEdge& listed) {
        return listed.other != node || listed.type != edge.type;
      });
      // What a turn left elsewhere needs no entry any more once that place is gone.
      if (mine == Record::kForward) {
        const RecordKey provenance = list(Record::kProvenance, {NodeKind::kTurn, edge.source_turn});
        batch_.edges().change(provenance, edge.source_turn,
                              [&](const ListedEdge& listed) { return listed.other != node; });
      }
    }
    for (const ListedEdge& edge : edges) drop_unused_entity(edge.other);
  }
}

void GraphWriter::unlink_source(NodeId node, Ordinal source_turn) {
  std::vector<ListedEdge> gone;
  batch_.edges().change(list(Record::kForward, node), source_turn, [&](const ListedEdge& listed) {
    gone.push_back(listed);
    return false;
  });
  state().edges -= gone.size();
  for (const ListedEdge& edge : gone) {
    batch_.edges().change(list(Record::kReverse, edge.other), source_turn, [&](const ListedEdge& listed) {
      return listed.other != node || listed.type != edge.type;
    });
    drop_unused_entity(edge.other);
  }
  drop_unused_entity(node);
}

void GraphWriter::drop_unused_entity(NodeId node) {
  if (node.kind != NodeKind::kEntity || !exists(node)) return;
  if (!batch_.edges().empty(list(Record::kReverse, node))) return;
  if (!batch_.edges().empty(list(Record::kForward, node))) return;
  const Entity entity = decode_entity(node.ordinal, *batch_.payload(list(Record::kEntity, node)));
  batch_.erase_name(user_, Record::kEntityName, entity.name);
  erase_node(Record::kEntity, node);
}

// The facts of the same relation, oldest first, and where that is stored.
std::vector<Ordinal> GraphWriter::slot_of(const Fact& fact, RecordKey* key) {
  for (const bool only_one : {true, false}) {
    *key = fact_slot_key(user_, fact, only_one);
    const auto payload = batch_.payload(*key);
    if (!payload) continue;
    std::vector<Ordinal> facts = decode_slot(*payload);
    if (std::ranges::find(facts, fact.ordinal) != facts.end()) return facts;
  }
  return {fact.ordinal};
}

void GraphWriter::forget_fact_of(Fact found, Ordinal turn) {
  const NodeId node{NodeKind::kFact, found.ordinal};
  const std::vector<ListedEdge> edges = batch_.edges().entries(list(Record::kForward, node));
  const auto heir = std::ranges::find_if(edges, [&](const ListedEdge& edge) {
    return edge.type == EdgeType::kAbout && edge.other == found.subject && edge.source_turn != turn;
  });
  if (heir == edges.end()) return forget_fact(found);
  unlink_source(node, turn);
  found.source_turn = heir->source_turn;
  found.valid_from = std::min(heir->valid_from, found.valid_to);
  found.recorded = heir->recorded;
  put_fact(found);
  if (const NodeId object = entity_node(found.object); object != found.subject) {
    link({EdgeType::kAbout, node, object, heir->valid_from, heir->valid_to, heir->recorded,
          heir->source_turn});
  }
  RecordKey slot({}, Record::kFactSlot, 0);
  const std::vector<Ordinal> facts = slot_of(found, &slot);
  const auto at = std::ranges::find(facts, found.ordinal);
  if (at != facts.begin()) end_fact(*(at - 1), found);
}

void GraphWriter::forget_fact(const Fact& gone) {
  RecordKey slot({}, Record::kFactSlot, 0);
  std::vector<Ordinal> facts = slot_of(gone, &slot);
  const auto at = std::ranges::find(facts, gone.ordinal);
  const Ordinal before = at == facts.begin() ? 0 : *(at - 1);  // 0: none, ordinals begin with 1
  const Ordinal after = at + 1 == facts.end() ? 0 : *(at + 1);
  facts.erase(at);
  facts.empty() ? batch_.erase(slot) : batch_.put(slot, encode(facts));
  if (before != 0) {
    // The one before holds again, until the one after.
    Fact again = *fact(before);
    again.valid_to = again.end_recorded = kForever;
    put_fact(again);
    close_edges({NodeKind::kFact, before}, kForever);
    if (after != 0) end_fact(before, *fact(after));
  }
  const TermList terms = terms_of_fact(gone);
  erase_postings(Record::kFactPostings, terms, gone.ordinal);
  state().fact_words -= terms.length;
  erase_node(Record::kFact, {NodeKind::kFact, gone.ordinal});
  unlink_all({NodeKind::kFact, gone.ordinal});
}

bool GraphWriter::forget_turn(Ordinal ordinal) {
  const NodeId node{NodeKind::kTurn, ordinal};
  const auto payload = batch_.payload(list(Record::kTurn, node));
  if (!payload) return false;
  const Turn turn = decode_turn(ordinal, *payload);

  std::optional<NodeId> before;
  std::optional<Edge> after;
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kReverse, node))) {
    if (edge.type == EdgeType::kNext) before = edge.other;
  }
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kForward, node))) {
    if (edge.type == EdgeType::kNext) after = forward_edge(node, edge);
  }
  const RecordKey provenance = list(Record::kProvenance, node);
  const std::vector<ListedEdge> elsewhere = batch_.edges().entries(provenance);
  batch_.edges().clear(provenance);
  for (const ListedEdge& edge : elsewhere) {
    if (edge.other.kind == NodeKind::kFact) {
      const std::optional<Fact> found = fact(edge.other.ordinal);
      if (found && found->source_turn == ordinal) forget_fact_of(*found, ordinal);
    }
    unlink_source(edge.other, ordinal);
  }
  unlink_all(node);
  erase_node(Record::kTurn, node);
  batch_.erase(list(Record::kVector, node));
  if (after)
    batch_.erase(list(Record::kVector, after->to));  // it was made of these words too: see meaning_of()
  const TermList terms = terms_of_turn(turn.text, turn.hint, turn.at);
  erase_postings(Record::kPostings, terms, ordinal);
  state().turn_words -= terms.length;

  const RecordKey session_key = list(Record::kSession, {NodeKind::kSession, turn.session});
  Session session = decode_session(turn.session, *batch_.payload(session_key));
  if (--session.turns == 0) {
    batch_.erase_name(user_, Record::kSessionName, session.name);
    erase_node(Record::kSession, {NodeKind::kSession, session.ordinal});
    unlink_all({NodeKind::kSession, session.ordinal});
    return true;
  }
  if (session.first_turn == ordinal) session.first_turn = after->to.ordinal;
  if (session.last_turn == ordinal) session.last_turn = before->ordinal;
  put_session(session);
  if (before && after) {
    after->from = *before;
    link(*after);
  }
  return true;
}

bool GraphWriter::forget_session(std::string_view name) {
  const auto number = batch_.number_of(user_, Record::kSessionName, name);
  if (!number) return false;
  const RecordKey turns = list(Record::kReverse, {NodeKind::kSession, *number});
  for (const ListedEdge& edge : batch_.edges().entries(turns)) {
    if (edge.type == EdgeType::kInSession) forget_turn(edge.other.ordinal);
  }
  return true;
}

bool GraphWriter::merge_entities(Ordinal from_ordinal, Ordinal into_ordinal) {
  const NodeId from{NodeKind::kEntity, from_ordinal};
  const NodeId into{NodeKind::kEntity, into_ordinal};
  if (from == into || !exists(from) || !exists(into)) return false;
  std::vector<Edge> moved;
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kForward, from))) {
    moved.push_back(forward_edge(into, edge));
  }
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kReverse, from))) {
    moved.push_back(reverse_edge(into, edge));
  }
  // First the new edges: who is reached by nothing else must not be taken for unused.
  for (const Edge& edge : moved) {
    if (edge.from != edge.to) link(edge);
  }
  unlink_all(from);
  drop_unused_entity(from);
  for (const Edge& edge : moved) {
    if (edge.type == EdgeType::kSpokenBy) change_speaker(edge.from.ordinal, into);
    if (edge.type == EdgeType::kAbout && edge.from.kind == NodeKind::kFact) {
      change_subject(edge.from.ordinal, from, into);
    }
  }
  return true;
}

void GraphWriter::change_speaker(Ordinal ordinal, NodeId speaker) {
  const RecordKey key = list(Record::kTurn, {NodeKind::kTurn, ordinal});
  Turn turn = decode_turn(ordinal, *batch_.payload(key));
  turn.speaker = speaker;
  batch_.put(key, encode(turn));
}

// Of a fact, if it is about `from`: it takes its place in time among those of `into`.
void GraphWriter::change_subject(Ordinal ordinal, NodeId from, NodeId into) {
  std::optional<Fact> moved = fact(ordinal);
  if (!moved || moved->subject != from) return;
  RecordKey slot({}, Record::kFactSlot, 0);
  std::vector<Ordinal> facts = slot_of(*moved, &slot);
  const bool only_one = slot == fact_slot_key(user_, *moved, true);
  std::erase(facts, ordinal);
  facts.empty() ? batch_.erase(slot) : batch_.put(slot, encode(facts));

  moved->subject = into;
  put_fact(*moved);
  slot = fact_slot_key(user_, *moved, only_one);
  facts.clear();
  if (const auto payload = batch_.payload(slot)) facts = decode_slot(*payload);
  const auto at = facts.insert(std::ranges::upper_bound(facts, ordinal), ordinal);
  batch_.put(slot, encode(facts));
  if (at != facts.begin()) supersede_anew(*(at - 1), *moved);
  if (at + 1 != facts.end()) supersede_anew(ordinal, *fact(*(at + 1)));
}

void GraphWriter::supersede_anew(Ordinal old, const Fact& by) {
  const NodeId node{NodeKind::kFact, old};
  for (const ListedEdge& edge : batch_.edges().entries(list(Record::kReverse, node))) {
    if (edge.type != EdgeType::kSupersedes) continue;
    const auto is_it = [&](NodeId there) {
      return [there](const ListedEdge& listed) {
        return listed.type != EdgeType::kSupersedes || listed.other != there;
      };
    };
    batch_.edges().change(list(Record::kReverse, node), edge.source_turn, is_it(edge.other));
    batch_.edges().change(list(Record::kForward, edge.other), edge.source_turn, is_it(node));
    --state().edges;
  }
  end_fact(old, by);
}

}  // namespace antiphon::context_store
