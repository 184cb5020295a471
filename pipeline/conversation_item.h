// What a Realtime conversation is made of, as data. The protocol's JSON is made and read elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/heard_words.h"

namespace antiphon::pipeline {

enum class ItemStatus : std::uint8_t { kInProgress, kCompleted, kIncomplete };
enum class Role : std::uint8_t { kSystem, kUser, kAssistant };
enum class PartType : std::uint8_t { kInputText, kInputAudio, kOutputText, kOutputAudio };

// One part of a message's content. Audio itself is not kept, only what was said in it.
struct ContentPart {
  PartType type = PartType::kInputText;
  std::string text;                       // of kInputText and kOutputText
  std::optional<std::string> transcript;  // of kInputAudio and kOutputAudio; empty: not known (yet)
  std::int64_t audio_samples = 0;         // of kOutputAudio: handed out so far, at 24 kHz
  std::vector<SpokenWord> words;  // of kOutputAudio: of `transcript`; none if their times are not known

  bool is_audio() const { return type == PartType::kInputAudio || type == PartType::kOutputAudio; }
};

struct Message {
  Role role = Role::kUser;
  std::vector<ContentPart> content;
};

struct FunctionCall {
  std::string name;
  std::string arguments;  // JSON text
  std::string call_id;
};

struct FunctionCallOutput {
  std::string call_id;
  std::string output;
};

struct Item {
  std::string id;  // empty: to be generated
  ItemStatus status = ItemStatus::kCompleted;
  std::variant<Message, FunctionCall, FunctionCallOutput> body;
};

// All its strings and word times; the item's own size is left out.
std::size_t content_bytes(const Item& item);

// Cuts a kOutputAudio part to its first `samples`: less audio, and of the transcript only what was heard. A
// transcript without word times is dropped, since nobody knows how much of it was heard. Nothing happens when
// the part has no more than `samples`.
void cut_audio(ContentPart& part, std::int64_t samples);

}  // namespace antiphon::pipeline
