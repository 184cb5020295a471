#include "context_store/storage/graph_writer.h"

#include <algorithm>
#include <string>

#include "context_store/storage/fact_slot.h"
#include "context_store/storage/vector_code.h"

namespace antiphon::context_store {
namespace {

std::size_t index(NodeKind kind) {
  return static_cast<std::size_t>(kind);
}

Record record_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::kSession:
      return Record::kSession;
    case NodeKind::kTurn:
      return Record::kTurn;
    case NodeKind::kEntity:
      return Record::kEntity;
    default:
      return Record::kFact;
  }
}

}  // namespace

NodeId GraphWriter::new_node(NodeKind kind) {
  ++state().nodes[index(kind)];
  return {kind, ++state().last_ordinal[index(kind)]};
}

void GraphWriter::erase_node(Record record, NodeId node) {
  batch_.erase(list(record, node));
  --state().nodes[index(node.kind)];
}

bool GraphWriter::exists(NodeId node) {
  if (node.kind == NodeKind::kUser) return node == kUserNode;
  return batch_.payload(list(record_of(node.kind), node)).has_value();
}

NodeId GraphWriter::speaker_node(std::string_view speaker) {
  return speaker == kUserSpeaker ? kUserNode : entity_node(speaker);
}

NodeId GraphWriter::entity_node(std::string_view name) {
  if (const auto number = batch_.number_of(user_, Record::kEntityName, name)) {
    return {NodeKind::kEntity, *number};
  }
  const NodeId node = new_node(NodeKind::kEntity);
  batch_.put_number(user_, Record::kEntityName, name, node.ordinal);
  batch_.put(list(Record::kEntity, node), encode(Entity{node.ordinal, std::string(name)}));
  return node;
}

Session GraphWriter::session_of(const NewTurn& turn) {
  if (const auto number = batch_.number_of(user_, Record::kSessionName, turn.session)) {
    return decode_session(*number, *batch_.payload(list(Record::kSession, {NodeKind::kSession, *number})));
  }
  const NodeId node = new_node(NodeKind::kSession);
  batch_.put_number(user_, Record::kSessionName, turn.session, node.ordinal);
  return {node.ordinal, turn.session, 0, 0, 0, turn.at};
}

void GraphWriter::put_session(const Session& session) {
  batch_.put(list(Record::kSession, {NodeKind::kSession, session.ordinal}), encode(session));
}

void GraphWriter::link(const Edge& edge) {
  batch_.edges().insert(list(Record::kForward, edge.from), listed_forward(edge));
  batch_.edges().insert(list(Record::kReverse, edge.to), listed_reverse(edge));
  ++state().edges;
  const NodeId source{NodeKind::kTurn, edge.source_turn};
  if (edge.from == source || edge.to == source) return;
  // Neither end leads to the turn that the edge came from: a list of its own does, once for each node.
  const RecordKey provenance = list(Record::kProvenance, source);
  bool known = false;
  batch_.edges().change(provenance, edge.source_turn, [&](const ListedEdge& listed) {
    known |= listed.other == edge.from;
    return true;
  });
  if (known) return;
  ListedEdge entry = listed_reverse(edge);
  entry.valid_from = entry.recorded;
  entry.valid_to = kForever;
  batch_.edges().insert(provenance, entry);
}

bool GraphWriter::add_edge(Edge edge) {
  if (!exists(edge.from) || !exists(edge.to) || !exists({NodeKind::kTurn, edge.source_turn})) return false;
  edge.recorded = now_;
  link(edge);
  return true;
}

void GraphWriter::add_postings(Record record, const TermList& terms, Ordinal document) {
  const std::uint32_t length = std::min(terms.length, Posting::kLengthMax);
  for (const Term& term : terms.terms) {
    batch_.postings().insert({user_, record, term.stem},
                             {document, std::min(term.count, Posting::kCountMax), length});
  }
}

void GraphWriter::erase_postings(Record record, const TermList& terms, Ordinal document) {
  for (const Term& term : terms.terms) {
    batch_.postings().change({user_, record, term.stem}, document, [](const Posting&) { return false; });
  }
}

// With its session, its speaker and the turn before it; `session`: as it was before.
void GraphWriter::link_turn(const Turn& turn, const Session& session) {
  const NodeId node{NodeKind::kTurn, turn.ordinal};
  const auto edge = [&](EdgeType type, NodeId from, NodeId to) {
    link({type, from, to, turn.at, kForever, turn.recorded, turn.ordinal});
  };
  edge(EdgeType::kInSession, node, {NodeKind::kSession, session.ordinal});
  edge(EdgeType::kSpokenBy, node, turn.speaker);
  if (session.last_turn != 0) edge(EdgeType::kNext, {NodeKind::kTurn, session.last_turn}, node);
  Session longer = session;
  if (longer.first_turn == 0) longer.first_turn = turn.ordinal;
  longer.last_turn = turn.ordinal;
  ++longer.turns;
  put_session(longer);
}

Ordinal GraphWriter::append_turn(const PreparedTurn& prepared) {
  const NewTurn& said = prepared.turn;
  const Timestamp recorded = said.recorded.value_or(now_);
  const Session session = session_of(said);
  const NodeId node = new_node(NodeKind::kTurn);
  const NodeId speaker = speaker_node(said.speaker);
  const Turn turn{node.ordinal, session.ordinal, speaker, said.at, recorded, said.text, said.hint};
  batch_.put(list(Record::kTurn, node), encode(turn));

  link_turn(turn, session);
  for (const std::string& name : prepared.names) {
    link({EdgeType::kMentions, node, entity_node(name), said.at, kForever, recorded, node.ordinal});
  }

  add_postings(Record::kPostings, prepared.terms, node.ordinal);
  state().turn_words += prepared.terms.length;
  for (const Statement& statement : prepared.statements) add_fact(speaker, statement, turn);
  return node.ordinal;
}

std::optional<Fact> GraphWriter::fact(Ordinal ordinal) {
  const auto payload = batch_.payload(list(Record::kFact, {NodeKind::kFact, ordinal}));
  if (!payload) return std::nullopt;
  return decode_fact(ordinal, *payload);
}

void GraphWriter::put_fact(const Fact& fact) {
  batch_.put(list(Record::kFact, {NodeKind::kFact, fact.ordinal}), encode(fact));
}

void GraphWriter::end_fact(Ordinal old, const Fact& by) {
  Fact ended = *fact(old);
  ended.valid_to = std::max(by.valid_from, ended.valid_from);
  ended.end_recorded = by.recorded;
  put_fact(ended);
  close_edges({NodeKind::kFact, old}, ended.valid_to);
  link({EdgeType::kSupersedes,
        {NodeKind::kFact, by.ordinal},
        {NodeKind::kFact, old},
        by.valid_from,
        kForever,
        by.recorded,
        by.source_turn});
}

void GraphWriter::add_fact(NodeId subject, const Statement& statement, const Turn& turn) {
  Fact added{0,        subject,       statement.relation, statement.object, turn.at,
             kForever, turn.recorded, kForever,           turn.ordinal};
  // Both kinds of slot begin with what tells them apart, so a relation never mixes them.
  const RecordKey slot = fact_slot_key(user_, added, statement.only_one);
  std::vector<Ordinal> facts;
  if (const auto payload = batch_.payload(slot)) facts = decode_slot(*payload);
  if (!facts.empty() && fact(facts.back())->object == statement.object) {
    // Known already; this turn vouches for it too, should the first one be forgotten.
    link({EdgeType::kAbout,
          {NodeKind::kFact, facts.back()},
          subject,
          turn.at,
          kForever,
          turn.recorded,
          turn.ordinal});
    return;
  }
  added.ordinal = new_node(NodeKind::kFact).ordinal;
  const NodeId node{NodeKind::kFact, added.ordinal};
  put_fact(added);
  const auto about = [&](NodeId to) {
    link({EdgeType::kAbout, node, to, turn.at, kForever, turn.recorded, turn.ordinal});
  };
  about(subject);
  if (const NodeId object = entity_node(statement.object); object != subject) about(object);
  if (!facts.empty()) end_fact(facts.back(), added);
  facts.push_back(added.ordinal);
  batch_.put(slot, encode(facts));
  const TermList terms = terms_of_fact(added);
  add_postings(Record::kFactPostings, terms, added.ordinal);
  state().fact_words += terms.length;
}

bool GraphWriter::set_vector(Ordinal turn, std::span<const float> direction) {
  if (!exists({NodeKind::kTurn, turn})) return false;
  batch_.put(list(Record::kVector, {NodeKind::kTurn, turn}), encode_vector(direction));
  return true;
}

}  // namespace antiphon::context_store
