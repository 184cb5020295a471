#pragma once

#include <cstdint>
#include <string>

#include "pipeline/server_event.h"
#include "server/protocol/dialect.h"

namespace antiphon::server::protocol {

// Writes one event as a text message into `message`, whose capacity is used again; `number` makes its
// event_id
// ("event_7"). Empty: the dialect has no such event. An OutputAudioDelta allocates nothing once the capacity
// suffices. Pure.
void write_server_event(const pipeline::ServerEvent& event, std::uint64_t number, Dialect dialect,
                        std::string& message);

}  // namespace antiphon::server::protocol
