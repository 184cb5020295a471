#pragma once

#include <optional>

#include "server/net/asio.h"
#include "server/net/net_config.h"

namespace antiphon::server {

// The server's certificate and key, for TLS 1.2 and 1.3; none if the config names no files.
// Throws std::runtime_error that names the file that can't be read, or the two that don't belong together.
std::optional<asio::ssl::context> make_tls_context(const NetConfig& config);

}  // namespace antiphon::server
