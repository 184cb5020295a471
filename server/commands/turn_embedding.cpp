#include "server/commands/turn_embedding.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "context_store/meaning.h"
#include "context_store/on_graph.h"

namespace antiphon::server {
namespace {

using namespace context_store;

constexpr std::size_t kTurnsTogether = 64;  // in a commit; the network reads them in steps of its own

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(result).value();
}

Timestamp now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

struct Batch {
  TurnsWithoutVector found;
  std::vector<std::string> texts;
};

Batch next_batch(const ContextStore& store, const UserPath& user, Ordinal first) {
  return must(on_graph(store, user, now(), [&](const UserGraph& graph) -> Result<Batch> {
    Batch batch{must(turns_without_vector(graph, first, kTurnsTogether)), {}};
    for (const Ordinal turn : batch.found.turns) batch.texts.push_back(must(meaning_of(graph, turn)));
    return batch;
  }));
}

std::size_t embed_turns_of(ContextStore& store, const UserPath& user, const models::TextEmbedder& embedder) {
  std::size_t embedded = 0;
  for (std::optional<Ordinal> first = 1; first;) {
    Batch batch = next_batch(store, user, *first);
    first = batch.found.after;
    if (batch.texts.empty()) continue;
    const auto directions = embedder.embed(std::move(batch.texts)).run_to_end();
    auto grant = store.try_lease({user.path()}, "embed");
    WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();  // nobody else writes
    for (std::size_t i = 0; i < directions.size(); ++i) {
      must(lease.set_vector(user, batch.found.turns[i], directions[i]));
    }
    WriteLease* const leases[] = {&lease};
    must(store.commit(leases, now()));
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
