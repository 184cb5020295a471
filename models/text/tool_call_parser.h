#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/text/chat_template.h"

namespace antiphon::models::text {

struct ReplyText {
  std::string text;  // never empty
};
// A call that can't be understood: no valid JSON, no name, arguments that are no object, cut off, too long.
struct BrokenToolCall {
  std::string raw;     // as the model wrote it, without the tags
  std::string reason;  // a short sentence
};
using ReplyEvent = std::variant<ReplyText, ToolCall, BrokenToolCall>;

// Takes a model's reply apart as it arrives: what is to be said, and calls, written as
//
//   <tool_call>\n{"name": "...", "arguments": {...}}\n</tool_call>
//
// Text comes out at once, but for the beginning of what may become a tag. White space comes out with the text
// after it, so there is none around calls and at the end.
// A call comes out when its end tag is there; open_call() says what there is of it before. Arguments are as
// the model wrote them if it writes the call as above, else with its order of keys and spaces as it was
// trained (spaced_json).
//
// Owner:  one reply; not thread-safe.
// Errors: none; any bytes are fine. A call may have kCallBytesMax bytes and kJsonDepthMax levels.
class ToolCallParser {
 public:
  static constexpr std::size_t kCallBytesMax = 64 * 1024;
  static constexpr int kJsonDepthMax = 32;

  void push(std::string_view piece, std::vector<ReplyEvent>* events);
  struct OpenCall {
    std::string_view name;
    std::string_view arguments;  // the object so far; not empty
  };
  // The call that has begun, once its arguments have, if it is written as above: what is there now is how its
  // arguments begin. Valid until the next call.
  std::optional<OpenCall> open_call() const;
  // The reply is over: text that was held back comes out, an open call is broken. Ready for another reply.
  void finish(std::vector<ReplyEvent>* events);

 private:
  void say(std::string_view text, std::vector<ReplyEvent>* events);
  bool take_text(std::vector<ReplyEvent>* events);
  bool take_call(std::vector<ReplyEvent>* events);

  std::string pending_;  // outside a call: at most a tag's beginning; inside: the call so far
  std::string spaces_;   // white space that is text only if more text follows
  bool in_call_ = false;
  bool too_long_ = false;
};

}  // namespace antiphon::models::text
