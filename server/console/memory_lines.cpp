#include "server/console/memory_lines.h"

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>

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

Timestamp time_of(const json::object& line, std::string_view field) {
  const json::value* value = line.if_contains(field);
  if (value == nullptr || !value->is_int64()) {
    throw std::invalid_argument("'" + std::string(field) + "' must be a whole number");
  }
  return Timestamp(std::chrono::milliseconds(value->as_int64()));
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

std::variant<ExportedTurn, std::string> parse_memory_line(std::string_view text) try {
  boost::system::error_code error;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !parsed.is_object()) return "it is no JSON object";
  const json::object& line = parsed.as_object();
  const std::string tenant = text_of(line, "tenant");  // one after the other: the first fault is named
  const std::optional<UserPath> user = UserPath::of(tenant, text_of(line, "user"));
  if (!user) return "'tenant' and 'user' have 1 to 200 bytes and no zero byte";
  NewTurn turn{
      text_of(line, "session"), text_of(line, "speaker"), time_of(line, "at"), text_of(line, "text"), "", {}};
  if (line.contains("hint")) turn.hint = text_of(line, "hint");
  if (line.contains("recorded")) turn.recorded = time_of(line, "recorded");
  return ExportedTurn{*user, std::move(turn)};
} catch (const std::invalid_argument& refused) {
  return std::string(refused.what());
}

}  // namespace antiphon::server
