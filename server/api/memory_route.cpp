#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "context_store/meaning.h"
#include "context_store/on_graph.h"
#include "context_store/recall.h"
#include "pipeline/jobs/embedding_job.h"
#include "pipeline/memory/store_memory.h"
#include "server/api/api_routes.h"
#include "server/api/job_places.h"
#include "server/api/memory_request.h"
#include "server/net/io_bell.h"
#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {

using context_store::ContextStore;
using context_store::Ordinal;
using context_store::Result;
using context_store::StoreError;
using context_store::Timestamp;
using context_store::UserGraph;
using context_store::UserPath;
using context_store::WriteLease;
using What = MemoryTarget::What;

constexpr std::chrono::milliseconds kRecallMax{1000};
constexpr int kSourcesMax = 1000;  // turns that one fact may come from

using MemoryAnswer = Result<std::string>;

MemoryAnswer show_graph(const ContextStore& store, const UserPath& user, const GraphRequest& request,
                        Timestamp now) {
  return on_graph(store, user, now, [&](const UserGraph& graph) -> MemoryAnswer {
    const auto part = neighbourhood(graph, request.around, request.limits);
    if (!part) return part.error();
    return graph_answer(user.user(), *part, graph.state());
  });
}

// `direction`: of the text's meaning; empty: by words alone.
MemoryAnswer recall_text(const ContextStore& store, const UserPath& user, const RecallRequest& request,
                         std::span<const float> direction, Timestamp now) {
  const auto until = std::chrono::steady_clock::now() + kRecallMax;
  const context_store::RecallQuery query{
      .text = request.text,
      .now = request.as_of.value_or(now),
      .turns_max = request.turns_max,
      .facts_max = request.facts_max,
      .direction = direction,
      .out_of_time = [until] { return std::chrono::steady_clock::now() > until; }};
  return on_graph(store, user, now, [&](const UserGraph& graph) -> MemoryAnswer {
    context_store::Recaller recaller;
    const auto recall = recaller.recall(graph, query);
    if (!recall) return recall.error();
    return recall_answer(*recall);
  });
}

// Whether there was anything like that to forget.
template <typename Prepare>
Result<bool> forget(ContextStore& store, const UserPath& user, Timestamp now, Prepare prepare) {
  auto grant = store.try_lease({user.path()}, "forget");
  auto* leases = std::get_if<std::vector<WriteLease>>(&grant);
  if (leases == nullptr) return StoreError{StoreError::Kind::kRefused, "somebody else writes to this user"};
  if (const auto kept = prepare(leases->front()); !kept) return kept.error();
  WriteLease* const pointers[] = {&leases->front()};
  const auto receipts = store.commit(pointers, now);
  if (!receipts) return receipts.error();
  return receipts->front().front().applied;
}

Result<bool> forget_turn(ContextStore& store, const UserPath& user, Ordinal turn, Timestamp now) {
  return forget(store, user, now, [&](WriteLease& lease) { return lease.forget_turn(user, turn); });
}

// The turn that a fact is told by now; a fact of several turns goes over to the next one.
Result<Ordinal> source_of(const ContextStore& store, const UserPath& user, Ordinal fact, Timestamp now) {
  return on_graph(store, user, now, [fact](const UserGraph& graph) -> Result<Ordinal> {
    const auto found = graph.fact(fact);
    if (!found) return found.error();
    return found->source_turn;
  });
}

// A fact is gone with every turn that told it.
MemoryAnswer forget_fact(ContextStore& store, const UserPath& user, Ordinal fact, Timestamp now) {
  std::vector<Ordinal> turns;
  for (int sources = 0; sources < kSourcesMax; ++sources) {
    const auto source = source_of(store, user, fact, now);
    if (!source && source.error().kind == StoreError::Kind::kNotFound && !turns.empty()) break;
    if (!source) return source.error();
    const auto forgotten = forget_turn(store, user, *source, now);
    if (!forgotten) return forgotten.error();
    turns.push_back(*source);
  }
  return forgotten_answer(turns);
}

MemoryAnswer forget_target(ContextStore& store, const UserPath& user, const MemoryTarget& target,
                           Timestamp now) {
  if (target.what == What::kFact) return forget_fact(store, user, target.ordinal, now);
  const bool turn = target.what == What::kTurn;
  const auto forgotten =
      turn ? forget_turn(store, user, target.ordinal, now)
           : forget(store, user, now, [&](WriteLease& lease) { return lease.forget_user(user); });
  if (!forgotten) return forgotten.error();
  if (!*forgotten) return StoreError{StoreError::Kind::kNotFound, ""};
  return forgotten_answer(turn ? std::vector<Ordinal>{target.ordinal} : std::vector<Ordinal>{});
}

HttpFault fault_of(const StoreError& error) {
  switch (error.kind) {
    case StoreError::Kind::kNotFound:
      return {404, "not_found", "The memory has nothing like that.", ""};
    case StoreError::Kind::kRefused:
      return {400, "invalid_value", "The memory refused: " + error.what + ".", ""};
    default:
      return {500, "memory_failed", "The memory failed; the server's log says why.", ""};
  }
}

const char* methods_of(const MemoryTarget& target) {
  if (target.what == What::kRecall) return "POST";
  return target.what == What::kUser ? "GET, DELETE" : "DELETE";
}

// What a request wants of the store, as a function to run there; or why not.
using Work = std::function<MemoryAnswer(ContextStore&, Timestamp)>;
std::variant<Work, HttpFault> work_of(const HttpRequest& request, const MemoryTarget& target,
                                      const UserPath& user) {
  const std::string_view where(request.target().data(), request.target().size());
  if (request.method() == http::verb::get && target.what == What::kUser) {
    auto asked = graph_request(where);
    if (auto* fault = std::get_if<HttpFault>(&asked)) return std::move(*fault);
    return [user, graph = std::get<GraphRequest>(asked)](ContextStore& store, Timestamp now) {
      return show_graph(store, user, graph, now);
    };
  }
  if (request.method() == http::verb::delete_ && target.what != What::kRecall) {
    return [user, target](ContextStore& store, Timestamp now) {
      return forget_target(store, user, target, now);
    };
  }
  return HttpFault{405, "", std::string("Only ") + methods_of(target) + " works here.", ""};
}

// None: no room.
asio::awaitable<std::optional<MemoryAnswer>> run_on_store(Exchange& exchange, Work work) {
  JobWaiter waiter(exchange.context().io);
  const auto answer = std::make_shared<std::optional<MemoryAnswer>>();
  const auto errand = std::make_shared<pipeline::MemoryErrand>();
  errand->work = [answer, work = std::move(work)](ContextStore& store, Timestamp now) {
    answer->emplace(work(store, now));
  };
  errand->forgets = exchange.request().method() == http::verb::delete_;
  errand->bell = waiter.bell();
  if (!exchange.context().api.memory->send(errand)) co_return std::nullopt;
  while (!errand->done.load(std::memory_order_acquire)) co_await waiter.wait();
  co_return std::move(*answer);
}

asio::awaitable<void> answer_from_store(Exchange& exchange, Work work) {
  const std::optional<MemoryAnswer> answer = co_await run_on_store(exchange, std::move(work));
  if (!answer) {
    const HttpFault full{503, "server_overloaded", "The memory has too much to do; try again later.", ""};
    co_await exchange.refuse(full);
  } else if (answer->ok()) {
    co_await exchange.answer_json(answer->value());
  } else {
    const HttpFault fault = fault_of(answer->error());
    co_await exchange.refuse(fault);
  }
}

// Of the meaning of what a recall is asked for; empty: none can be had now, so it is by words alone.
asio::awaitable<std::vector<float>> direction_of(Exchange& exchange, const UserPath& user,
                                                 const std::string& text) {
  pipeline::JobDoor* const lanes = exchange.context().api.memory->lanes();
  if (lanes == nullptr) co_return std::vector<float>();
  const pipeline::SharedJobSeat seat = lanes->background_seat();
  if (seat->executor->overload_level() != pipeline::OverloadLevel::kNone) co_return std::vector<float>();
  Work read = [user, text](ContextStore& store, Timestamp now) {
    return on_graph(store, user, now, [&](const UserGraph& graph) {
      return context_store::meaning_of(graph, std::string_view(text));
    });
  };
  const std::optional<MemoryAnswer> meaning = co_await run_on_store(exchange, std::move(read));
  if (!meaning || !meaning->ok()) co_return std::vector<float>();
  JobWaiter waiter(exchange.context().io);
  pipeline::EmbeddingErrand errand(seat, waiter.bell());
  const auto start = [&] {
    const pipeline::Deadline due(std::chrono::steady_clock::now() + pipeline::kJobDue);
    return start_embedding(errand, seat, {meaning->value()}, due);
  };
  const auto done = co_await run_errand(waiter, errand, start);
  if (!done || !done->result) co_return std::vector<float>();
  const models::Embedding& direction = done->result->front();
  co_return std::vector<float>(direction.begin(), direction.end());
}

asio::awaitable<void> serve_recall(Exchange& exchange, const UserPath& user) {
  const auto read = recall_request(exchange.body());
  if (const auto* fault = std::get_if<HttpFault>(&read)) {
    co_await exchange.refuse(*fault);
    co_return;
  }
  const auto& request = std::get<RecallRequest>(read);
  std::vector<float> direction = co_await direction_of(exchange, user, request.text);
  Work recall = [user, request, direction = std::move(direction)](ContextStore& store, Timestamp now) {
    return recall_text(store, user, request, direction, now);
  };
  co_await answer_from_store(exchange, std::move(recall));
}

}  // namespace

bool is_memory_path(std::string_view path) {
  return path.starts_with("/v1/memory/");
}

asio::awaitable<void> serve_memory(Exchange& exchange) {
  const HttpRequest& request = exchange.request();
  const auto target = memory_target(path_of({request.target().data(), request.target().size()}));
  const auto user =
      target ? UserPath::of(exchange.caller().tenant(), target->user) : std::optional<UserPath>();
  const bool remembers = exchange.context().api.memory != nullptr;
  if (!remembers || !target || !user) {
    HttpFault nothing{404, "", "There is nothing at this path.", ""};
    if (!remembers) nothing.message = "This server remembers nobody: memory.folder is not set.";
    co_await exchange.refuse(nothing);
    co_return;
  }
  if (target->what == What::kRecall && request.method() == http::verb::post) {
    co_await serve_recall(exchange, *user);
    co_return;
  }
  auto work = work_of(request, *target, *user);
  if (auto* fault = std::get_if<HttpFault>(&work)) {
    HttpResponse refused = http_error(request, *fault);
    if (fault->status == 405) refused.set(http::field::allow, methods_of(*target));
    co_await exchange.answer(std::move(refused));
    co_return;
  }
  co_await answer_from_store(exchange, std::move(std::get<Work>(work)));
}

}  // namespace antiphon::server
