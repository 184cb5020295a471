#include "pipeline/conversation_item.h"

#include <cassert>

namespace antiphon::pipeline {
namespace {

struct BytesOf {
  std::size_t operator()(const Message& message) const {
    std::size_t bytes = 0;
    for (const ContentPart& part : message.content) {
      bytes += sizeof(ContentPart) + part.text.size() + part.audio.size() +
               (part.transcript ? part.transcript->size() : 0) + part.words.size() * sizeof(SpokenWord);
    }
    return bytes;
  }
  std::size_t operator()(const FunctionCall& call) const { return call.name.size() + call.arguments.size(); }
  std::size_t operator()(const FunctionCallOutput& output) const { return output.output.size(); }
};

}  // namespace

std::size_t content_bytes(const ConversationItem& item) {
  return std::visit(BytesOf{}, item.body);
}

void cut_audio(ContentPart& part, std::int64_t samples) {
  assert(part.kind == ContentPart::Kind::kOutputAudio && samples >= 0);
  if (samples >= part.audio_samples) return;
  part.audio_samples = samples;
  if (!part.transcript) return;
  part.transcript = std::string(heard_text(*part.transcript, part.words, samples));
  std::erase_if(part.words, [&](const SpokenWord& word) { return word.text_end > part.transcript->size(); });
}

std::string text_of(const Message& message) {
  std::string text;
  for (const ContentPart& part : message.content) {
    const std::string& piece = part.is_audio() ? part.transcript.value_or(std::string()) : part.text;
    if (!text.empty() && !piece.empty()) text += ' ';
    text += piece;
  }
  return text;
}

}  // namespace antiphon::pipeline
