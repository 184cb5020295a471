#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/conversation_item.h"

namespace antiphon::pipeline {

// Why a client's request about an item was refused; the conversation is as it was.
struct ItemError {
  enum class Code : std::uint8_t {
    kInvalidValue,
    kInvalidItemIdToRetrieve,
    kInvalidItemIdToDelete,
    kInvalidItemIdToTruncate
  };
  Code code = Code::kInvalidValue;
  std::string message;
  std::string param;  // the field of the client's event that is at fault
};

// As the protocol spells it, "item_retrieve_invalid_item_id" and so on.
std::string_view protocol_code(ItemError::Code code);

// The items of one session's conversation, in order.
//
// Owner:    one session; not thread-safe.
// Memory:   at most items_max items and content_bytes_max bytes in them.
// Overload: when an item does not fit, the oldest ones that are not in progress are forgotten, and counted.
//           (A refusal would end a long call; the prompt is cut from the front long before.)
// Lifetime: pointers and spans are valid until the next add(), remove() or truncate().
class Conversation {
 public:
  struct Limits {
    std::size_t items_max = 1000;  // >= 2
    std::size_t content_bytes_max = std::size_t{4} << 20U;
  };
  using NewItemId = std::function<WireId()>;  // a new one at each call

  Conversation(NewItemId new_item_id, const Limits& limits);

  struct Added {
    const ConversationItem* item = nullptr;
    WireId previous_item_id;  // empty: it is the first
  };
  // Puts the item after the one named: at the end if none is named, at the front if it is "root". The item's
  // own id is kept, or one is generated if it is empty. Refused with kInvalidValue: an id that is in use or
  // reserved, an unknown previous_item_id, a content part that does not fit the role, an item larger than the
  // limit.
  [[nodiscard]] std::variant<Added, ItemError> add(ConversationItem item,
                                                   std::optional<std::string_view> previous_item_id = {});

  [[nodiscard]] std::variant<const ConversationItem*, ItemError> retrieve(std::string_view id) const;
  [[nodiscard]] std::optional<ItemError> remove(std::string_view id);

  struct Truncated {
    std::chrono::milliseconds audio_end{0};  // what was asked for, or less: no more than there is
  };
  // Cuts an assistant's audio to what was heard, and its transcript with it (cut_audio). An assistant's item
  // without audio is left as it is and answers 0. Refused: an unknown or another kind of item, and an index
  // that is not of its content.
  [[nodiscard]] std::variant<Truncated, ItemError> truncate(std::string_view id, std::size_t content_index,
                                                            std::chrono::milliseconds audio_end);

  // For the session itself, to fill in what it makes: null if the item is gone (the client may remove it at
  // any time). The id must stay.
  ConversationItem* find(std::string_view id);
  const ConversationItem* find(std::string_view id) const;

  std::span<const ConversationItem> items() const { return items_; }
  std::int64_t items_forgotten() const { return items_forgotten_; }

 private:
  using Position = std::vector<ConversationItem>::iterator;
  std::optional<ItemError> fault_of(const ConversationItem& item) const;
  std::optional<Position> position_after(std::optional<std::string_view> previous_item_id);
  WireId unused_id() const;
  void forget_until_it_fits(std::string_view newest_id);

  NewItemId new_item_id_;
  Limits limits_;
  std::vector<ConversationItem> items_;
  std::int64_t items_forgotten_ = 0;
};

}  // namespace antiphon::pipeline
