#include "server/net/upgrade_request.h"

#include <boost/json.hpp>

#include <charconv>
#include <optional>
#include <string>

#include "server/net/opus_wire.h"
#include "server/protocol/fields.h"
#include "server/protocol/settings_reader.h"

namespace antiphon::server {
namespace {

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
      decoded += static_cast<char>(code);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::optional<std::string> query_value(std::string_view target, std::string_view key) {
  std::size_t begin = target.find('?');
  while (begin != std::string_view::npos) {
    const std::size_t end = target.find('&', begin + 1);
    const std::string_view pair = target.substr(begin + 1, end - begin - 1);
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) == key && equals != std::string_view::npos) {
      return percent_decoded(pair.substr(equals + 1));
    }
    begin = end;
  }
  return std::nullopt;
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

std::string_view chosen_subprotocol(const http::request<http::string_body>& request) {
  std::string_view chosen;
  for (auto field = request.begin(); field != request.end(); ++field) {
    if (field->name() != http::field::sec_websocket_protocol) continue;
    http::token_list offered(field->value());
    if (offered.exists(kOpusSubprotocol)) return kOpusSubprotocol;
    if (offered.exists(kRealtimeSubprotocol)) chosen = kRealtimeSubprotocol;
  }
  return chosen;
}

}  // namespace antiphon::server
