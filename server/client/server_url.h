#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace antiphon::server {

// Where a client of the Realtime protocol finds its server.
struct ServerUrl {
  bool tls = false;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string target = "/v1/realtime";  // path and query
};

// From "ws://host:port/path?query"; "wss://", "http://", "https://" and "host:port" too. Without a path:
// ours. Throws std::runtime_error that names what is wrong.
ServerUrl server_url(std::string_view text);

// As an address that can be shown and read again.
std::string url_text(const ServerUrl& url);

}  // namespace antiphon::server
