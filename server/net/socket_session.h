#pragma once

#include "server/net/asio.h"
#include "server/net/connection.h"
#include "server/net/http_routes.h"

namespace antiphon::server {

// Serves one accepted socket to its end: HTTP requests one after another, until one of them asks for a
// WebSocket. Runs on the socket's I/O thread; `context` and `routes` outlive it.
// `tls`: null for none.
asio::awaitable<void> serve_socket(tcp::socket socket, asio::ssl::context* tls, ConnectionContext& context,
                                   const HttpRoutes& routes);

}  // namespace antiphon::server
