#include "tests/simulation/event_ledger.h"

#include <algorithm>
#include <variant>

namespace antiphon::simulation {

using namespace pipeline;

namespace {

std::string text(const WireId& id) {
  return std::string(id.view());
}

}  // namespace

void EventLedger::on_event(const ServerEvent& event) {
  std::visit([this](const auto& one) { handle(one); }, event);
}

void EventLedger::on_end() {
  for (const auto& [id, response] : responses_) faults_->add("response " + id + " has no terminal");
  for (const std::string& id : items_) faults_->add("item " + id + " is added and not done");
}

EventLedger::Response* EventLedger::response(const WireId& id) {
  const auto found = responses_.find(text(id));
  if (found != responses_.end()) return &found->second;
  faults_->add("an event of response " + text(id) + ", which is not open");
  return nullptr;
}

void EventLedger::handle(const ResponseCreated& event) {
  const std::string id = text(event.response->id);
  const bool in_conversation = !event.response->conversation_id.empty();
  const bool another =
      std::ranges::any_of(responses_, [](const auto& open) { return open.second.in_conversation; });
  if (in_conversation && another) faults_->add("two responses write to the conversation");
  if (ended_.contains(id) || !responses_.emplace(id, Response{in_conversation, {}, {}}).second) {
    faults_->add("response " + id + " is created twice");
  }
}

void EventLedger::handle(const ResponseDone& event) {
  const std::string id = text(event.response->id);
  const Response* open = response(event.response->id);
  if (open == nullptr) return;
  if (!open->items.empty() || !open->parts.empty())
    faults_->add("response " + id + " ends with an open item");
  if (!event.response->usage) faults_->add("response " + id + " has no usage");
  responses_.erase(id);
  ended_.insert(id);
}

void EventLedger::handle(const OutputItemAdded& event) {
  Response* open = response(event.response_id);
  if (open != nullptr && !open->items.insert(text(event.item.id)).second) {
    faults_->add("output item " + text(event.item.id) + " is added twice");
  }
}

void EventLedger::handle(const OutputItemDone& event) {
  Response* open = response(event.response_id);
  if (open != nullptr && open->items.erase(text(event.item.id)) == 0) {
    faults_->add("output item " + text(event.item.id) + " is done and not open");
  }
}

void EventLedger::handle(const ContentPartAdded& event) {
  Response* open = response(event.place.response_id);
  if (open == nullptr) return;
  if (!open->items.contains(text(event.place.item_id))) faults_->add("a part of an item that is not open");
  if (!open->parts.insert(text(event.place.item_id)).second) faults_->add("a part is added twice");
}

void EventLedger::handle(const ContentPartDone& event) {
  Response* open = response(event.place.response_id);
  if (open != nullptr && open->parts.erase(text(event.place.item_id)) == 0) {
    faults_->add("a part is done and not open");
  }
}

void EventLedger::handle(const ItemAdded& event) {
  if (!items_.insert(text(event.item.id)).second)
    faults_->add("item " + text(event.item.id) + " is added twice");
}

void EventLedger::handle(const ItemDone& event) {
  if (items_.erase(text(event.item.id)) == 0) {
    faults_->add("item " + text(event.item.id) + " is done and not open");
  }
}

void EventLedger::handle(const FunctionArgumentsDone& event) {
  const Response* open = response(event.place.response_id);
  if (open != nullptr && !open->items.contains(text(event.place.item_id))) {
    faults_->add("arguments of a call that is not open");
  }
}

void EventLedger::expect_open_part(const ContentPlace& place) {
  const Response* open = response(place.response_id);
  if (open != nullptr && !open->parts.contains(text(place.item_id))) {
    faults_->add("content of a part that is not open");
  }
}

template <class Event>
void EventLedger::handle(const Event& event) {
  if constexpr (requires { event.place.content_index; } && !requires { event.call_id; }) {
    expect_open_part(event.place);
  }
}

}  // namespace antiphon::simulation
