// What a conversation consists of, as native values: messages, calls of the client's functions, their
// results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/heard_words.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

using AudioBytes = std::vector<std::byte>;  // encoded in the session's input or output format

enum class ItemStatus : std::uint8_t { kInProgress, kCompleted, kIncomplete };

enum class Role : std::uint8_t { kSystem, kUser, kAssistant };

struct ContentPart {
  enum class Kind : std::uint8_t { kInputText, kInputAudio, kOutputText, kOutputAudio };
  Kind kind = Kind::kInputText;
  std::string text;                       // of the two text kinds
  std::optional<std::string> transcript;  // of the two audio kinds; none: not transcribed (yet)
  AudioBytes audio;                       // of the two audio kinds; mostly left out on the way to the client
  // Of kOutputAudio; they stay on the server.
  std::int64_t audio_samples = 0;      // handed out so far, at 24 kHz
  std::vector<SpokenWord> words = {};  // of `transcript`; none if their times are not known

  bool is_audio() const { return kind == Kind::kInputAudio || kind == Kind::kOutputAudio; }

  bool operator==(const ContentPart&) const = default;
};

struct Message {
  Role role = Role::kUser;
  std::vector<ContentPart> content;  // system: input text; user: input kinds; assistant: output kinds

  bool operator==(const Message&) const = default;
};

struct FunctionCall {
  WireId call_id;
  std::string name;
  std::string arguments;  // JSON text, as the model wrote it

  bool operator==(const FunctionCall&) const = default;
};

struct FunctionCallOutput {
  WireId call_id;
  std::string output;  // free text, mostly JSON

  bool operator==(const FunctionCallOutput&) const = default;
};

struct ConversationItem {
  WireId id;  // empty in a client's event: the session gives one
  ItemStatus status = ItemStatus::kCompleted;
  std::variant<Message, FunctionCall, FunctionCallOutput> body;

  bool operator==(const ConversationItem&) const = default;
};

// What is known of what was said or written, as one text.
std::string text_of(const Message& message);

// All its strings and word times; the item's own size is left out.
std::size_t content_bytes(const ConversationItem& item);

// Cuts a kOutputAudio part to its first `samples`: less audio, and of the transcript only what was heard. A
// transcript without word times is dropped, since nobody knows how much of it was heard. Nothing happens when
// the part has no more than `samples`.
void cut_audio(ContentPart& part, std::int64_t samples);

}  // namespace antiphon::pipeline
