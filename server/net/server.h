#pragma once

#include <prometheus/registry.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

#include "pipeline/session_port.h"
#include "server/net/asio.h"
#include "server/net/connection.h"
#include "server/net/http_routes.h"
#include "server/net/net_config.h"
#include "server/net/net_metrics.h"

namespace antiphon::server {

// Reads the settings anew: who may come in from now on, with origins and keys that have been checked.
// Nothing: as before. Doesn't throw.
using Reload = std::function<std::optional<Access>()>;

// Listens, and spreads the sockets over its I/O threads.
//
// Owner:    one thread: constructor, run(), destructor. The door and the registry outlive it.
// Overload: a socket beyond connections_max is closed at once.
class Server {
 public:
  // Binds. Throws std::runtime_error with one sentence if it can't, or must not: see refuse_open_door().
  Server(const NetConfig& config, pipeline::SessionDoor& door, prometheus::Registry& registry,
         const Access& access = {}, const ApiConfig& api = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }

  // Called on the first I/O thread for each SIGHUP, if run() listens to signals. Before run().
  void on_hangup(Reload reload) { reload_ = std::move(reload); }

  // Serves until a stop is asked for, or, if `stop_on_signals`, until SIGTERM or SIGINT. Then drains: nothing
  // new, turns and requests may end, after drain_max every connection is closed with 1001. Call once.
  void run(const std::stop_token& stop, bool stop_on_signals);

 private:
  struct IoThread;

  asio::awaitable<void> accept();
  asio::awaitable<void> drain();
  asio::awaitable<void> wait_for_signal();
  void close_connections();
  asio::awaitable<bool> wait_until_empty(std::chrono::milliseconds limit);

  const NetConfig config_;
  const ApiConfig api_;
  pipeline::SessionDoor& door_;
  NetMetrics metrics_;
  Gatekeeper gatekeeper_;
  HttpRoutes routes_;
  std::optional<asio::ssl::context> tls_;
  std::atomic<int> sockets_ = 0;
  std::vector<std::unique_ptr<IoThread>> io_;  // the first one accepts, drains, takes signals
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::signal_set> signals_;
  Reload reload_;
  std::uint16_t port_ = 0;
  bool draining_ = false;  // the first I/O thread's
};

// The whole of `antiphon serve` once the door exists: listens, says where, serves until a signal or `stop`.
// `reload`: for SIGHUP.
void run_server(const NetConfig& config, pipeline::SessionDoor& door, prometheus::Registry& registry,
                const Access& access, const ApiConfig& api, const std::stop_token& stop, Reload reload);

}  // namespace antiphon::server
