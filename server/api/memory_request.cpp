#include "server/api/memory_request.h"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "context_store/graph_names.h"
#include "server/api/json_body.h"
#include "server/net/query.h"
#include "server/protocol/fields.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

using context_store::Edge;
using context_store::EdgeType;
using context_store::Fact;
using context_store::kForever;
using context_store::name_of;
using context_store::NodeKind;
using context_store::Ordinal;
using context_store::text_of;
using context_store::Timestamp;
using context_store::Turn;

constexpr std::string_view kPrefix = "/v1/memory/";
template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// RFC 3339 in UTC; null: for ever.
json::value time_of(Timestamp at) {
  if (at == kForever) return nullptr;
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return json::value(std::string_view(text.data(), static_cast<std::size_t>(length)));
}

json::object json_of(const Turn& turn) {
  return {{"id", text_of({NodeKind::kTurn, turn.ordinal})},
          {"kind", "turn"},
          {"label", turn.text},
          {"at", time_of(turn.at)},
          {"session", text_of({NodeKind::kSession, turn.session})},
          {"speaker", text_of(turn.speaker)}};
}

json::object json_of(const Fact& fact) {
  return {{"id", text_of({NodeKind::kFact, fact.ordinal})},
          {"kind", "fact"},
          {"label", fact.relation + ": " + fact.object},
          {"subject", text_of(fact.subject)},
          {"relation", fact.relation},
          {"object", fact.object},
          {"valid_from", time_of(fact.valid_from)},
          {"valid_to", time_of(fact.valid_to)},
          {"source_turn", text_of({NodeKind::kTurn, fact.source_turn})}};
}

json::object json_of(const Edge& edge) {
  return {{"type", name_of(edge.type)},
          {"from", text_of(edge.from)},
          {"to", text_of(edge.to)},
          {"valid_from", time_of(edge.valid_from)},
          {"valid_to", time_of(edge.valid_to)},
          {"source_turn", text_of({NodeKind::kTurn, edge.source_turn})}};
}

json::object counts_of(const context_store::UserState& state) {
  std::uint64_t bytes = 0;
  for (const std::uint64_t of_record : state.block_bytes) bytes += of_record;
  return {{"turns", state.count(NodeKind::kTurn)},
          {"sessions", state.count(NodeKind::kSession)},
          {"entities", state.count(NodeKind::kEntity)},
          {"facts", state.count(NodeKind::kFact)},
          {"edges", state.edges},
          {"bytes", bytes}};
}

HttpFault bad_query(const std::string& name, const std::string& what) {
  return {400, "invalid_value", "'" + name + "' " + what, name};
}

}  // namespace

std::optional<MemoryTarget> memory_target(std::string_view path) {
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  const std::size_t slash = path.find('/');
  MemoryTarget target;
  target.user = percent_decoded(path.substr(0, slash), false);
  if (slash == std::string_view::npos) return target;
  const std::string_view part = path.substr(slash + 1);
  if (part == "recall") {
    target.what = MemoryTarget::What::kRecall;
    return target;
  }
  const std::string_view list = part.substr(0, part.find('/'));
  if (list != "turns" && list != "facts") return std::nullopt;
  const auto number = whole_number<Ordinal>(part.substr(std::min(part.size(), list.size() + 1)));
  if (!number || *number == 0) return std::nullopt;
  target.what = list == "turns" ? MemoryTarget::What::kTurn : MemoryTarget::What::kFact;
  target.ordinal = *number;
  return target;
}

std::variant<GraphRequest, HttpFault> graph_request(std::string_view target) {
  constexpr std::size_t kTurnsMax = 500;
  GraphRequest request;
  if (const auto turns = query_value(target, "turns")) {
    const auto number = whole_number<std::size_t>(*turns);
    if (!number || *number < 1 || *number > kTurnsMax) {
      return bad_query("turns", "must be a whole number between 1 and 500.");
    }
    request.limits.turns_max = *number;
  }
  if (const auto around = query_value(target, "around")) {
    const auto node = context_store::node_of(*around);
    if (!node) return bad_query("around", "must be a node's id, like entity:3.");
    request.around = *node;
  }
  return request;
}

std::string graph_answer(const std::string& user, const context_store::Neighbourhood& part,
                         const context_store::UserState& state) {
  json::array nodes;
  nodes.push_back({{"id", text_of(context_store::kUserNode)}, {"kind", "user"}, {"label", user}});
  for (const auto& session : part.sessions) {
    nodes.push_back({{"id", text_of({NodeKind::kSession, session.ordinal})},
                     {"kind", "session"},
                     {"label", session.name},
                     {"at", time_of(session.started)}});
  }
  for (const auto& entity : part.entities) {
    nodes.push_back(
        {{"id", text_of({NodeKind::kEntity, entity.ordinal})}, {"kind", "entity"}, {"label", entity.name}});
  }
  for (const Turn& turn : part.turns) nodes.push_back(json_of(turn));
  for (const Fact& fact : part.facts) nodes.push_back(json_of(fact));
  json::array edges;
  for (const Edge& edge : part.edges) edges.push_back(json_of(edge));
  json::object answer;
  answer["user"] = user;
  answer["totals"] = counts_of(state);
  answer["nodes"] = std::move(nodes);
  answer["edges"] = std::move(edges);
  return json::serialize(answer);
}

std::variant<RecallRequest, HttpFault> recall_request(std::string_view body) {
  const auto parsed = json_body(body);
  if (const auto* none = std::get_if<HttpFault>(&parsed)) return *none;
  protocol::Fault fault;
  const protocol::Fields fields(std::get<json::object>(parsed), "", fault);
  RecallRequest request;
  fields.require("text");
  request.text = fields.text("text").value_or("");
  request.turns_max = fields.integer("turns", 0, 100).value_or(request.turns_max);
  request.facts_max = fields.integer("facts", 0, 100).value_or(request.facts_max);
  // Milliseconds of Unix time up to the year 9999.
  if (const auto as_of = fields.number("as_of_ms", 0, 253'402'300'799'000.0)) {
    request.as_of = Timestamp(std::chrono::milliseconds(static_cast<std::int64_t>(*as_of)));
  }
  if (fault.found()) return bad_field(fault);
  return request;
}

std::string recall_answer(const context_store::Recall& recall) {
  json::array turns;
  for (const auto& recalled : recall.turns) {
    turns.push_back(json_of(recalled.turn));
    turns.back().as_object()["score"] = recalled.score;
  }
  json::array facts;
  for (const auto& recalled : recall.facts) {
    facts.push_back(json_of(recalled.fact));
    facts.back().as_object()["score"] = recalled.score;
  }
  json::object answer;
  answer["turns"] = std::move(turns);
  answer["facts"] = std::move(facts);
  answer["complete"] = recall.complete;
  return json::serialize(answer);
}

std::string forgotten_answer(const std::vector<Ordinal>& turns) {
  json::array ids;
  for (const Ordinal turn : turns) ids.push_back(json::value(text_of({NodeKind::kTurn, turn})));
  json::object answer;
  answer["forgotten"] = true;
  answer["turns"] = std::move(ids);
  return json::serialize(answer);
}

}  // namespace antiphon::server
