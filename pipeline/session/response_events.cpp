#include "pipeline/session/response_events.h"

#include <cassert>
#include <memory>
#include <utility>

namespace antiphon::pipeline {

ResponseTerms terms_of(const SessionConfig& config, const ResponseOverrides& overrides) {
  ResponseTerms terms;
  terms.modality = overrides.output_modality.value_or(config.output_modality);
  terms.max_output_tokens = overrides.max_output_tokens.value_or(config.max_output_tokens);
  terms.output_format = overrides.output_format.value_or(config.output_format);
  terms.voice = overrides.voice.value_or(config.voice);
  terms.speed = config.speed;
  terms.metadata = overrides.metadata;
  terms.in_conversation = !overrides.outside_conversation;
  return terms;
}

ResponseEvents::ResponseEvents(ClientChannel* client, ResponseTerms terms, const WireId& conversation_id)
    : client_(client),
      terms_(std::move(terms)),
      conversation_id_(terms_.in_conversation ? conversation_id : WireId()),
      response_id_(client->new_id("resp")),
      item_id_(client->new_id("item")),
      encoder_(terms_.output_format) {}

ResponseSnapshot ResponseEvents::snapshot() const {
  ResponseSnapshot response;
  response.id = response_id_;
  response.conversation_id = conversation_id_;
  response.output_modality = terms_.modality;
  response.max_output_tokens = terms_.max_output_tokens;
  response.output_format = terms_.output_format;
  response.voice = terms_.voice;
  response.metadata = terms_.metadata;
  return response;
}

void ResponseEvents::created() {
  assert(!created_);
  created_ = true;
  client_->send(ResponseCreated{std::make_unique<const ResponseSnapshot>(snapshot())});
}

void ResponseEvents::begin_message(const ConversationItem& item, const WireId& previous) {
  assert(created_ && !message_begun_);
  message_begun_ = true;
  ContentPart part;
  part.kind = terms_.modality == OutputModality::kAudio ? ContentPart::Kind::kOutputAudio
                                                        : ContentPart::Kind::kOutputText;
  client_->send(OutputItemAdded{response_id_, 0, item});
  if (terms_.in_conversation) client_->send(ItemAdded{item, previous});
  client_->send(ContentPartAdded{place(), std::move(part)});
}

void ResponseEvents::audio(const audio::RenderFrame& frame) {
  const std::span<const std::byte> bytes = encoder_.encode(frame);
  AudioBytes buffer = client_->audio_buffer();
  buffer.assign(bytes.begin(), bytes.end());
  client_->send(OutputAudioDelta{place(), std::move(buffer)});
}

void ResponseEvents::transcript(std::string delta) {
  client_->send(OutputTranscriptDelta{place(), std::move(delta)});
}

void ResponseEvents::text(std::string delta) {
  client_->send(OutputTextDelta{place(), std::move(delta)});
}

void ResponseEvents::end_content(const ContentPart& part) {
  if (part.is_audio()) {
    client_->send(OutputAudioDone{place()});
    client_->send(OutputTranscriptDone{place(), part.transcript.value_or(std::string())});
  } else {
    client_->send(OutputTextDone{place(), part.text});
  }
  client_->send(ContentPartDone{place(), part});
}

void ResponseEvents::end_message(ConversationItem message, const WireId& previous) {
  assert(message_begun_ && output_.empty());
  end_content(std::get<Message>(message.body).content.front());
  if (terms_.in_conversation) client_->send(ItemDone{message, previous});
  client_->send(OutputItemDone{response_id_, 0, message});
  output_.push_back(std::move(message));
}

void ResponseEvents::begin_call(const ConversationItem& call, const WireId& previous) {
  client_->send(OutputItemAdded{response_id_, call_place(call).output_index, call});
  if (terms_.in_conversation) client_->send(ItemAdded{call, previous});
}

void ResponseEvents::call_arguments(const ConversationItem& call, std::string delta) {
  client_->send(
      FunctionArgumentsDelta{call_place(call), std::get<FunctionCall>(call.body).call_id, std::move(delta)});
}

void ResponseEvents::end_call(ConversationItem call, const WireId& previous) {
  const auto& whole = std::get<FunctionCall>(call.body);
  const ContentPlace place = call_place(call);
  if (call.status == ItemStatus::kCompleted) {
    client_->send(FunctionArgumentsDone{place, whole.call_id, whole.name, whole.arguments});
  }
  if (terms_.in_conversation) client_->send(ItemDone{call, previous});
  client_->send(OutputItemDone{response_id_, place.output_index, call});
  output_.push_back(std::move(call));
}

void ResponseEvents::end(ResponseStatus status, std::optional<ResponseEnd> why, const ResponseUsage& usage) {
  assert(created_);
  ResponseSnapshot response = snapshot();
  response.status = status;
  response.end = std::move(why);
  response.usage = usage;
  response.output = std::move(output_);
  client_->send(ResponseDone{std::make_unique<const ResponseSnapshot>(std::move(response))});
}

}  // namespace antiphon::pipeline
