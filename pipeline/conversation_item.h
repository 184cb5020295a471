// What a conversation consists of, as native values: messages, calls of the client's functions, their
// results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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

}  // namespace antiphon::pipeline
