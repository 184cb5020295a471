#include "server/commands/turn_embedding.h"

#include <chrono>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "context_store/meaning.h"

namespace antiphon::server {
namespace {

using namespace context_store;

constexpr std::size_t kTurnsTogether = 64;  // in a commit; the network reads them in steps of its own
constexpr std::size_t kLookedAtMax = 4096;  // turns in one snapshot

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(result).value();
}

Timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::size_t embed_turns_of(ContextStore& store, const UserPath& user, const models::TextEmbedder& embedder) {
  std::size_t embedded = 0;
  for (std::optional<Ordinal> first = 1; first;) {
    TurnsToEmbed batch = must(turns_to_embed(store, user, *first, kTurnsTogether, kLookedAtMax, now()));
    first = batch.after;
    if (batch.texts.empty()) continue;
    const auto directions = embedder.embed(std::move(batch.texts)).run_to_end();
    const std::vector<std::span<const float>> spans(directions.begin(), directions.end());
    must(keep_directions(store, user, batch.turns, spans, now()));
    embedded += directions.size();
  }
  return embedded;
}

}  // namespace

std::size_t embed_turns(ContextStore& store, const Path& path, const models::TextEmbedder& embedder) {
  const std::vector<UserPath> users = must(must(store.snapshot(path, now())).users());
  std::size_t embedded = 0;
  for (const UserPath& user : users) embedded += embed_turns_of(store, user, embedder);
  return embedded;
}

std::vector<float> embed_query(const UserGraph& graph, std::string_view text,
                               const models::TextEmbedder& embedder) {
  const auto directions = embedder.embed({must(meaning_of(graph, text))}).run_to_end();
  return {directions.front().begin(), directions.front().end()};
}

}  // namespace antiphon::server
