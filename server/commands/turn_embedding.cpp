#include "server/commands/turn_embedding.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "context_store/meaning.h"
#include "server/commands/store_calls.h"

namespace antiphon::server {
namespace {

using namespace context_store;

constexpr std::size_t kTurnsTogether = 64;  // in a commit; the network reads them in steps of its own
constexpr std::size_t kLookedAtMax = 4096;  // turns in one snapshot

std::size_t embed_turns_of(ContextStore& store, const UserPath& user, const models::TextEmbedder& embedder) {
  std::size_t embedded = 0;
  for (std::optional<Ordinal> first = 1; first;) {
    TurnsToEmbed batch =
        or_throw(turns_to_embed(store, user, *first, kTurnsTogether, kLookedAtMax, store_now()));
    first = batch.after;
    if (batch.texts.empty()) continue;
    const auto directions = embedder.embed(std::move(batch.texts)).run_to_end();
    const std::vector<std::span<const float>> spans(directions.begin(), directions.end());
    or_throw(keep_directions(store, user, batch.turns, spans, store_now()));
    embedded += directions.size();
  }
  return embedded;
}

}  // namespace

std::size_t embed_turns(ContextStore& store, const Path& path, const models::TextEmbedder& embedder) {
  const std::vector<UserPath> users = or_throw(or_throw(store.snapshot(path, store_now())).users());
  std::size_t embedded = 0;
  for (const UserPath& user : users) embedded += embed_turns_of(store, user, embedder);
  return embedded;
}

std::vector<float> embed_query(const UserGraph& graph, std::string_view text,
                               const models::TextEmbedder& embedder) {
  const auto directions = embedder.embed({or_throw(meaning_of(graph, text))}).run_to_end();
  return {directions.front().begin(), directions.front().end()};
}

}  // namespace antiphon::server
