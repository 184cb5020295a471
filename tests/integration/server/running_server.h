#pragma once

#include <prometheus/registry.h>

#include <chrono>
#include <stop_token>
#include <thread>

#include "server/net/server.h"
#include "tests/integration/server/echo_door.h"

namespace antiphon::server {

// Short times, a free port of loopback, two I/O threads.
inline NetConfig test_config() {
  NetConfig config;
  config.port = 0;
  config.io_threads = 2;
  config.handshake_max = std::chrono::milliseconds(1000);
  config.close_max = std::chrono::milliseconds(500);
  config.drain_max = std::chrono::milliseconds(500);
  return config;
}

// A server with echoing sessions on a thread of its own, stopped by the destructor.
class RunningServer {
 public:
  explicit RunningServer(const NetConfig& config = test_config(), const Access& access = {})
      : server(config, door, registry, access), thread_([this] { server.run(stop_.get_token(), false); }) {}
  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void ask_to_stop() { stop_.request_stop(); }
  void stop() {
    ask_to_stop();
    if (thread_.joinable()) thread_.join();
  }

  prometheus::Registry registry;
  EchoDoor door;
  Server server;

 private:
  std::stop_source stop_;
  std::thread thread_;
};

// Waits up to ten seconds for something that other threads bring about.
template <class Condition>
bool eventually(Condition condition) {
  for (int tries = 0; tries < 2000; ++tries) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace antiphon::server
