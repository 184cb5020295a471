#include "server/commands/voice_networks.h"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

namespace antiphon::server {
namespace {

// A file of one's own may have a vocabulary without some bytes.
std::unique_ptr<const models::ConstraintVocabulary> tool_vocabulary(
    const models::text::Tokenizer& tokenizer) {
  try {
    return std::make_unique<const models::ConstraintVocabulary>(tokenizer.all_bytes());
  } catch (const std::runtime_error& error) {
    spdlog::warn("the language model will call no functions: {}", error.what());
    return nullptr;
  }
}

}  // namespace

VoiceNetworks::VoiceNetworks(LoadedModels loaded)
    : loaded_(std::move(loaded)),
      chat_(loaded_.chat_family, *loaded_.tokenizer),
      tool_vocabulary_(tool_vocabulary(*loaded_.tokenizer)),
      message_end_(*loaded_.tokenizer, chat_),
      assistant_(models::text::spoken_assistant_prompt(loaded_.language_model->info().weight_bytes)) {
  recordings_.voice_activity = loaded_.recording_voice_activity.get();
}

pipeline::Networks VoiceNetworks::networks() const {
  pipeline::Networks networks;
  networks.voice_activity = loaded_.voice_activity.get();
  networks.turn = loaded_.turn.get();
  networks.recognizer = loaded_.recognizer.get();
  networks.language_model = loaded_.language_model.get();
  networks.tokenizer = loaded_.tokenizer.get();
  networks.chat = &chat_;
  networks.tool_vocabulary = tool_vocabulary_.get();
  networks.message_end = &message_end_;
  networks.pronouncer = loaded_.pronouncer.get();
  networks.synthesizer = loaded_.synthesizer.get();
  networks.embedder = loaded_.embedder.get();
  networks.assistant = &assistant_;
  if (recordings_.voice_activity != nullptr) networks.recordings = &recordings_;
  return networks;
}

}  // namespace antiphon::server
