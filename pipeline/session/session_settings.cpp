#include "pipeline/session/session_settings.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace antiphon::pipeline {

SessionSettings::SessionSettings(const SessionContext& context, ClientChannel* client, const WireId& id,
                                 std::int64_t expires_at_unix_s, const SessionConfig& config)
    : context_(context), client_(client), id_(id), expires_at_unix_s_(expires_at_unix_s), config_(config) {
  if (context_.networks->tool_vocabulary == nullptr) config_.tools.clear();
  auto tools = ToolUse::of(config_.tools, config_.tool_choice);  // faults were told when the config was made
  if (auto* made = std::get_if<Tools>(&tools)) tools_ = std::move(*made);
}

int SessionSettings::reply_tokens_max(const ResponseWish* wish) const {
  const TokenLimit client_limit = wish != nullptr && wish->overrides.max_output_tokens
                                      ? *wish->overrides.max_output_tokens
                                      : config_.max_output_tokens;
  // What suits the model is meant for words; a call that is cut off is none.
  const Tools& tools = tools_of(wish);
  const bool calls = tools && tools->calls() == ToolUse::Calls::kAtLeastOne;
  int limit = context_.limits->reply_tokens_max;
  if (!calls) limit = std::min(limit, context_.networks->assistant->reply_tokens_max);
  return client_limit ? std::min(*client_limit, limit) : limit;
}

int SessionSettings::prompt_tokens_max(const ResponseWish* wish) const {
  return context_.networks->language_model->context_tokens_max() - reply_tokens_max(wish);
}

std::optional<SessionSettings::Change> SessionSettings::update(const SessionUpdate& update, bool spoke) {
  if (update.voice && *update.voice != config_.voice && spoke) {
    client_->send_error("cannot_update_voice", "The voice can't change once audio was sent.",
                        "session.audio.output.voice");
    return std::nullopt;
  }
  if (config_.type == SessionType::kTranscription && update.type == SessionType::kRealtime) {
    client_->send_error("invalid_value", "A transcription session can't become a realtime one.",
                        "session.type");
    return std::nullopt;
  }
  SessionConfig config = updated(config_, update);
  Change change;
  change.tools = update.tools || update.tool_choice;
  if (change.tools) {
    auto tools = tool_use(config.tools, config.tool_choice, "session.");
    if (!tools) return std::nullopt;
    tools_ = *std::move(tools);
  }
  change.opening = config.instructions != config_.instructions || config.tools != config_.tools;
  config_ = std::move(config);
  if (config_.type == SessionType::kTranscription) config_.turn_detection.create_response = false;
  return change;
}

std::optional<ResponseWish> SessionSettings::wish(ResponseOverrides overrides) {
  Tools tools = tools_;
  if (overrides.tools || overrides.tool_choice) {
    const ToolChoice usual = overrides.tools ? ToolChoice{} : config_.tool_choice;
    auto made =
        tool_use(overrides.tools.value_or(config_.tools), overrides.tool_choice.value_or(usual), "response.");
    if (!made) return std::nullopt;
    tools = *std::move(made);
  }
  return ResponseWish{std::move(overrides), std::move(tools)};
}

// Nothing: they can't be used, and the client has been told. `field`: where they stand in its event.
std::optional<SessionSettings::Tools> SessionSettings::tool_use(std::span<const Tool> tools,
                                                                const ToolChoice& choice,
                                                                const std::string& field) {
  if (!tools.empty() && context_.networks->tool_vocabulary == nullptr) {
    client_->send_error("invalid_value", "The server's language model can't call functions.",
                        field + "tools");
    return std::nullopt;
  }
  ToolUse::Made made = ToolUse::of(tools, choice);
  if (const auto* error = std::get_if<models::SchemaError>(&made)) {
    client_->send_error("invalid_value", "'" + field + error->field + "' " + error->message + ".",
                        field + error->field);
    return std::nullopt;
  }
  return std::get<Tools>(std::move(made));
}

std::unique_ptr<SessionSnapshot> SessionSettings::snapshot() const {
  auto snapshot = std::make_unique<SessionSnapshot>();
  snapshot->id = id_;
  snapshot->expires_at_unix_s = expires_at_unix_s_;
  snapshot->config = config_;
  return snapshot;
}

}  // namespace antiphon::pipeline
