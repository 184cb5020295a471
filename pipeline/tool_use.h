#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "models/decoding/tool_call_grammar.h"
#include "pipeline/session_config.h"

namespace antiphon::pipeline {

// The client's functions as a language model gets them: announced in its prompt, and what a call of them may
// look like.
//
//  - A schema beyond what can be enforced ($ref, allOf) is announced, and any object is a call's arguments.
//  - Functions that may not be called this time are announced all the same, so that the prompt stays as it
//    was.
//
// Owner: any thread; immutable. Shared by a session, its replies and their requests on the lanes, since each
//        may outlive the others.
class ToolUse {
 public:
  enum class Calls : std::uint8_t {
    kNever,
    kIfWanted,  // by the model
    kAtLeastOne,
  };
  static constexpr std::size_t kSchemaBytesMax = 256 * 1024;  // of all functions together

  // Null if there is nothing to call. An error names "tools", "tools[i].name" or "tool_choice".
  using Made = std::variant<std::shared_ptr<const ToolUse>, models::SchemaError>;
  static Made of(std::span<const Tool> tools, const ToolChoice& choice);

  Calls calls() const { return calls_; }
  // For ChatTemplate::opening().
  std::span<const std::string> announcements() const { return announcements_; }
  const models::ToolCallGrammar& grammar() const { return grammar_; }

 private:
  ToolUse(Calls calls, std::vector<std::string> announcements, models::ToolCallGrammar grammar)
      : calls_(calls), announcements_(std::move(announcements)), grammar_(std::move(grammar)) {}

  Calls calls_;
  std::vector<std::string> announcements_;
  models::ToolCallGrammar grammar_;
};

}  // namespace antiphon::pipeline
