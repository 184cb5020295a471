#include "context_store/recall.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "context_store/storage/environment.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/posting.h"
#include "context_store/storage/store_fault.h"
#include "context_store/storage/vector_code.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kSpreadFrom = 150;         // best turns by words whose neighbours are looked at
constexpr std::size_t kFeedbackTurns = 3;        // best turns that lend their words
constexpr std::size_t kFeedbackTerms = 8;        // words that they lend
constexpr std::size_t kPostingsPerCheck = 4096;  // between two looks at the clock
constexpr std::size_t kSessionBest = 3;          // turns that speak for their session
constexpr std::size_t kLikeTurns = 100;          // turns that are nearest in meaning
constexpr std::size_t kLikeTurnsMax = 20'000;    // of more, only those with the query's words are compared

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

bool out_of_time(const RecallQuery& query) {
  return query.out_of_time && query.out_of_time();
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

void Recaller::clear() {
  for (const Ordinal turn : touched_) word_scores_[turn] = 0;
  touched_.clear();
  candidates_.clear();
}

Recaller::Asked Recaller::understand(const UserGraph& graph, const RecallQuery& query) const {
  Asked asked;
  const std::vector<Word> words = words_in(query.text);
  asked.words = terms_of(words);
  std::unordered_set<std::uint64_t> names;
  for (const Word& word : words) {
    if (!query.use_graph || is_stop_word(word.lower)) continue;
    const Result<Entity> entity = graph.entity(as_name(word.lower));
    const NodeId node{NodeKind::kEntity, entity ? entity->ordinal : 0};
    if (!entity || !speaks(graph, node)) continue;
    asked.speakers.insert(node);
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
    if (word_scores_.size() <= turns) word_scores_.resize(turns + 1);
    const Asked asked = understand(graph, query);
    recall_facts(graph, asked.words, query, &recall);
    recall.complete = score_words(graph, asked.terms, query);
    if (recall.complete && query.use_graph) recall.complete = add_feedback(graph, asked.words, query);
    if (recall.complete && !query.direction.empty()) recall.complete = add_likeness(graph, query);
    const std::size_t count =
        std::max(kSpreadFrom, static_cast<std::size_t>(std::max(query.turns_max, 0)) * 2);
    for (const Ordinal turn : best_turns(count)) candidate(turn).score = word_scores_[turn];
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
      if (posting.document >= word_scores_.size()) continue;
      float& score = word_scores_[posting.document];
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

std::vector<Ordinal> Recaller::best_turns(std::size_t count) {
  const auto better = [this](Ordinal left, Ordinal right) {
    return std::pair(word_scores_[left], left) > std::pair(word_scores_[right], right);
  };
  std::vector<Ordinal>
      best;  // a heap with the worst of them in front: most turns end at the first comparison
  for (const Ordinal turn : touched_) {
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
  for (const Ordinal ordinal : best_turns(kFeedbackTurns)) {
    const Result<Turn> turn = graph.turn(ordinal);
    if (!turn) continue;
    const TermList terms = terms_of(turn->text);
    for (const Term& term : terms.terms) {
      lent[term.stem] += word_scores_[ordinal] * static_cast<float>(term.count) /
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
    found.words = word_scores_[turn];
    found.score = found.words;
  }
  return found;
}

// To the turns beside it.
void Recaller::pass_on(const UserGraph& graph, Candidate& from) {
  const NodeId node{NodeKind::kTurn, from.turn};
  const float words = from.words;
  Ordinal after = 0;
  Ordinal before = 0;
  visit_edges(graph, Record::kForward, node, [&](const ListedEdge& edge) {
    if (edge.type == EdgeType::kInSession) from.session = edge.other.ordinal;
    if (edge.type == EdgeType::kSpokenBy) from.speaker = edge.other;
    if (edge.type == EdgeType::kNext) after = edge.other.ordinal;
  });
  visit_edges(graph, Record::kReverse, node, [&](const ListedEdge& edge) {
    if (edge.type == EdgeType::kNext) before = edge.other.ordinal;
  });
  const Ordinal session = from.session;  // candidate() below may move `from`
  const auto pass = [&](Ordinal turn, float weight) {
    if (turn == 0 || turn >= word_scores_.size()) return;
    Candidate& to = candidate(turn);
    to.score += weight * words;
    to.session = session;
  };
  pass(after, weights_.previous);
  pass(before, weights_.next);
}

void Recaller::add_sessions() {
  std::unordered_map<Ordinal, std::vector<float>> scores;
  for (const auto& [turn, found] : candidates_) {
    if (found.words > 0) scores[found.session].push_back(found.words);
  }
  std::unordered_map<Ordinal, float> best;
  for (auto& [session, words] : scores) {
    std::ranges::sort(words, std::greater<>());
    words.resize(std::min(words.size(), kSessionBest));
    for (const float score : words) best[session] += score / static_cast<float>(kSessionBest);
  }
  for (auto& [turn, found] : candidates_) found.score += weights_.session * best[found.session];
}

void Recaller::add_speakers(const UserGraph& graph, const Asked& asked) {
  if (asked.speakers.empty()) return;
  float best = 0;
  for (const auto& [turn, found] : candidates_) best = std::max(best, found.words);
  for (auto& [turn, found] : candidates_) {
    if (found.speaker.ordinal == 0) {
      visit_edges(graph, Record::kForward, {NodeKind::kTurn, turn}, [&](const ListedEdge& edge) {
        if (edge.type == EdgeType::kSpokenBy) found.speaker = edge.other;
      });
    }
    if (asked.speakers.contains(found.speaker)) found.score += weights_.speaker * best;
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

// To the words' scores, as a share of the best: so what is like the query passes evidence on as well. False
// if time ran out.
bool Recaller::add_likeness(const UserGraph& graph, const RecallQuery& query) {
  std::vector<std::pair<float, Ordinal>> like;
  std::size_t until_check = 256;
  const auto look_at = [&](Ordinal turn, std::string_view encoded) {
    const float cosine = likeness(encoded, query.direction);
    if (cosine > 0 && turn < word_scores_.size()) like.emplace_back(cosine, turn);
    if (--until_check > 0) return true;
    until_check = 256;
    return !out_of_time(query);
  };
  if (word_scores_.size() <= kLikeTurnsMax) {
    const RecordKey first(graph.user(), Record::kVector, 0);
    Cursor cursor(graph.transaction());
    bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
    for (; more && cursor.key().user() == graph.user() && cursor.key().record() == Record::kVector;
         more = cursor.next()) {
      if (!look_at(cursor.key().node_id().ordinal, cursor.payload())) return false;
    }
  } else {
    for (const Ordinal turn : best_turns(kSpreadFrom)) {
      const RecordKey key = node_key(graph.user(), Record::kVector, NodeKind::kTurn, turn);
      const auto payload = graph.transaction().payload(key);
      if (payload && !look_at(turn, *payload)) return false;
    }
  }
  const std::size_t count = std::min(like.size(), kLikeTurns);
  std::ranges::partial_sort(like, like.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
  like.resize(count);
  float best = 0;
  for (const Ordinal turn : touched_) best = std::max(best, word_scores_[turn]);
  if (best == 0) best = 1;  // no word of the query was ever said
  for (const auto& [cosine, turn] : like) {
    if (word_scores_[turn] == 0) touched_.push_back(turn);
    word_scores_[turn] += weights_.likeness * best * cosine;
  }
  return true;
}

void Recaller::collect(const UserGraph& graph, const RecallQuery& query, Recall* recall) {
  std::vector<std::pair<float, Ordinal>> ranked;
  for (const auto& [turn, found] : candidates_) ranked.emplace_back(found.score, turn);
  std::ranges::sort(ranked, std::greater<>());
  for (const auto& [score, ordinal] : ranked) {
    if (recall->turns.size() >= static_cast<std::size_t>(std::max(query.turns_max, 0))) break;
    Result<Turn> turn = graph.turn(ordinal);
    if (!turn && turn.error().kind == StoreError::Kind::kCorrupt) {
      throw StoreFault(turn.error().kind, turn.error().what);
    }
    if (turn && turn->at <= query.now) recall->turns.push_back({std::move(*turn), score});
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
    Result<Fact> fact = graph.fact(ordinal);
    if (!fact) throw StoreFault(fact.error().kind, fact.error().what);
    if (holds(*fact, query.now, kForever)) recall->facts.push_back({std::move(*fact), score});
  }
}

}  // namespace antiphon::context_store
