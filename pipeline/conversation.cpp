#include "pipeline/conversation.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "audio/frame.h"

namespace antiphon::pipeline {
namespace {

using Code = ItemError::Code;
using std::chrono::milliseconds;

constexpr std::int64_t kSamplesPerMs = audio::kRenderRateHz / 1000;
constexpr std::string_view kFront = "root";

bool fits(Role role, ContentPart::Kind kind) {
  switch (role) {
    case Role::kSystem:
      return kind == ContentPart::Kind::kInputText;
    case Role::kUser:
      return kind == ContentPart::Kind::kInputText || kind == ContentPart::Kind::kInputAudio;
    case Role::kAssistant:
      return kind == ContentPart::Kind::kOutputText || kind == ContentPart::Kind::kOutputAudio;
  }
  return false;
}

std::optional<ItemError> content_fault(const ConversationItem& item) {
  const auto* message = std::get_if<Message>(&item.body);
  if (message == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < message->content.size(); ++i) {
    if (fits(message->role, message->content[i].kind)) continue;
    return ItemError{Code::kInvalidValue, "This type of content does not fit the message's role.",
                     "item.content[" + std::to_string(i) + "].type"};
  }
  return std::nullopt;
}

ItemError unknown_item(Code code, std::string_view id) {
  return {code, "No item with the id '" + std::string(id) + "' exists.", "item_id"};
}

}  // namespace

std::string_view protocol_code(ItemError::Code code) {
  switch (code) {
    case Code::kInvalidValue:
      return "invalid_value";
    case Code::kInvalidItemIdToRetrieve:
      return "item_retrieve_invalid_item_id";
    case Code::kInvalidItemIdToDelete:
      return "item_delete_invalid_item_id";
    case Code::kInvalidItemIdToTruncate:
      return "item_truncate_invalid_item_id";
  }
  return "";
}

Conversation::Conversation(NewItemId new_item_id, const Limits& limits)
    : new_item_id_(std::move(new_item_id)), limits_(limits) {
  assert(limits_.items_max >= 2);
}

std::variant<Conversation::Added, ItemError> Conversation::add(
    ConversationItem item, std::optional<std::string_view> previous_item_id) {
  if (std::optional<ItemError> fault = fault_of(item)) return *std::move(fault);
  const std::optional<Position> position = position_after(previous_item_id);
  if (!position) {
    return ItemError{Code::kInvalidValue,
                     "No item with the id '" + std::string(*previous_item_id) + "' exists.",
                     "previous_item_id"};
  }
  if (item.id.empty()) item.id = unused_id();
  const WireId id = items_.insert(*position, std::move(item))->id;
  forget_until_it_fits(id.view());
  Added added;
  added.item = find(id.view());
  if (added.item != items_.data()) added.previous_item_id = (added.item - 1)->id;
  return added;
}

std::optional<ItemError> Conversation::fault_of(const ConversationItem& item) const {
  if (item.id.view() == kFront) {
    return ItemError{Code::kInvalidValue, "The id 'root' is reserved.", "item.id"};
  }
  if (!item.id.empty() && find(item.id.view()) != nullptr) {
    return ItemError{Code::kInvalidValue,
                     "An item with the id '" + std::string(item.id.view()) + "' exists already.", "item.id"};
  }
  if (content_bytes(item) > limits_.content_bytes_max) {
    return ItemError{Code::kInvalidValue,
                     "The item is larger than " + std::to_string(limits_.content_bytes_max) + " bytes.",
                     "item"};
  }
  return content_fault(item);
}

std::optional<Conversation::Position> Conversation::position_after(
    std::optional<std::string_view> previous_item_id) {
  if (!previous_item_id) return items_.end();
  if (*previous_item_id == kFront) return items_.begin();
  const ConversationItem* previous = find(*previous_item_id);
  if (previous == nullptr) return std::nullopt;
  return items_.begin() + (previous - items_.data()) + 1;
}

// A client may have taken the generator's next ids, but not more of them than there are items.
WireId Conversation::unused_id() const {
  for (std::size_t tries = 0; tries <= items_.size(); ++tries) {
    const WireId id = new_item_id_();
    if (find(id.view()) == nullptr) return id;
  }
  assert(!"the generator of item ids repeats itself");
  return {};
}

void Conversation::forget_until_it_fits(std::string_view newest_id) {
  std::size_t bytes = 0;
  for (const ConversationItem& item : items_) bytes += content_bytes(item);
  for (auto item = items_.begin(); item != items_.end();) {
    if (items_.size() <= limits_.items_max && bytes <= limits_.content_bytes_max) return;
    if (item->id.view() == newest_id) {
      ++item;
      continue;
    }
    bytes -= content_bytes(*item);
    item = items_.erase(item);
    ++items_forgotten_;
  }
}

std::variant<const ConversationItem*, ItemError> Conversation::retrieve(std::string_view id) const {
  if (const ConversationItem* item = find(id)) return item;
  return unknown_item(Code::kInvalidItemIdToRetrieve, id);
}

std::optional<ItemError> Conversation::remove(std::string_view id) {
  const ConversationItem* item = find(id);
  if (item == nullptr) return unknown_item(Code::kInvalidItemIdToDelete, id);
  items_.erase(items_.begin() + (item - items_.data()));
  return std::nullopt;
}

std::variant<Conversation::Truncated, ItemError> Conversation::truncate(std::string_view id,
                                                                        std::size_t content_index,
                                                                        milliseconds audio_end) {
  ConversationItem* item = find(id);
  if (item == nullptr) return unknown_item(Code::kInvalidItemIdToTruncate, id);
  auto* message = std::get_if<Message>(&item->body);
  if (message == nullptr || message->role != Role::kAssistant) {
    return ItemError{Code::kInvalidItemIdToTruncate, "Only an assistant's audio can be truncated.",
                     "item_id"};
  }
  // Clients truncate before the first sound, when the content is still empty.
  if (content_index == 0 && message->content.empty()) return Truncated{};
  if (content_index >= message->content.size()) {
    return ItemError{Code::kInvalidValue, "The item has no content of this index.", "content_index"};
  }
  ContentPart& part = message->content[content_index];
  if (!part.is_audio()) return Truncated{};
  const milliseconds there_is(part.audio_samples / kSamplesPerMs);
  const milliseconds end = std::clamp(audio_end, milliseconds(0), there_is);
  if (audio_end < there_is) cut_audio(part, end.count() * kSamplesPerMs);
  return Truncated{end};
}

ConversationItem* Conversation::find(std::string_view id) {
  const ConversationItem* item = std::as_const(*this).find(id);
  return item == nullptr ? nullptr : &items_[static_cast<std::size_t>(item - items_.data())];
}

const ConversationItem* Conversation::find(std::string_view id) const {
  const auto found = std::find_if(items_.begin(), items_.end(),
                                  [&](const ConversationItem& i) { return i.id.view() == id; });
  return found == items_.end() ? nullptr : &*found;
}

}  // namespace antiphon::pipeline
