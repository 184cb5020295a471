#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "server/protocol/client_reader.h"
#include "server/protocol/server_writer.h"

using namespace antiphon::pipeline;
using antiphon::server::protocol::Dialect;
using antiphon::server::protocol::write_server_event;

namespace {

ClientEvent client_event(std::string_view message) {
  Dialect dialect = Dialect::kCurrent;
  return antiphon::server::protocol::client_event(message, dialect);
}

std::string written(const ServerEvent& event) {
  std::string message;
  write_server_event(event, 1, Dialect::kCurrent, message);
  return message;
}

// The JSON object that is the value of `key`, up to the message's end.
std::string value_after(const std::string& message, std::string_view key) {
  const std::size_t begin = message.find(key) + key.size();
  return message.substr(begin, message.size() - 1 - begin);
}

// What we write about a valid item or session reads back as the same item or settings.
void check_item(const ConversationItem& item) {
  const std::string json = value_after(written(ItemAdded{item, {}}), R"("previous_item_id":null,"item":)");
  const ClientEvent again = client_event(R"({"type":"conversation.item.create","item":)" + json + "}");
  const auto* created = std::get_if<CreateItem>(&again.body);
  if (item.id.empty()) return;  // an item without a name is never written
  if (created == nullptr || !(created->item == item)) __builtin_trap();
}

void check_update(const SessionUpdate& update) {
  SessionSnapshot snapshot{WireId("sess_1"), 1, updated(SessionConfig{}, update)};
  const std::string first = written(SessionUpdated{std::make_unique<SessionSnapshot>(snapshot)});
  const std::string json = value_after(first, R"("event_id":"event_1","session":)");
  const ClientEvent again = client_event(R"({"type":"session.update","session":)" + json + "}");
  const auto* reread = std::get_if<SessionUpdate>(&again.body);
  if (reread == nullptr) __builtin_trap();
  snapshot.config = updated(snapshot.config, *reread);
  if (written(SessionUpdated{std::make_unique<SessionSnapshot>(snapshot)}) != first) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ClientEvent event = client_event({reinterpret_cast<const char*>(data), size});
  if (const auto* create = std::get_if<CreateItem>(&event.body)) check_item(create->item);
  if (const auto* update = std::get_if<SessionUpdate>(&event.body)) check_update(*update);
  if (const auto* invalid = std::get_if<InvalidEvent>(&event.body)) {
    if (invalid->code.empty() || invalid->message.empty()) __builtin_trap();
    client_event(written(ErrorEvent{"t", invalid->code, invalid->message, invalid->param, event.event_id}));
  }
  return 0;
}
