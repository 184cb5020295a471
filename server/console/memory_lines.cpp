#include "server/console/memory_lines.h"

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

#include "context_store/graph_names.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;
using namespace context_store;

std::int64_t ms(Timestamp time) {
  return time.time_since_epoch().count();
}

std::string text_of(const json::object& line, std::string_view field) {
  const json::value* value = line.if_contains(field);
  if (value == nullptr || !value->is_string()) {
    throw std::invalid_argument("'" + std::string(field) + "' must be a string");
  }
  return std::string(value->as_string());
}

std::int64_t whole_number(const json::object& line, std::string_view field, std::int64_t least,
                          std::int64_t most) {
  const json::value* value = line.if_contains(field);
  if (value == nullptr || !value->is_int64()) {
    throw std::invalid_argument("'" + std::string(field) + "' must be a whole number");
  }
  const std::int64_t number = value->as_int64();
  if (number >= least && number <= most) return number;
  throw std::invalid_argument("'" + std::string(field) + "' is out of range");
}

Timestamp time_of(const json::object& line, std::string_view field) {
  constexpr std::int64_t kMost = Timestamp::max().time_since_epoch().count();
  return Timestamp(std::chrono::milliseconds(whole_number(line, field, -kMost, kMost)));
}

Timestamp end_of(const json::object& line, std::string_view field) {
  return line.contains(field) ? time_of(line, field) : kForever;
}

Ordinal ordinal_of(const json::object& line, std::string_view field) {
  return static_cast<Ordinal>(whole_number(line, field, 0, std::numeric_limits<Ordinal>::max()));
}

NodeId node_in(const json::object& line, std::string_view field) {
  if (const auto node = node_of(text_of(line, field))) return *node;
  throw std::invalid_argument("'" + std::string(field) + "' must be a node, like entity:3");
}

UserPath user_of(const json::object& line) {
  const std::string tenant = text_of(line, "tenant");  // one after the other: the first fault is named
  const std::optional<UserPath> user = UserPath::of(tenant, text_of(line, "user"));
  if (!user) throw std::invalid_argument("'tenant' and 'user' have 1 to 200 bytes and no zero byte");
  return *user;
}

constexpr std::array<NodeKind, 4> kNumbered = {NodeKind::kSession, NodeKind::kTurn, NodeKind::kEntity,
                                               NodeKind::kFact};

// --- a record to its line ---
void put_end(json::object& line, std::string_view field, Timestamp end) {
  if (end != kForever) line[field] = ms(end);
}

json::object json_of(const ExportedUser& exported) {
  json::object last;
  for (const NodeKind kind : kNumbered) {
    last[name_of(kind)] = exported.last_ordinal[static_cast<std::size_t>(kind)];
  }
  return {{"kind", "user"},
          {"tenant", exported.user.tenant()},
          {"user", exported.user.user()},
          {"last", std::move(last)}};
}

json::object json_of(const Session& session) {
  return {{"kind", "session"},
          {"number", session.ordinal},
          {"name", session.name},
          {"started", ms(session.started)}};
}

json::object json_of(const Entity& entity) {
  return {{"kind", "entity"}, {"number", entity.ordinal}, {"name", entity.name}};
}

json::object json_of(const Turn& turn) {
  json::object line = {{"kind", "turn"},          {"number", turn.ordinal},
                       {"session", turn.session}, {"speaker", text_of(turn.speaker)},
                       {"at", ms(turn.at)},       {"recorded", ms(turn.recorded)},
                       {"text", turn.text}};
  if (!turn.hint.empty()) line["hint"] = turn.hint;
  return line;
}

json::object json_of(const ExportedVector& vector) {
  json::array components;
  for (const std::int8_t component : vector.components) components.push_back(std::int64_t{component});
  return {{"kind", "vector"}, {"turn", vector.turn}, {"components", std::move(components)}};
}

json::object json_of(const ExportedFact& exported) {
  const Fact& fact = exported.fact;
  json::object line = {{"kind", "fact"},
                       {"number", fact.ordinal},
                       {"subject", text_of(fact.subject)},
                       {"relation", fact.relation},
                       {"object", fact.object},
                       {"only_one", exported.only_one},
                       {"valid_from", ms(fact.valid_from)},
                       {"recorded", ms(fact.recorded)},
                       {"source_turn", fact.source_turn}};
  put_end(line, "valid_to", fact.valid_to);
  put_end(line, "end_recorded", fact.end_recorded);
  return line;
}

json::object json_of(const Edge& edge) {
  json::object line = {{"kind", "edge"},
                       {"type", name_of(edge.type)},
                       {"from", text_of(edge.from)},
                       {"to", text_of(edge.to)},
                       {"valid_from", ms(edge.valid_from)},
                       {"recorded", ms(edge.recorded)},
                       {"source_turn", edge.source_turn}};
  put_end(line, "valid_to", edge.valid_to);
  return line;
}

// --- and back ---
ExportedUser user_record(const json::object& line) {
  ExportedUser exported{user_of(line), {}};
  const json::value* last = line.if_contains("last");
  if (last == nullptr || !last->is_object()) throw std::invalid_argument("'last' must be an object");
  for (const NodeKind kind : kNumbered) {
    exported.last_ordinal[static_cast<std::size_t>(kind)] = ordinal_of(last->as_object(), name_of(kind));
  }
  return exported;
}

Turn turn_record(const json::object& line) {
  Turn turn{ordinal_of(line, "number"),
            ordinal_of(line, "session"),
            node_in(line, "speaker"),
            time_of(line, "at"),
            time_of(line, "recorded"),
            text_of(line, "text"),
            ""};
  if (line.contains("hint")) turn.hint = text_of(line, "hint");
  return turn;
}

ExportedVector vector_record(const json::object& line) {
  ExportedVector vector{ordinal_of(line, "turn"), {}};
  const json::value* components = line.if_contains("components");
  if (components == nullptr || !components->is_array()) {
    throw std::invalid_argument("'components' must be an array");
  }
  for (const json::value& component : components->as_array()) {
    const bool fits = component.is_int64() && component.as_int64() >= -128 && component.as_int64() <= 127;
    if (!fits) throw std::invalid_argument("'components' must be whole numbers from -128 to 127");
    vector.components.push_back(static_cast<std::int8_t>(component.as_int64()));
  }
  return vector;
}

ExportedFact fact_record(const json::object& line) {
  const json::value* only_one = line.if_contains("only_one");
  if (only_one == nullptr || !only_one->is_bool())
    throw std::invalid_argument("'only_one' must be a boolean");
  return {{ordinal_of(line, "number"), node_in(line, "subject"), text_of(line, "relation"),
           text_of(line, "object"), time_of(line, "valid_from"), end_of(line, "valid_to"),
           time_of(line, "recorded"), end_of(line, "end_recorded"), ordinal_of(line, "source_turn")},
          only_one->as_bool()};
}

Edge edge_record(const json::object& line) {
  const std::optional<EdgeType> type = edge_type_of(text_of(line, "type"));
  if (!type) throw std::invalid_argument("'type' must be a type of edges");
  return {*type,
          node_in(line, "from"),
          node_in(line, "to"),
          time_of(line, "valid_from"),
          end_of(line, "valid_to"),
          time_of(line, "recorded"),
          ordinal_of(line, "source_turn")};
}

ExportedRecord record_of(const json::object& line) {
  const std::string kind = text_of(line, "kind");
  if (kind == "user") return user_record(line);
  if (kind == "session") {
    return Session{ordinal_of(line, "number"), text_of(line, "name"), 0, 0, 0, time_of(line, "started")};
  }
  if (kind == "entity") return Entity{ordinal_of(line, "number"), text_of(line, "name")};
  if (kind == "turn") return turn_record(line);
  if (kind == "vector") return vector_record(line);
  if (kind == "fact") return fact_record(line);
  if (kind == "edge") return edge_record(line);
  throw std::invalid_argument("'kind' must be user, session, entity, turn, vector, fact or edge");
}

ExportedTurn told_turn(const json::object& line) {
  ExportedTurn told{user_of(line),
                    {text_of(line, "session"),
                     text_of(line, "speaker"),
                     time_of(line, "at"),
                     text_of(line, "text"),
                     "",
                     {}}};
  if (line.contains("hint")) told.turn.hint = text_of(line, "hint");
  if (line.contains("recorded")) told.turn.recorded = time_of(line, "recorded");
  return told;
}

}  // namespace

std::string memory_line(const ExportedTurn& exported) {
  const NewTurn& turn = exported.turn;
  json::object line = {{"tenant", exported.user.tenant()},
                       {"user", exported.user.user()},
                       {"session", turn.session},
                       {"speaker", turn.speaker},
                       {"at", ms(turn.at)},
                       {"text", turn.text}};
  if (turn.recorded) line["recorded"] = ms(*turn.recorded);
  if (!turn.hint.empty()) line["hint"] = turn.hint;
  return json::serialize(line);
}

std::string memory_line(const ExportedRecord& record) {
  return std::visit([](const auto& one) { return json::serialize(json_of(one)); }, record);
}

MemoryLine parse_memory_line(std::string_view text) try {
  boost::system::error_code error;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !parsed.is_object()) return "it is no JSON object";
  const json::object& line = parsed.as_object();
  if (line.contains("kind")) return record_of(line);
  return told_turn(line);
} catch (const std::invalid_argument& refused) {
  return std::string(refused.what());
}

}  // namespace antiphon::server
