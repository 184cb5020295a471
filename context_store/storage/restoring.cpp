// The part of GraphWriter that puts an exported graph back. What follows from a turn (its edges to session,
// speaker and neighbours, its postings) is made, not read, so that no file can make a graph that is not
// whole.
#include <algorithm>
#include <string>
#include <string_view>

#include "context_store/graph_names.h"
#include "context_store/storage/fact_slot.h"
#include "context_store/storage/graph_writer.h"

namespace antiphon::context_store {
namespace {

constexpr Ordinal kLastOrdinalMax = 100'000'000;  // recall keeps four bytes for each number of a turn

void demand(bool holds, NodeId node, const char* what) {
  if (!holds) throw StoreFault(StoreError::Kind::kRefused, text_of(node) + " " + what);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= NewTurn::kNameBytesMax;
}

}  // namespace

void GraphWriter::restore(const ExportedUser& user) {
  for (const Ordinal last : user.last_ordinal) {
    if (last <= kLastOrdinalMax) continue;
    throw StoreFault(StoreError::Kind::kRefused, "a user's last numbers are at most 100000000");
  }
  state().last_ordinal = user.last_ordinal;
  state().last_ordinal[static_cast<std::size_t>(NodeKind::kUser)] = kUserNode.ordinal;
}

// What any new node must be: within the numbers that were given away, and not there yet.
void GraphWriter::restore_node(NodeId node) {
  const Ordinal last = state().last_ordinal[static_cast<std::size_t>(node.kind)];
  demand(node.ordinal > 0 && node.ordinal <= last, node, "has a number beyond the user's last one");
  demand(!exists(node), node, "is there twice");
  ++state().nodes[static_cast<std::size_t>(node.kind)];
}

void GraphWriter::restore_name(Record names, NodeId node, std::string_view name) {
  restore_node(node);
  demand(is_name(name), node, "needs a name of 1 to 200 bytes");
  demand(!batch_.number_of(user_, names, name), node, "has another one's name");
  batch_.put_number(user_, names, name, node.ordinal);
}

void GraphWriter::restore(const Session& session) {
  restore_name(Record::kSessionName, {NodeKind::kSession, session.ordinal}, session.name);
  put_session({session.ordinal, session.name, 0, 0, 0, session.started});
}

void GraphWriter::restore(const Entity& entity) {
  const NodeId node{NodeKind::kEntity, entity.ordinal};
  restore_name(Record::kEntityName, node, entity.name);
  batch_.put(list(Record::kEntity, node), encode(entity));
}

void GraphWriter::restore(const Turn& turn) {
  const NodeId node{NodeKind::kTurn, turn.ordinal};
  restore_node(node);
  demand(turn.text.size() <= NewTurn::kTextBytesMax && turn.hint.size() <= NewTurn::kTextBytesMax, node,
         "has more than 256 KiB of text");
  demand(is_speaker(turn.speaker), node, "is spoken by nobody");
  const auto stored = batch_.payload(list(Record::kSession, {NodeKind::kSession, turn.session}));
  demand(stored.has_value(), node, "is in no session");
  const Session session = decode_session(turn.session, *stored);
  demand(session.last_turn < turn.ordinal, node, "comes after a later turn of its session");
  batch_.put(list(Record::kTurn, node), encode(turn));
  link_turn(turn, session);
  const TermList terms = terms_of_turn(turn.text, turn.hint, turn.at);
  add_postings(Record::kPostings, terms, turn.ordinal);
  state().turn_words += terms.length;
}

void GraphWriter::restore(const ExportedVector& vector) {
  const NodeId node{NodeKind::kTurn, vector.turn};
  demand(exists(node), node, "has a vector and is not there");
  demand(!vector.components.empty() && vector.components.size() <= 4096, node,
         "has a vector that does not have 1 to 4096 components");
  std::string bytes;
  for (const std::int8_t component : vector.components) bytes.push_back(static_cast<char>(component));
  batch_.put(list(Record::kVector, node), std::move(bytes));
}

void GraphWriter::restore(const ExportedFact& exported) {
  const Fact& fact = exported.fact;
  const NodeId node{NodeKind::kFact, fact.ordinal};
  restore_node(node);
  demand(is_speaker(fact.subject), node, "is about nobody");
  demand(exists({NodeKind::kTurn, fact.source_turn}), node, "comes from a turn that is not there");
  demand(fact.valid_from <= fact.valid_to, node, "ends before it begins");
  put_fact(fact);
  const RecordKey slot = fact_slot_key(user_, fact, exported.only_one);
  std::vector<Ordinal> facts;
  if (const auto payload = batch_.payload(slot)) facts = decode_slot(*payload);
  facts.insert(std::ranges::upper_bound(facts, fact.ordinal), fact.ordinal);
  batch_.put(slot, encode(facts));
  const TermList terms = terms_of_fact(fact);
  add_postings(Record::kFactPostings, terms, fact.ordinal);
  state().fact_words += terms.length;
}

void GraphWriter::restore(const Edge& edge) {
  const bool supersedes = edge.type == EdgeType::kSupersedes;
  demand(supersedes || edge.type == EdgeType::kMentions || edge.type == EdgeType::kAbout, edge.from,
         "has an edge of a type that follows from its turn");
  demand(!supersedes || (edge.from.kind == NodeKind::kFact && edge.to.kind == NodeKind::kFact), edge.from,
         "supersedes, and one of both is no fact");
  demand(exists(edge.from), edge.from, "has an edge and is not there");
  demand(exists(edge.to), edge.to, "has an edge and is not there");
  demand(exists({NodeKind::kTurn, edge.source_turn}), edge.from, "has an edge from a turn that is not there");
  link(edge);
}

bool GraphWriter::is_speaker(NodeId node) {
  return node == kUserNode || (node.kind == NodeKind::kEntity && exists(node));
}

}  // namespace antiphon::context_store
