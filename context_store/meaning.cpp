#include "context_store/meaning.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

#include "context_store/named_speaker.h"
#include "context_store/on_graph.h"
#include "context_store/storage/environment.h"
#include "context_store/storage/store_fault.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {
namespace {

// The text without a name also lacks the comma and the space before it and the 's behind it.
std::string without_speakers(const UserGraph& graph, std::string_view text) {
  std::string rest;
  std::size_t kept = 0;  // bytes of the text that are dealt with
  bool after_name = false;
  for (const Word& word : words_in(text)) {
    const bool of_name = after_name && word.lower == "'s";
    after_name = !of_name && word.capital && named_speaker(graph, word).has_value();
    if (!of_name && !after_name) continue;
    std::string_view before = text.substr(kept, word.at - kept);
    before = before.substr(0, before.find_last_not_of(of_name ? " '\xE2\x80\x99" : " ,") + 1);
    rest += before;
    kept = word.at + word.bytes;
  }
  rest += text.substr(kept);
  return rest.substr(std::min(rest.find_first_not_of(" ,"), rest.size()));
}

std::string said(const UserGraph& graph, const Turn& turn) {
  std::string text = without_speakers(graph, turn.text);
  if (!turn.hint.empty()) text += " " + turn.hint;
  return text;
}

}  // namespace

Result<std::string> meaning_of(const UserGraph& graph, std::string_view text) {
  return guarded<std::string>([&] { return without_speakers(graph, text); });
}

Result<std::string> meaning_of(const UserGraph& graph, Ordinal ordinal) {
  return guarded<std::string>([&]() -> Result<std::string> {
    const Result<Turn> turn = graph.turn(ordinal);
    if (!turn) return turn.error();
    std::string text = said(graph, *turn);
    const Status visited =
        graph.visit_edges({NodeKind::kTurn, ordinal}, UserGraph::Direction::kReverse, [&](const Edge& edge) {
          if (edge.type != EdgeType::kNext) return true;
          if (const Result<Turn> before = graph.turn(edge.from.ordinal)) text += " " + said(graph, *before);
          return false;
        });
    if (!visited) return visited.error();
    return text;
  });
}

Result<TurnsWithoutVector> turns_without_vector(const UserGraph& graph, Ordinal first, std::size_t turns_max,
                                                std::size_t looked_at_max) {
  return guarded<TurnsWithoutVector>([&] {
    const Transaction& stored = graph.transaction();
    const auto has = [&](Record record, Ordinal turn) {
      return stored.contains(node_key(graph.user(), record, NodeKind::kTurn, turn));
    };
    const Ordinal last = graph.state().last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)];
    TurnsWithoutVector found;
    for (Ordinal turn = std::max(first, Ordinal{1}); turn <= last; ++turn) {
      if (found.turns.size() == turns_max || looked_at_max-- == 0) {
        found.after = turn;
        break;
      }
      if (!has(Record::kVector, turn) && has(Record::kTurn, turn)) found.turns.push_back(turn);
    }
    return found;
  });
}

Result<TurnsToEmbed> turns_to_embed(const ContextStore& store, const UserPath& user, Ordinal first,
                                    std::size_t turns_max, std::size_t looked_at_max, Timestamp now) {
  return on_graph(store, user, now, [&](const UserGraph& graph) -> Result<TurnsToEmbed> {
    Result<TurnsWithoutVector> found = turns_without_vector(graph, first, turns_max, looked_at_max);
    if (!found) return found.error();
    TurnsToEmbed batch{std::move(found->turns), {}, found->after};
    for (const Ordinal turn : batch.turns) {
      Result<std::string> text = meaning_of(graph, turn);
      if (!text) return text.error();
      batch.texts.push_back(std::move(text).value());
    }
    return batch;
  });
}

Status keep_directions(ContextStore& store, const UserPath& user, std::span<const Ordinal> turns,
                       std::span<const std::span<const float>> directions, Timestamp now) {
  assert(turns.size() == directions.size());
  auto grant = store.try_lease({user.path()}, "embed");
  auto* const leases = std::get_if<std::vector<WriteLease>>(&grant);
  if (leases == nullptr) return StoreError{StoreError::Kind::kRefused, "somebody else writes to this user"};
  WriteLease& lease = leases->front();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (Status kept = lease.set_vector(user, turns[i], directions[i]); !kept) return kept;
  }
  WriteLease* const pointers[] = {&lease};
  const auto receipts = store.commit(pointers, now);
  if (!receipts) return receipts.error();
  return std::monostate();
}

}  // namespace antiphon::context_store
