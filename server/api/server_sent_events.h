// Server-sent events (WHATWG HTML, section 9.2), as far as the vendor's endpoints use them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace antiphon::server {

inline constexpr std::string_view kEventStream = "text/event-stream";
// What ends a stream of the vendor's.
inline constexpr std::string_view kLastEvent = "data: [DONE]\n\n";

// REQUIRES: `data` without a line end, as serialised JSON is.
std::string server_sent_event(std::string_view data);

}  // namespace antiphon::server
