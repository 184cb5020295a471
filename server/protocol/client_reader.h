#pragma once

#include <cstddef>
#include <string_view>

#include "pipeline/client_event.h"
#include "server/protocol/dialect.h"

namespace antiphon::server::protocol {

inline constexpr std::size_t kAudioBytesMax = 15 << 20;    // of one append, decoded
inline constexpr std::size_t kMessageBytesMax = 21 << 20;  // 20 MiB of Base64 and what stands around it
static_assert(kMessageBytesMax >= kAudioBytesMax / 3 * 4 + 65536);

// One text message of a client. Whatever is wrong with it comes back as an InvalidEvent that names the field.
// Never throws on account of the bytes. `dialect` becomes the beta's if only a client of the beta sends such
// a message. Pure.
pipeline::ClientEvent client_event(std::string_view message, Dialect& dialect);

}  // namespace antiphon::server::protocol
