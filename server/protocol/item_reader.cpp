#include "server/protocol/item_reader.h"

#include "server/protocol/base64.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;
using Kind = ContentPart::Kind;

constexpr std::size_t kPartsMax = 100;

bool fits(Role role, Kind kind) {
  switch (role) {
    case Role::kSystem:
      return kind == Kind::kInputText;
    case Role::kUser:
      return kind == Kind::kInputText || kind == Kind::kInputAudio;
    case Role::kAssistant:
      return kind == Kind::kOutputText || kind == Kind::kOutputAudio;
  }
  return false;
}

// The beta says text and audio where the assistant speaks.
std::optional<Kind> part_kind(const Fields& part) {
  part.require("type");
  const json::value* type = part.value("type");
  if (type != nullptr && *type == "input_image") {
    part.fail("unsupported_content_type", "type", "is input_image: this server has no eyes.");
    return std::nullopt;
  }
  return part.choice<Kind>("type", {{"input_text", Kind::kInputText},
                                    {"input_audio", Kind::kInputAudio},
                                    {"output_text", Kind::kOutputText},
                                    {"output_audio", Kind::kOutputAudio},
                                    {"text", Kind::kOutputText},
                                    {"audio", Kind::kOutputAudio}});
}

ContentPart content_part(const Fields& part, Role role) {
  ContentPart read;
  const std::optional<Kind> kind = part_kind(part);
  if (!kind) return read;
  read.kind = *kind;
  if (!fits(role, *kind)) part.fail("unsupported_content_type", "type", "does not fit the item's role.");
  if (*kind == Kind::kInputText || *kind == Kind::kOutputText) {
    part.require("text");
    read.text = part.text("text").value_or("");
    return read;
  }
  read.transcript = part.text("transcript");
  if (const std::optional<std::string> audio = part.text("audio")) {
    std::optional<AudioBytes> bytes = base64_decoded(*audio);
    if (!bytes) part.fail("invalid_value", "audio", "is not Base64.");
    if (bytes) read.audio = std::move(*bytes);
  }
  return read;
}

Message message(const Fields& item) {
  Message read;
  item.require("role");
  read.role =
      item.choice<Role>("role",
                        {{"system", Role::kSystem}, {"user", Role::kUser}, {"assistant", Role::kAssistant}})
          .value_or(Role::kUser);
  item.require("content");
  const json::array* parts = item.array("content", kPartsMax);
  for (std::size_t i = 0; parts != nullptr && i < parts->size(); ++i) {
    const std::optional<Fields> part = item.element("content", *parts, i);
    if (part) read.content.push_back(content_part(*part, read.role));
  }
  return read;
}

}  // namespace

ConversationItem conversation_item(const Fields& item) {
  enum class Type { kMessage, kFunctionCall, kFunctionCallOutput };
  ConversationItem read;
  item.require("type");
  const auto type = item.choice<Type>("type", {{"message", Type::kMessage},
                                               {"function_call", Type::kFunctionCall},
                                               {"function_call_output", Type::kFunctionCallOutput}});
  if (!type) return read;
  read.id = item.id("id").value_or(WireId());
  read.status = item.choice<ItemStatus>("status", {{"completed", ItemStatus::kCompleted},
                                                   {"incomplete", ItemStatus::kIncomplete},
                                                   {"in_progress", ItemStatus::kInProgress}})
                    .value_or(ItemStatus::kCompleted);
  if (*type == Type::kMessage) {
    read.body = message(item);
    return read;
  }
  if (*type == Type::kFunctionCall) {
    item.require("name");
    item.require("arguments");
    read.body = FunctionCall{item.id("call_id").value_or(WireId()), item.text("name").value_or(""),
                             item.text("arguments").value_or("")};
    return read;
  }
  item.require("call_id");
  item.require("output");
  read.body = FunctionCallOutput{item.id("call_id").value_or(WireId()), item.text("output").value_or("")};
  return read;
}

}  // namespace antiphon::server::protocol
