#include "server/api/client_secrets.h"

#include <boost/json.hpp>

#include <utility>

#include "context_store/path.h"
#include "pipeline/session_config.h"
#include "pipeline/tool_use.h"
#include "server/api/json_body.h"
#include "server/protocol/beta_dialect.h"
#include "server/protocol/fields.h"
#include "server/protocol/settings_reader.h"
#include "server/protocol/settings_writer.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

using protocol::Fault;
using protocol::Fields;

constexpr int kSecondsDefault = 600;
constexpr int kBetaSeconds = 60;

int seconds_of(const Fields& body) {
  const std::optional<Fields> expires = body.object("expires_after");
  if (!expires) return kSecondsDefault;
  expires->choice<bool>("anchor", {{"created_at", true}});
  return expires->integer("seconds", 10, 7200).value_or(kSecondsDefault);
}

// The session that the body describes, with its type; the beta's body is the session itself.
json::object session_of(SecretDialect dialect, const json::object& body) {
  json::object session;
  if (dialect != SecretDialect::kCurrent) {
    session = body;
    session["type"] = dialect == SecretDialect::kBetaSession ? "realtime" : "transcription";
    session.erase("expires_after");
    session.erase("client_secret");
    session.erase("user");
  } else if (const json::value* given = body.if_contains("session"); given != nullptr && given->is_object()) {
    session = given->get_object();
  }
  return session;
}

}  // namespace

std::variant<ClientSecret, HttpFault> requested_secret(SecretDialect dialect, std::string_view body,
                                                       const std::string& key_name,
                                                       std::int64_t now_unix_seconds) {
  const auto parsed = json_body(body.empty() ? "{}" : body);
  if (const auto* none = std::get_if<HttpFault>(&parsed)) return *none;
  const json::object& object = std::get<json::object>(parsed);
  Fault fault;
  const Fields fields(object, "", fault);
  int seconds = kBetaSeconds;
  if (dialect == SecretDialect::kCurrent || fields.has("expires_after")) seconds = seconds_of(fields);
  if (dialect == SecretDialect::kCurrent) fields.object("session");  // a fault if it is no object
  const json::object session = session_of(dialect, object);
  const std::string path = dialect == SecretDialect::kCurrent ? "session" : "";
  const auto settings = protocol::session_update(Fields(session, path, fault));
  const pipeline::ToolUse::Made tools =
      pipeline::ToolUse::of(settings.tools.value_or(std::vector<pipeline::Tool>()),
                            settings.tool_choice.value_or(pipeline::ToolChoice()));
  if (const auto* error = std::get_if<models::SchemaError>(&tools)) {
    Fields(session, path, fault).fail("invalid_value", error->field, error->message + ".");
  }
  if (fault.found()) return bad_field(fault);
  const std::string user = fields.text("user").value_or("");
  if (fields.has("user") && !fault.found() && !context_store::UserPath::of("any", user)) {
    fields.fail("invalid_value", "user", "must have 1 to 200 bytes.");
  }
  if (fault.found()) return bad_field(fault);
  ClientSecret secret{key_name, now_unix_seconds + seconds, json::serialize(session), user};
  if (secret.session_json.size() > SecretSigner::kSessionBytesMax) {
    return HttpFault{400, "invalid_value",
                     "'session' is longer than the 32 KiB that a client secret can carry; send the rest with "
                     "session.update.",
                     "session"};
  }
  return secret;
}

std::string secret_answer(SecretDialect dialect, const ClientSecret& secret, const std::string& token) {
  const json::value session = json::parse(secret.session_json);
  Fault fault;
  const auto update = protocol::session_update(Fields(session.as_object(), "session", fault));
  pipeline::SessionSnapshot snapshot;
  snapshot.id = pipeline::WireId("sess_new");
  snapshot.config = pipeline::updated(snapshot.config, update);
  if (update.model) snapshot.config.model = *update.model;
  json::object shown = protocol::session_json(snapshot);
  if (dialect != SecretDialect::kCurrent) shown = protocol::beta_session(shown);
  if (dialect == SecretDialect::kCurrent) {
    return json::serialize(
        json::object{{"value", token}, {"expires_at", secret.expires}, {"session", std::move(shown)}});
  }
  shown["client_secret"] = {{"value", token}, {"expires_at", secret.expires}};
  return json::serialize(shown);
}

}  // namespace antiphon::server
