#include "context_store/recall.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <utility>

#include "context_store/named_speaker.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/posting.h"
#include "context_store/storage/store_fault.h"
#include "context_store/storage/vector_code.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kSpreadFrom = 150;         // best turns by words whose neighbours are looked at
constexpr std::size_t kFeedbackTurns = 3;        // best turns that lend their words
constexpr std::size_t kFeedbackTerms = 8;        // words that they lend
constexpr std::size_t kPostingsPerCheck = 4096;  // between two looks at the clock
constexpr std::size_t kSessionBest = 3;          // turns that speak for their session
constexpr Ordinal kLikeTurns = 1024;             // newest turns that are compared with the query's meaning

void read_postings(const UserGraph& graph, Record record, std::uint64_t stem,
                   std::vector<Posting>& postings) {
  postings.clear();
  Cursor cursor(graph.transaction());
  visit_list<Posting>(cursor, {graph.user(), record, stem}, [&](const Posting& posting) {
    postings.push_back(posting);
    return true;
  });
}

// How telling a word is that occurs in `found` of `all` documents.
float rarity(std::size_t found, std::size_t all) {
  const auto with = static_cast<float>(found);
  const auto without = static_cast<float>(all - std::min(found, all));
  return std::log(1 + (without + 0.5F) / (with + 0.5F));
}

float word_score(const Posting& posting, float mean_length, const RecallWeights& weights) {
  const auto count = static_cast<float>(posting.count);
  const float length = static_cast<float>(posting.length) / std::max(mean_length, 1.0F);
  return count * (weights.k1 + 1) / (count + weights.k1 * (1 - weights.b + weights.b * length));
}

RecordKey vector_key(const UserGraph& graph, Ordinal turn) {
  return node_key(graph.user(), Record::kVector, NodeKind::kTurn, turn);
}

bool out_of_time(const RecallQuery& query) {
  return query.out_of_time && query.out_of_time();
}

// None: it is gone.
std::optional<Turn> turn_of(const UserGraph& graph, Ordinal ordinal) {
  Result<Turn> turn = graph.turn(ordinal);
  if (!turn && turn.error().kind != StoreError::Kind::kCorrupt) return std::nullopt;
  return must(std::move(turn));
}

template <typename Visitor>
void visit_edges(const UserGraph& graph, Record record, NodeId node, Visitor&& visit) {
  Cursor cursor(graph.transaction());
  visit_list<ListedEdge>(cursor, {graph.user(), record, RecordKey::node_number(node)},
                         [&](const ListedEdge& edge) {
                           visit(edge);
                           return true;
                         });
}

}  // namespace

void Recaller::clear() {
  for (const Ordinal turn : touched_) evidence_[turn] = 0;
  touched_.clear();
  candidates_.clear();
  best_evidence_ = 0;
}

Recaller::Asked Recaller::understand(const UserGraph& graph, const RecallQuery& query) const {
  Asked asked;
  const std::vector<Word> words = words_in(query.text);
  asked.words = terms_of(words);
  std::unordered_set<std::uint64_t> names;
  for (const Word& word : words) {
    const std::optional<NodeId> speaker = query.use_graph ? named_speaker(graph, word) : std::nullopt;
    if (!speaker) continue;
    asked.speakers.insert(*speaker);
    for (const Term& term : terms_of(word.lower).terms) names.insert(term.stem);
  }
  for (const Term& term : asked.words.terms) {
    asked.terms.push_back({term.stem, names.contains(term.stem) ? weights_.address : 1});
  }
  return asked;
}

Result<Recall> Recaller::recall(const UserGraph& graph, const RecallQuery& query) {
  clear();
  return guarded<Recall>([&] {
    Recall recall;
    const std::size_t turns = graph.state().last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)];
    if (evidence_.size() <= turns) evidence_.resize(turns + 1);
    const Asked asked = understand(graph, query);
    recall_facts(graph, asked.words, query, &recall);
    recall.complete = score_words(graph, asked.terms, query);
    if (recall.complete && query.use_graph) recall.complete = add_feedback(graph, asked.words, query);
    const std::size_t count =
        std::max(kSpreadFrom, static_cast<std::size_t>(std::max(query.turns_max, 0)) * 2);
    std::vector<Ordinal> best = best_of(touched_, count);
    if (recall.complete && !query.direction.empty()) {
      recall.complete = add_likeness(graph, query, &best);
      best = best_of(best, count);
    }
    best_evidence_ = best.empty() ? 0 : evidence_[best.front()];
    for (const Ordinal turn : best) candidate(turn);
    if (recall.complete && query.use_graph) recall.complete = spread(graph, asked, query);
    collect(graph, query, &recall);
    return recall;
  });
}

// False if time ran out.
bool Recaller::score_words(const UserGraph& graph, const std::vector<AskedTerm>& terms,
                           const RecallQuery& query) {
  const UserState& state = graph.state();
  const std::size_t turns = state.count(NodeKind::kTurn);
  const float mean =
      static_cast<float>(state.turn_words) / static_cast<float>(std::max<std::size_t>(turns, 1));
  for (const AskedTerm& term : terms) {
    read_postings(graph, Record::kPostings, term.stem, postings_);
    const float share = term.weight * rarity(postings_.size(), turns);
    std::size_t until_check = kPostingsPerCheck;
    for (const Posting& posting : postings_) {
      if (posting.document >= evidence_.size()) continue;
      float& score = evidence_[posting.document];
      if (score == 0) touched_.push_back(posting.document);
      score += share * word_score(posting, mean, weights_);
      if (--until_check > 0) continue;
      if (out_of_time(query)) return false;
      until_check = kPostingsPerCheck;
    }
    if (out_of_time(query)) return false;
  }
  return true;
}

std::vector<Ordinal> Recaller::best_of(std::span<const Ordinal> turns, std::size_t count) const {
  const auto better = [this](Ordinal left, Ordinal right) {
    return std::pair(evidence_[left], left) > std::pair(evidence_[right], right);
  };
  // A heap with the worst of them in front: most turns end at the first comparison.
  std::vector<Ordinal> best;
  for (const Ordinal turn : turns) {
    if (best.size() < count) {
      best.push_back(turn);
      std::ranges::push_heap(best, better);
    } else if (better(turn, best.front())) {
      std::ranges::pop_heap(best, better);
      best.back() = turn;
      std::ranges::push_heap(best, better);
    }
  }
  std::ranges::sort(best, better);
  return best;
}

bool Recaller::add_feedback(const UserGraph& graph, const TermList& asked, const RecallQuery& query) {
  if (weights_.feedback <= 0) return true;
  std::unordered_map<std::uint64_t, float> lent;
  for (const Ordinal ordinal : best_of(touched_, kFeedbackTurns)) {
    const Result<Turn> turn = graph.turn(ordinal);
    if (!turn) continue;
    const TermList terms = terms_of(turn->text);
    for (const Term& term : terms.terms) {
      lent[term.stem] += evidence_[ordinal] * static_cast<float>(term.count) /
                         static_cast<float>(std::max(terms.length, 1U));
    }
  }
  for (const Term& term : asked.terms) lent.erase(term.stem);
  std::vector<std::pair<float, std::uint64_t>> ranked;
  for (const auto& [stem, weight] : lent) ranked.emplace_back(weight, stem);
  std::ranges::sort(ranked, std::greater<>());
  ranked.resize(std::min(ranked.size(), kFeedbackTerms));
  std::vector<AskedTerm> terms;
  for (const auto& [weight, stem] : ranked) terms.push_back({stem, weights_.feedback});
  return score_words(graph, terms, query);
}

Recaller::Candidate& Recaller::candidate(Ordinal turn) {
  Candidate& found = candidates_[turn];
  if (found.turn == 0) {
    found.turn = turn;
    found.evidence = evidence_[turn];
    found.score = found.evidence;
  }
  return found;
}

// To the turns beside it.
void Recaller::pass_on(const UserGraph& graph, Candidate& from) {
  const NodeId node{NodeKind::kTurn, from.turn};
  const std::optional<Turn> turn = turn_of(graph, from.turn);
  if (!turn) return;
  from.session = turn->session;
  from.speaker = turn->speaker;
  const float evidence = from.evidence;  // candidate() below may move `from`
  const auto pass = [&](Record edges, float weight) {
    Ordinal beside = 0;
    visit_edges(graph, edges, node, [&](const ListedEdge& edge) {
      if (edge.type == EdgeType::kNext) beside = edge.other.ordinal;
    });
    if (beside == 0 || beside >= evidence_.size()) return;
    Candidate& to = candidate(beside);
    to.score += weight * evidence;
    to.session = turn->session;
  };
  if (is_question(turn->text)) pass(Record::kForward, weights_.answer);
  pass(Record::kReverse, weights_.next);
}

void Recaller::add_sessions() {
  std::unordered_map<Ordinal, std::vector<float>> scores;
  for (const auto& [turn, found] : candidates_) {
    if (found.evidence > 0) scores[found.session].push_back(found.evidence);
  }
  std::unordered_map<Ordinal, float> best;
  for (auto& [session, evidence] : scores) {
    std::ranges::sort(evidence, std::greater<>());
    evidence.resize(std::min(evidence.size(), kSessionBest));
    for (const float score : evidence) best[session] += score / static_cast<float>(kSessionBest);
  }
  for (auto& [turn, found] : candidates_) found.score += weights_.session * best[found.session];
}

void Recaller::add_speakers(const UserGraph& graph, const Asked& asked) {
  if (asked.speakers.empty()) return;
  for (auto& [ordinal, found] : candidates_) {
    if (found.speaker.ordinal == 0) {
      if (const Result<Turn> turn = graph.turn(ordinal)) found.speaker = turn->speaker;
    }
    if (asked.speakers.contains(found.speaker)) found.score += weights_.speaker * best_evidence_;
  }
}

bool Recaller::spread(const UserGraph& graph, const Asked& asked, const RecallQuery& query) {
  std::vector<Ordinal> from;
  for (const auto& [turn, found] : candidates_) from.push_back(turn);
  std::ranges::sort(from);  // neighbours share pages
  std::size_t until_check = 16;
  for (const Ordinal turn : from) {
    pass_on(graph, candidates_[turn]);
    if (--until_check > 0) continue;
    if (out_of_time(query)) return false;
    until_check = 16;
  }
  add_sessions();
  add_speakers(graph, asked);
  return true;
}

// To the words' scores, as a share of the best: so what is like the query passes evidence on as well. Looks
// at `turns`, which are the best by words, and at the newest ones, which join them. False if time ran out.
bool Recaller::add_likeness(const UserGraph& graph, const RecallQuery& query, std::vector<Ordinal>* turns) {
  const ComparedDirection direction(query.direction);
  const float best = turns->empty() ? 1 : evidence_[turns->front()];
  const auto look_at = [&](Ordinal turn, std::string_view encoded) {
    const float cosine = direction.likeness(encoded);
    if (cosine <= 0 || turn >= evidence_.size()) return;
    if (evidence_[turn] == 0) touched_.push_back(turn);
    evidence_[turn] += weights_.likeness * best * cosine;
  };
  const Ordinal last = graph.state().last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)];
  const Ordinal newest = last > kLikeTurns ? last - kLikeTurns : 0;  // it and those behind it
  for (const Ordinal turn : *turns) {
    if (turn >= newest) continue;
    if (const auto encoded = graph.transaction().payload(vector_key(graph, turn))) look_at(turn, *encoded);
  }
  if (out_of_time(query)) return false;
  Cursor cursor(graph.transaction());
  bool more = cursor.seek(vector_key(graph, newest).bytes());
  for (; more && cursor.key().user() == graph.user() && cursor.key().record() == Record::kVector;
       more = cursor.next()) {
    const Ordinal turn = cursor.key().node_id().ordinal;
    look_at(turn, cursor.payload());
    if (turn < evidence_.size() && evidence_[turn] > 0) turns->push_back(turn);
  }
  std::ranges::sort(*turns);
  turns->erase(std::ranges::unique(*turns).begin(), turns->end());
  return !out_of_time(query);
}

// Of the best ones the text is read: one that asks counts less.
void Recaller::collect(const UserGraph& graph, const RecallQuery& query, Recall* recall) {
  std::vector<std::pair<float, Ordinal>> ranked;
  for (const auto& [turn, found] : candidates_) ranked.emplace_back(found.score, turn);
  std::ranges::sort(ranked, std::greater<>());
  const auto turns_max = static_cast<std::size_t>(std::max(query.turns_max, 0));
  const float less = query.use_graph ? weights_.asks * best_evidence_ : 0;
  std::vector<RecalledTurn>& turns = recall->turns;
  for (const auto& [score, ordinal] : ranked) {
    if (turns.size() >= 2 * turns_max) break;
    std::optional<Turn> turn = turn_of(graph, ordinal);
    if (!turn || turn->at > query.now) continue;
    const float asks = is_question(turn->text) ? less : 0;
    turns.push_back({std::move(*turn), score - asks, 0});
  }
  std::ranges::stable_sort(turns, std::greater<>(), &RecalledTurn::score);
  turns.resize(std::min(turns.size(), turns_max));
  if (query.direction.empty()) return;
  const ComparedDirection direction(query.direction);
  for (RecalledTurn& found : turns) {
    const auto encoded = graph.transaction().payload(vector_key(graph, found.turn.ordinal));
    if (encoded) found.likeness = direction.likeness(*encoded);
  }
}

void Recaller::recall_facts(const UserGraph& graph, const TermList& asked, const RecallQuery& query,
                            Recall* recall) {
  const UserState& state = graph.state();
  const std::size_t facts = state.count(NodeKind::kFact);
  const float mean =
      static_cast<float>(state.fact_words) / static_cast<float>(std::max<std::size_t>(facts, 1));
  std::unordered_map<Ordinal, float> scores;
  for (const Term& term : asked.terms) {
    read_postings(graph, Record::kFactPostings, term.stem, postings_);
    const float share = rarity(postings_.size(), facts);
    for (const Posting& posting : postings_) {
      scores[posting.document] += share * word_score(posting, mean, weights_);
    }
  }
  std::vector<std::pair<float, Ordinal>> ranked;
  for (const auto& [fact, score] : scores) ranked.emplace_back(score, fact);
  std::ranges::sort(ranked, std::greater<>());
  for (const auto& [score, ordinal] : ranked) {
    if (recall->facts.size() >= static_cast<std::size_t>(std::max(query.facts_max, 0))) break;
    Fact fact = must(graph.fact(ordinal));
    if (holds(fact, query.now, kForever)) recall->facts.push_back({std::move(fact), score});
  }
}

}  // namespace antiphon::context_store
