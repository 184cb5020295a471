#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/read_snapshot.h"
#include "context_store/result.h"
#include "context_store/storage/posting.h"
#include "context_store/text/terms.h"

namespace antiphon::context_store {

// How much each kind of evidence counts, in units of the words' own score (BM25). Chosen on the five
// development conversations of LoCoMo; tests/bench/locomo_bench.cpp says what choices are worth on a
// conversation left out.
struct RecallWeights {
  float k1 = 0.9F;        // BM25: how soon repetition stops counting
  float b = 0.4F;         // BM25: how much longer turns are held back
  float answer = 0.6F;    // of the turn before, if it asks: an answer follows its question
  float next = 0.15F;     // of the turn behind
  float session = 1.1F;   // of the session's best turns
  float speaker = 0.25F;  // the query names who said it, as a share of the best evidence
  float asks = 0.15F;     // taken from a turn that asks, which tells little; a share likewise
  float address = 0.6F;   // of a speaker's name as a word: turns with it are mostly said to them, not by them
  float feedback = 0.1F;  // words of the best turns (pseudo-relevance feedback)
  float likeness = 1.5F;  // of meaning, where both have a direction, as a share of the best words' score
};

struct RecallQuery {
  std::string_view text;
  Timestamp now;  // what was said later, or holds no longer, is left out
  int turns_max = 10;
  int facts_max = 5;
  std::span<const float> direction = {};   // of the text's meaning; empty: by words and graph alone
  std::function<bool()> out_of_time = {};  // asked now and then; true: the best so far is the answer
  bool use_graph = true;                   // false: by words alone
};

struct RecalledTurn {
  Turn turn;
  float score = 0;
  float likeness = 0;  // of the turn's meaning and the query's, up to 1; 0: one of them has no direction
};

struct RecalledFact {
  Fact fact;  // names its source turn
  float score = 0;
};

struct Recall {
  std::vector<RecalledTurn> turns;  // best first
  std::vector<RecalledFact> facts;  // likewise
  bool complete = true;             // false: time ran out
};

// Finds what was said before that bears on a text: Okapi BM25 (Robertson and Zaragoza 2009) over the stems of
// turns and facts, and the likeness of directions, then evidence passed along the graph's edges.
//
// Owner:  one thread.
// Memory: four bytes for each turn of the largest user so far, and the postings of a word; kept for the next
// call. Time:   grows with the postings of the query's words: about 1 ms over 100,000 turns.
class Recaller {
 public:
  explicit Recaller(const RecallWeights& weights = {}) : weights_(weights) {}

  Result<Recall> recall(const UserGraph& graph, const RecallQuery& query);

 private:
  struct Candidate {
    Ordinal turn = 0;
    Ordinal session = 0;
    NodeId speaker;
    float evidence = 0;  // its own: words and likeness
    float score = 0;     // with what others passed on
  };

  struct AskedTerm {
    std::uint64_t stem = 0;
    float weight = 1;
  };
  struct Asked {
    TermList words;
    std::vector<AskedTerm> terms;
    std::unordered_set<NodeId> speakers;  // that it names
  };

  Asked understand(const UserGraph& graph, const RecallQuery& query) const;
  bool score_words(const UserGraph& graph, const std::vector<AskedTerm>& terms, const RecallQuery& query);
  // Those with the most evidence, best first.
  std::vector<Ordinal> best_of(std::span<const Ordinal> turns, std::size_t count) const;
  bool add_feedback(const UserGraph& graph, const TermList& asked, const RecallQuery& query);
  bool spread(const UserGraph& graph, const Asked& asked, const RecallQuery& query);
  Candidate& candidate(Ordinal turn);
  void pass_on(const UserGraph& graph, Candidate& from);
  void add_sessions();
  void add_speakers(const UserGraph& graph, const Asked& asked);
  bool add_likeness(const UserGraph& graph, const RecallQuery& query, std::vector<Ordinal>* turns);
  void collect(const UserGraph& graph, const RecallQuery& query, Recall* recall);
  void recall_facts(const UserGraph& graph, const TermList& asked, const RecallQuery& query, Recall* recall);
  void clear();

  const RecallWeights weights_;
  std::vector<float> evidence_;   // by turn; zero between calls
  std::vector<Ordinal> touched_;  // turns whose evidence is not zero
  float best_evidence_ = 0;
  std::unordered_map<Ordinal, Candidate> candidates_;
  std::vector<Posting> postings_;  // of the word being scored
};

}  // namespace antiphon::context_store
