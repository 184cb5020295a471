#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/decoding/json_acceptor.h"
#include "models/decoding/json_shape.h"

namespace antiphon::models {

// A function that the model may call, as a client described it.
struct FunctionSchema {
  std::string name;
  std::string parameters;  // a JSON Schema of an object; empty: the function takes nothing
};

// The calls that a set of functions allows:
//
//   {"name": "<one of the names>", "arguments": <object of that function's parameters>}\n</tool_call>
//
// Owner: any thread; immutable after compile(). Acceptors refer to it.
class ToolCallGrammar {
 public:
  // Safe for outside bytes; `field` of an error begins with "tools[i].".
  static std::variant<ToolCallGrammar, SchemaError> compile(std::span<const FunctionSchema> functions);

 private:
  friend class ToolCallAcceptor;
  ToolCallGrammar() = default;

  JsonShapes shapes_;
  std::vector<std::string> names_;   // sorted, as JSON strings without the opening quote
  std::vector<ShapeId> parameters_;  // parallel to names_
};

// Reads one call byte by byte, from behind "<tool_call>" (with or without the line break) to "</tool_call>",
// and refuses each byte after which no call of the grammar is possible. Copying is cheap (no heap).
class ToolCallAcceptor {
 public:
  // `grammar` must outlive this object.
  explicit ToolCallAcceptor(const ToolCallGrammar& grammar);

  // False if the byte can't come next; the state is then useless.
  [[nodiscard]] bool advance(char byte);
  bool done() const { return phase_ == Phase::kDone; }
  // Whether the next byte is an ordinary one inside a string of the arguments.
  bool inside_string() const { return phase_ == Phase::kArguments && arguments_.inside_string(); }

 private:
  enum class Phase : std::uint8_t { kBreak, kBefore, kName, kBetween, kArguments, kAfter, kDone };

  bool advance_literal(std::string_view literal, char byte, Phase next);
  bool advance_name(char byte);
  bool advance_arguments(char byte);

  const ToolCallGrammar* grammar_;
  Phase phase_ = Phase::kBreak;
  std::uint8_t literal_bytes_ = 0;
  TextChoice name_;
  JsonAcceptor arguments_;
};

}  // namespace antiphon::models
