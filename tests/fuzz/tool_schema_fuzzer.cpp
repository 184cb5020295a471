#include <cstdint>
#include <string>
#include <variant>

#include "models/decoding/tool_call_grammar.h"

using namespace antiphon::models;

// Any bytes are compiled or refused; a compiled grammar always has a next byte until the call is complete.
// The second half of the input, after a zero byte, chooses among the bytes that are possible.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  const auto compiled =
      ToolCallGrammar::compile(std::vector<FunctionSchema>{{"first", input.substr(0, end)}, {"second", ""}});
  if (end == std::string::npos || std::holds_alternative<SchemaError>(compiled)) return 0;
  ToolCallAcceptor state(std::get<ToolCallGrammar>(compiled));
  for (std::size_t i = end + 1; i < input.size() && !state.done(); ++i) {
    bool moved = false;
    for (int step = 0; step < 256 && !moved; ++step) {
      ToolCallAcceptor next = state;
      moved = next.advance(static_cast<char>(static_cast<unsigned char>(input[i]) + step));
      if (moved) state = next;
    }
    if (!moved) __builtin_trap();
  }
  return 0;
}
