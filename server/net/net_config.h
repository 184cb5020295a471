#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace antiphon::pipeline {
class JobDoor;
class StoreMemory;
}  // namespace antiphon::pipeline

namespace antiphon::server {

// The sockets' settings.
struct NetConfig {
  std::string address = "127.0.0.1";      // where to listen; beyond loopback only with keys
  std::uint16_t port = 8080;              // 0: any free one
  std::string tls_certificate_file = "";  // PEM, the whole chain; empty: no TLS
  std::string tls_key_file = "";          // PEM
  int io_threads = 1;                     // each connection stays on one; more help only when a core is full
  int connections_max = 1000;             // sockets of any kind; one more is closed at once
  std::size_t events_queued_max = 256;    // per connection; 80 KiB for 256; 5 s of a reply's audio
  std::chrono::milliseconds handshake_max{10'000};  // for a request's head, the upgrade and a TCP close
  std::chrono::milliseconds idle_max{60'000};       // without a sign of life; half of it: we send a ping
  std::chrono::milliseconds close_max{2'000};       // for the other side's answer to our close
  std::chrono::milliseconds drain_max{10'000};      // for turns to end when the server goes down
  std::chrono::milliseconds inbox_full_max{5'000};  // a session that takes no events for so long is broken
};

// What the vendor's HTTP endpoints need.
struct ApiConfig {
  pipeline::JobDoor* jobs = nullptr;               // null: no endpoints that need the networks
  pipeline::StoreMemory* memory = nullptr;         // null: nobody is remembered
  std::vector<std::string> models = {"antiphon"};  // what GET /v1/models lists; any name is accepted
  std::string model_set = "";                      // what /readyz says; "fake": no networks. "": nothing
};

}  // namespace antiphon::server
