#include "server/net/upgrade_request.h"

#include <boost/json.hpp>

#include <optional>
#include <string>

#include "server/net/opus_wire.h"
#include "server/net/query.h"
#include "server/protocol/fields.h"
#include "server/protocol/settings_reader.h"

namespace antiphon::server {
namespace {

bool lists(const http::request<http::string_body>& request, std::string_view field_name,
           std::string_view token) {
  for (auto field = request.begin(); field != request.end(); ++field) {
    if (!beast::iequals(field->name_string(), field_name)) continue;
    if (http::token_list(field->value()).exists(token)) return true;
  }
  return false;
}

}  // namespace

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

bool is_realtime_path(std::string_view path) {
  return path == "/v1/realtime" || path == "/realtime";
}

pipeline::SessionRequest session_request(std::string_view target) {
  const bool transcription = query_value(target, "intent") == "transcription";
  pipeline::SessionRequest request;
  if (transcription) request.type = pipeline::SessionType::kTranscription;
  request.model = query_value(target, "model").value_or("");
  request.turn_traces = query_value(target, "turn_trace") == "true";
  return request;
}

std::variant<pipeline::SessionRequest, HttpFault> session_request(std::string_view target,
                                                                  const ClientSecret& secret) {
  const boost::json::value session = boost::json::parse(secret.session_json);
  protocol::Fault fault;
  pipeline::SessionRequest request = session_request(target);
  request.settings = protocol::session_update(protocol::Fields(session.as_object(), "session", fault));
  const auto type = request.settings.type.value_or(pipeline::SessionType::kRealtime);
  if (request.type == pipeline::SessionType::kTranscription && type != request.type) {
    return HttpFault{403, "invalid_client_secret",
                     "This client secret was made for a realtime session, not for transcription.", "intent"};
  }
  request.type = type;
  if (request.model.empty()) request.model = request.settings.model.value_or("");
  return request;
}

std::variant<std::optional<context_store::UserPath>, HttpFault> session_user(std::string_view target,
                                                                             const Caller& caller) {
  constexpr const char* kParam = "antiphon_user";
  std::optional<std::string> user = query_value(target, kParam);
  if (caller.secret) {
    // Else whoever holds the secret could hear what anybody of the key has said.
    if (user && *user != caller.secret->user) {
      return HttpFault{403, "invalid_client_secret", "This client secret was not made for this user.",
                       kParam};
    }
    if (!caller.secret->user.empty()) user = caller.secret->user;
  }
  if (!user) return std::nullopt;
  auto path = context_store::UserPath::of(caller.tenant(), *user);
  if (!path) {
    return HttpFault{400, "invalid_value", "'antiphon_user' must have 1 to 200 bytes, none of them zero.",
                     kParam};
  }
  return path;
}

std::string_view chosen_subprotocol(const http::request<http::string_body>& request) {
  constexpr std::string_view kField = "Sec-WebSocket-Protocol";
  if (lists(request, kField, kOpusSubprotocol)) return kOpusSubprotocol;
  return lists(request, kField, kRealtimeSubprotocol) ? kRealtimeSubprotocol : std::string_view();
}

bool asks_for_beta(const http::request<http::string_body>& request) {
  // "realtime=v1" is no token of HTTP's grammar.
  const auto field = request.find("OpenAI-Beta");
  if (field != request.end() && field->value().find("realtime=v1") != std::string_view::npos) return true;
  return lists(request, "Sec-WebSocket-Protocol", "openai-beta.realtime-v1");
}

}  // namespace antiphon::server
