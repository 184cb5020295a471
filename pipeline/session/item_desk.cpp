#include "pipeline/session/item_desk.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace antiphon::pipeline {

void ItemDesk::send_error(const ItemError& error) {
  client_->send_error(std::string(protocol_code(error.code)), error.message, error.param);
}

bool ItemDesk::create(CreateItem& create) {
  std::optional<std::string_view> after;
  if (create.previous_item_id) after = create.previous_item_id->view();
  const auto result = conversation_->add(std::move(create.item), after);
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
    return false;
  }
  const auto& added = std::get<Conversation::Added>(result);
  client_->send(ItemAdded{*added.item, added.previous_item_id});
  client_->send(ItemDone{*added.item, added.previous_item_id});
  return true;
}

void ItemDesk::retrieve(const RetrieveItem& retrieve) {
  const auto result = conversation_->retrieve(retrieve.item_id.view());
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
  } else {
    client_->send(ItemRetrieved{*std::get<const ConversationItem*>(result)});
  }
}

void ItemDesk::remove(const DeleteItem& remove) {
  if (const auto error = conversation_->remove(remove.item_id.view())) {
    send_error(*error);
  } else {
    client_->send(ItemDeleted{remove.item_id});
  }
}

void ItemDesk::truncate(const TruncateItem& truncate) {
  const auto result = conversation_->truncate(
      truncate.item_id.view(), static_cast<std::size_t>(truncate.content_index), truncate.audio_end);
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
  } else {
    client_->send(ItemTruncated{truncate.item_id, truncate.content_index,
                                std::get<Conversation::Truncated>(result).audio_end});
  }
}

bool ItemDesk::names_unknown_item(const ResponseOverrides& overrides) {
  if (!overrides.input) return false;
  for (std::size_t i = 0; i < overrides.input->size(); ++i) {
    const auto* reference = std::get_if<ItemReference>(&(*overrides.input)[i]);
    if (reference == nullptr || conversation_->find(reference->id.view()) != nullptr) continue;
    client_->send_error("invalid_value",
                        "No item with the id '" + std::string(reference->id.view()) + "' exists.",
                        "response.input[" + std::to_string(i) + "].id");
    return true;
  }
  return false;
}

}  // namespace antiphon::pipeline
