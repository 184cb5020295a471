#pragma once

#include <memory>

#include "models/decoding/token_constraint.h"
#include "models/text/assistant_prompt.h"
#include "models/text/chat_template.h"
#include "models/text/message_end_cue.h"
#include "pipeline/engine/networks.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server {

// Loaded networks as an engine takes them, with what is made from them.
//
// Lifetime: outlives the engine; stays where it is.
class VoiceNetworks {
 public:
  // REQUIRES: the networks of all jobs but embedding, which is needed for recall by meaning only.
  explicit VoiceNetworks(LoadedModels loaded);
  VoiceNetworks(const VoiceNetworks&) = delete;
  VoiceNetworks& operator=(const VoiceNetworks&) = delete;

  pipeline::Networks networks() const;

 private:
  const LoadedModels loaded_;
  mutable pipeline::RecordingNetworks recordings_;
  const models::text::ChatTemplate chat_;
  const std::unique_ptr<const models::ConstraintVocabulary> tool_vocabulary_;  // may be null
  const models::text::MessageEndCue message_end_;
  const models::text::AssistantPrompt assistant_;
};

}  // namespace antiphon::server
