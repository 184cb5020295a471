#include "models/text/chat_template.h"

#include <cassert>
#include <optional>
#include <stdexcept>

namespace antiphon::models::text {
namespace {

constexpr std::string_view kChatMlStart = "<|im_start|>";
constexpr std::string_view kLlama3Start = "<|start_header_id|>";

constexpr std::string_view kToolsBefore =
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";
constexpr std::string_view kToolsAfter =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within ";
constexpr std::string_view kCallShape = "\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n";

Token required(const Tokenizer& tokenizer, std::string_view name) {
  const std::optional<Token> token = tokenizer.special(name);
  if (!token) throw std::runtime_error("the vocabulary has no special token " + std::string(name));
  return *token;
}

std::string_view name_of(ChatRole role) {
  switch (role) {
    case ChatRole::kSystem:
      return "system";
    case ChatRole::kAssistant:
      return "assistant";
    case ChatRole::kUser:
    case ChatRole::kTool:
      return "user";
  }
  return "user";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

}  // namespace

ChatFamily chat_family_of(std::string_view chat_template, const Tokenizer& tokenizer) {
  const auto marks = [&](std::string_view start) {
    if (!chat_template.empty()) return chat_template.find(start) != std::string_view::npos;
    return tokenizer.special(start).has_value();
  };
  if (marks(kChatMlStart)) return ChatFamily::kChatMl;
  if (marks(kLlama3Start)) return ChatFamily::kLlama3;
  throw std::runtime_error("tokenizer.chat_template is of no known family (ChatML or Llama 3)");
}

ChatFamily chat_family_of(const GgufFile& file, const Tokenizer& tokenizer) {
  constexpr const char* kField = "tokenizer.chat_template";
  try {
    return chat_family_of(file.has(kField) ? file.text(kField) : std::string_view(), tokenizer);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(file.path().string() + ": " + error.what());
  }
}

// Joins all text between two marks before it is encoded, as the models were trained.
class ChatTemplate::Writer {
 public:
  Writer(const Tokenizer& tokenizer, std::vector<Token>* tokens) : tokenizer_(tokenizer), tokens_(*tokens) {}

  void text(std::string_view text) { pending_ += text; }
  void mark(Token token) {
    flush();
    tokens_.push_back(token);
  }
  // A mark where the vocabulary has it, else text.
  void tag(std::string_view name) {
    if (const auto token = tokenizer_.special(name)) {
      mark(*token);
    } else {
      text(name);
    }
  }
  void flush() {
    tokenizer_.encode(pending_, &tokens_);
    pending_.clear();
  }

 private:
  const Tokenizer& tokenizer_;
  std::vector<Token>& tokens_;
  std::string pending_;
};

ChatTemplate::ChatTemplate(ChatFamily family, const Tokenizer& tokenizer)
    : tokenizer_(tokenizer),
      family_(family),
      message_start_(required(tokenizer, family == ChatFamily::kChatMl ? kChatMlStart : kLlama3Start)),
      message_end_(required(tokenizer, family == ChatFamily::kChatMl ? "<|im_end|>" : "<|eot_id|>")) {
  if (family == ChatFamily::kLlama3) header_end_ = required(tokenizer, "<|end_header_id|>");
}

std::vector<Token> ChatTemplate::opening(std::string_view system, std::span<const std::string> tools) const {
  std::vector<Token> tokens;
  Writer writer(tokenizer_, &tokens);
  if (family_ == ChatFamily::kLlama3) writer.tag("<|begin_of_text|>");
  if (!system.empty() || !tools.empty()) {
    write_start(ChatRole::kSystem, &writer);
    write_text(system, &writer);
    if (!system.empty() && !tools.empty()) writer.text("\n\n");
    if (!tools.empty()) write_tools(tools, &writer);
    write_end(&writer);
  }
  writer.flush();
  return tokens;
}

void ChatTemplate::append(std::span<const ChatMessage> messages, std::vector<Token>* tokens) const {
  Writer writer(tokenizer_, tokens);
  const auto is_tool = [&](std::size_t i) {
    return i < messages.size() && messages[i].role == ChatRole::kTool;
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const ChatMessage& message = messages[i];
    assert(message.calls.empty() || message.role == ChatRole::kAssistant);
    const bool goes_on = is_tool(i) && i > 0 && is_tool(i - 1);
    if (!goes_on) write_start(message.role, &writer);
    if (is_tool(i)) {
      writer.text(goes_on ? "\n<tool_response>\n" : "<tool_response>\n");
      write_text(message.text, &writer);
      writer.text("\n</tool_response>");
      if (is_tool(i + 1)) continue;
    } else {
      write_text(message.text, &writer);
      write_calls(message, &writer);
    }
    write_end(&writer);
  }
  writer.flush();
}

void ChatTemplate::append_unfinished_user(std::string_view text, std::vector<Token>* tokens) const {
  Writer writer(tokenizer_, tokens);
  write_start(ChatRole::kUser, &writer);
  write_text(text, &writer);
  writer.flush();
}

void ChatTemplate::append_reply_start(std::vector<Token>* tokens) const {
  Writer writer(tokenizer_, tokens);
  write_start(ChatRole::kAssistant, &writer);
  writer.flush();
}

void ChatTemplate::append_reply_end(std::vector<Token>* tokens) const {
  Writer writer(tokenizer_, tokens);
  write_end(&writer);
  writer.flush();
}

bool ChatTemplate::ends_reply(Token token) const {
  const TokenKind kind = tokenizer_.kind(token);
  return token == message_end_ || kind == TokenKind::kControl || kind == TokenKind::kUnused;
}

void ChatTemplate::write_start(ChatRole role, Writer* writer) const {
  writer->mark(message_start_);
  writer->text(name_of(role));
  if (family_ == ChatFamily::kLlama3) {
    writer->mark(header_end_);
    writer->text("\n\n");
  } else {
    writer->text("\n");
  }
}

void ChatTemplate::write_text(std::string_view text, Writer* writer) const {
  writer->text(family_ == ChatFamily::kLlama3 ? trimmed(text) : text);
}

void ChatTemplate::write_end(Writer* writer) const {
  writer->mark(message_end_);
  if (family_ == ChatFamily::kChatMl) writer->text("\n");
}

void ChatTemplate::write_tools(std::span<const std::string> tools, Writer* writer) const {
  writer->text(kToolsBefore);
  for (const std::string& tool : tools) {
    writer->text("\n");
    writer->text(tool);
  }
  writer->text(kToolsAfter);
  writer->tag("<tool_call>");
  writer->tag("</tool_call>");
  writer->text(" XML tags:\n");
  writer->tag("<tool_call>");
  writer->text(kCallShape);
  writer->tag("</tool_call>");
}

void ChatTemplate::write_calls(const ChatMessage& message, Writer* writer) const {
  bool on_new_line = message.text.empty();
  for (const ToolCall& call : message.calls) {
    if (!on_new_line) writer->text("\n");
    on_new_line = false;
    writer->tag("<tool_call>");
    writer->text("\n{\"name\": \"");
    writer->text(call.name);
    writer->text("\", \"arguments\": ");
    writer->text(call.arguments);
    writer->text("}\n");
    writer->tag("</tool_call>");
  }
}

}  // namespace antiphon::models::text
