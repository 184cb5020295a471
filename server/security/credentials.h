// What a request's head says about who sends it. Pure.
#pragma once

#include <string>

#include "server/net/asio.h"

namespace antiphon::server {

// The key or client secret that is shown, or "": `Authorization: Bearer`, else the subprotocol
// `openai-insecure-api-key.KEY` (a browser can't set fields for a WebSocket), else the field `api-key`.
std::string shown_key(const http::fields& head);

}  // namespace antiphon::server
