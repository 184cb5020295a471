// The HTTP endpoints of the server under load, one blocking request each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace antiphon::load {

struct ServerAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string path = "/v1/realtime";
  std::string key;  // empty: none
};

// From "ws://host:port/path". Throws std::runtime_error if it is none.
ServerAddress server_address(std::string_view url);

struct Answer {
  int status = 0;
  std::string body;
};
// Throws std::runtime_error if the server can't be reached. `body`: of a POST; empty: GET.
Answer ask(const ServerAddress& server, const std::string& target, const std::string& body = {});

// 24 kHz PCM16 of a text in the server's voice. Throws std::runtime_error with the server's answer.
std::string spoken(const ServerAddress& server, const std::string& text);

// Prometheus samples by their whole name, labels included; empty if the server has none.
using ServerMetrics = std::map<std::string, double>;
ServerMetrics metrics_of(const ServerAddress& server);

}  // namespace antiphon::load
