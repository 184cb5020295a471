#include "pipeline/session/client_channel.h"

#include <array>
#include <cstdio>

namespace antiphon::pipeline {

ClientChannel::ClientChannel(SessionId session, std::unique_ptr<EventSink> sink)
    : session_(session), sink_(std::move(sink)) {}

WireId ClientChannel::new_id(std::string_view prefix) {
  std::array<char, WireId::kBytesMax + 1> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%.*s_%08llx%06llx", static_cast<int>(prefix.size()), prefix.data(),
      static_cast<unsigned long long>(session_), static_cast<unsigned long long>(++ids_));
  return WireId(std::string_view(text.data(), static_cast<std::size_t>(size)));
}

void ClientChannel::send_error(std::string code, std::string message, std::string param) {
  ErrorEvent error;
  error.code = std::move(code);
  error.message = std::move(message);
  error.param = std::move(param);
  error.client_event_id = cause_;
  send(std::move(error));
}

}  // namespace antiphon::pipeline
