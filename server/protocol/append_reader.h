#pragma once

#include <optional>
#include <string_view>

#include "pipeline/client_event.h"

namespace antiphon::server::protocol {

// Reads input_audio_buffer.append, of which a client sends fifty a second, without a JSON tree: the only
// allocation is the sound itself. None: it is another event, or not as plain as clients write it (an escape,
// a further field, a fault); then client_event()'s parser says what it is. Pure.
std::optional<pipeline::ClientEvent> plain_append(std::string_view message);

}  // namespace antiphon::server::protocol
