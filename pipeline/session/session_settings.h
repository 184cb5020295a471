#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "pipeline/client_event.h"
#include "pipeline/session/client_channel.h"
#include "pipeline/session/session_context.h"
#include "pipeline/tool_use.h"

namespace antiphon::pipeline {

// What a client asked of one response; `tools` null: nothing to call.
struct ResponseWish {
  ResponseOverrides overrides;
  std::shared_ptr<const ToolUse> tools;

  // It reads something else than the conversation as it is.
  bool has_own_prompt() const {
    return overrides.instructions.has_value() || overrides.input.has_value() || overrides.tools.has_value();
  }
};

// What a session's client has chosen, and what follows from it for one response. Tells the client of changes,
// and of what can't be.
//
// Owner: one session, on its media worker.
class SessionSettings {
 public:
  using Tools = std::shared_ptr<const ToolUse>;

  // `id`, `expires_at_unix_s`: of the session, as the client is told.
  SessionSettings(const SessionContext& context, ClientChannel* client, const WireId& id,
                  std::int64_t expires_at_unix_s, const SessionConfig& config);

  const SessionConfig& config() const { return config_; }
  const Tools& tools() const { return tools_; }
  // A null wish: as the session says.
  const Tools& tools_of(const ResponseWish* wish) const { return wish != nullptr ? wish->tools : tools_; }
  int reply_tokens_max(const ResponseWish* wish) const;
  // Tokens of the model's context, with the reply's left free.
  int prompt_tokens_max(const ResponseWish* wish) const;

  struct Change {
    bool tools = false;
    bool opening = false;  // of the prompt
  };
  // Nothing: it was refused, and all is as it was. `spoke`: the client has heard the voice.
  std::optional<Change> update(const SessionUpdate& update, bool spoke);
  // Nothing: it can't be.
  std::optional<ResponseWish> wish(ResponseOverrides overrides);

  void tell_created() { client_->send(SessionCreated{snapshot()}); }
  void tell_updated() { client_->send(SessionUpdated{snapshot()}); }

 private:
  std::optional<Tools> tool_use(std::span<const Tool> tools, const ToolChoice& choice,
                                const std::string& field);
  std::unique_ptr<SessionSnapshot> snapshot() const;

  const SessionContext& context_;
  ClientChannel* const client_;
  const WireId id_;
  const std::int64_t expires_at_unix_s_;
  SessionConfig config_;
  Tools tools_;  // of config_; null: none
};

}  // namespace antiphon::pipeline
