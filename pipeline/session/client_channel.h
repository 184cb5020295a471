#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/runtime/ids.h"
#include "pipeline/session_port.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

// A session's way to its client: counts what was refused, makes up ids, words errors.
//
// Owner: one session, on its media worker.
class ClientChannel {
 public:
  ClientChannel(SessionId session, std::unique_ptr<EventSink> sink);

  void send(ServerEvent&& event) {
    if (!sink_->deliver(std::move(event))) ++refused_;
  }
  AudioBytes audio_buffer() { return sink_->audio_buffer(); }
  void end(SessionEnd reason) { sink_->end(reason); }

  // "resp_0000000000000001_0007": unlike all others of the process.
  WireId new_id(std::string_view prefix);

  // The event of the client that is being worked on; errors name it.
  void set_cause(std::string client_event_id) { cause_ = std::move(client_event_id); }
  void send_error(std::string code, std::string message, std::string param = {});

  std::uint64_t refused() const { return refused_; }

 private:
  const SessionId session_;
  const std::unique_ptr<EventSink> sink_;
  std::string cause_;
  std::uint64_t ids_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace antiphon::pipeline
