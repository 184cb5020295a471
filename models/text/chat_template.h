#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/text/tokenizer.h"
#include "models/weights/gguf.h"

namespace antiphon::models::text {

enum class ChatRole : std::uint8_t { kSystem, kUser, kAssistant, kTool };

struct ToolCall {
  std::string name;
  std::string arguments;  // a JSON object, as text
};

struct ChatMessage {
  ChatRole role = ChatRole::kUser;
  std::string text;               // kTool: the result
  std::vector<ToolCall> calls{};  // only kAssistant; they come after the text
};

// How a family of models marks who says what:
//   kChatMl  <|im_start|>user\n ... <|im_end|>\n   (SmolLM2, Qwen 2.5)
//   kLlama3  <|start_header_id|>user<|end_header_id|>\n\n ... <|eot_id|>
enum class ChatFamily : std::uint8_t { kChatMl, kLlama3 };

// By the model's own template, or where that is empty by its special tokens.
// Throws std::runtime_error if it is of no known family.
ChatFamily chat_family_of(std::string_view chat_template, const Tokenizer& tokenizer);
// By the file's own template, or where it has none by its special tokens.
// Throws std::runtime_error that names the file if it is of no known family.
ChatFamily chat_family_of(const GgufFile& file, const Tokenizer& tokenizer);

// Writes conversations as tokens. The marks are tokens of their own; everything that a person, a tool or the
// model says is encoded as plain text, so it can't pretend to be a mark.
//
// A prompt only grows: append what was said, append_reply_start(), then the tokens that the model makes, then
// append_reply_end(), then what was said next. Nothing before has to change.
//
// Tools are announced and called in Qwen 2.5's way for both families. Results in one append() share a
// message. Unlike the templates in the files, no system message is made up where none is given.
//
// Owner: any thread; immutable after construction. The tokenizer must outlive it.
class ChatTemplate {
 public:
  // Throws std::runtime_error if the vocabulary lacks one of the family's marks.
  ChatTemplate(ChatFamily family, const Tokenizer& tokenizer);

  // What a conversation starts with: the system message, if there is any text or tool for it.
  // `tools`: for each function its description as JSON, {"type": "function", "function": {...}}, in one line.
  std::vector<Token> opening(std::string_view system, std::span<const std::string> tools = {}) const;

  void append(std::span<const ChatMessage> messages, std::vector<Token>* tokens) const;
  void append(const ChatMessage& message, std::vector<Token>* tokens) const { append({&message, 1}, tokens); }
  // The user's message so far, left open: to ask the model whether it is complete.
  void append_unfinished_user(std::string_view text, std::vector<Token>* tokens) const;

  void append_reply_start(std::vector<Token>* tokens) const;
  void append_reply_end(std::vector<Token>* tokens) const;

  // Whether the model says by `token` that its reply is over: the end mark, or any other mark that has no
  // place in a reply. It is not part of the reply.
  bool ends_reply(Token token) const;
  // The mark at the end of each message.
  Token message_end() const { return message_end_; }

 private:
  class Writer;
  void write_start(ChatRole role, Writer* writer) const;
  void write_text(std::string_view text, Writer* writer) const;
  void write_end(Writer* writer) const;
  void write_tools(std::span<const std::string> tools, Writer* writer) const;
  void write_calls(const ChatMessage& message, Writer* writer) const;

  const Tokenizer& tokenizer_;
  ChatFamily family_;
  Token message_start_;
  Token header_end_ = -1;  // kLlama3
  Token message_end_;
};

}  // namespace antiphon::models::text
