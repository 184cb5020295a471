#include "server/net/server.h"

#include <spdlog/spdlog.h>

#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "pipeline/runtime/thread_role.h"
#include "server/net/socket_session.h"
#include "server/net/tls_context.h"

namespace antiphon::server {
namespace {

constexpr std::chrono::milliseconds kDrainLook{20};    // how often a drain looks whether all are gone
constexpr std::chrono::milliseconds kAcceptPause{50};  // after an accept that failed: no descriptors are free

// With many connections something comes every 100 us, and most of an I/O thread's time went into falling
// asleep and waking up: then it rests after each wake-up, and reads what has come meanwhile in one go. With
// few, who comes next is most often the one who waits for an answer.
constexpr std::size_t kManyConnections = 16;
constexpr std::chrono::microseconds kRest{500};

// Gives its place back when the socket's coroutine ends or is destroyed.
class SocketPlace {
 public:
  explicit SocketPlace(std::atomic<int>& taken) : taken_(&taken) { ++*taken_; }
  ~SocketPlace() {
    if (taken_ != nullptr) --*taken_;
  }
  SocketPlace(SocketPlace&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
  SocketPlace& operator=(SocketPlace&&) = delete;

 private:
  std::atomic<int>* taken_;
};

// Until the io_context is stopped.
void run_io(asio::io_context& io, const ConnectionContext& connections) {
  while (io.run_one() > 0) {
    const auto begin = std::chrono::steady_clock::now();
    io.poll();
    if (connections.open.size() >= kManyConnections) std::this_thread::sleep_until(begin + kRest);
  }
}

asio::awaitable<void> serve_counted(SocketPlace place, tcp::socket socket, asio::ssl::context* tls,
                                    ConnectionContext& context, const HttpRoutes& routes) {
  const SocketPlace held = std::move(place);
  co_await serve_socket(std::move(socket), tls, context, routes);
}

void bind_to(tcp::acceptor& acceptor, const NetConfig& config) {
  try {
    const tcp::endpoint endpoint(asio::ip::make_address(config.address), config.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
  } catch (const std::exception& error) {
    throw std::runtime_error("Can't listen on " + config.address + ", port " + std::to_string(config.port) +
                             ": " + error.what() + ".");
  }
}

// `scheme`: of the address without TLS; with it an s follows.
std::string url_of(const NetConfig& config, std::uint16_t port, std::string_view scheme) {
  const auto address = asio::ip::make_address(config.address);
  const bool tls = !config.tls_certificate_file.empty();
  return std::string(scheme) + (tls ? "s" : "") + "://" + (address.is_v6() ? "[" : "") + address.to_string() +
         (address.is_v6() ? "]" : "") + ":" + std::to_string(port);
}

}  // namespace

// Its connections die with its io_context, before the list that they are in.
struct Server::IoThread {
  IoThread(const NetConfig& config, const ApiConfig& api, pipeline::SessionDoor& door, NetMetrics& metrics,
           Gatekeeper& gatekeeper)
      : connections{config, api, door, metrics, gatekeeper, io, {}, false}, work(asio::make_work_guard(io)) {}

  ConnectionContext connections;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
};

Server::Server(const NetConfig& config, pipeline::SessionDoor& door, prometheus::Registry& registry,
               const Access& access, const ApiConfig& api)
    : config_(config),
      api_(api),
      door_(door),
      metrics_(registry),
      gatekeeper_(access, registry),
      routes_(door, registry, api_, gatekeeper_),
      tls_(make_tls_context(config)) {
  refuse_open_door(config.address, access);
  for (int i = 0; i < config.io_threads; ++i) {
    io_.push_back(std::make_unique<IoThread>(config_, api_, door_, metrics_, gatekeeper_));
  }
  acceptor_.emplace(io_.front()->io);
  bind_to(*acceptor_, config_);
  port_ = acceptor_->local_endpoint().port();
}

Server::~Server() = default;

void Server::run(const std::stop_token& stop, bool stop_on_signals) {
  asio::io_context& first = io_.front()->io;
  asio::co_spawn(first, accept(), asio::detached);
  if (stop_on_signals) {
    signals_.emplace(first, SIGTERM, SIGINT, SIGHUP);
    asio::co_spawn(first, wait_for_signal(), asio::detached);
  }
  const std::stop_callback on_stop(stop, [this, &first] { asio::co_spawn(first, drain(), asio::detached); });
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < io_.size(); ++i) {
    threads.emplace_back([this, i] {
      const auto role = pipeline::take_role(pipeline::ThreadRole::kIo, static_cast<int>(i));
      if (!role.priority_set) spdlog::warn("timing: {}", role.shortfall);
      run_io(io_[i]->io, io_[i]->connections);
    });
  }
  for (std::jthread& thread : threads) thread.join();
}

asio::awaitable<void> Server::accept() {
  asio::steady_timer pause(io_.front()->io);
  for (std::size_t next = 0; acceptor_->is_open(); next = (next + 1) % io_.size()) {
    IoThread& thread = *io_[next];
    auto [error, socket] = co_await acceptor_->async_accept(thread.io, kAsTuple);
    if (error && acceptor_->is_open()) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAsTuple);
    }
    if (error) continue;
    if (sockets_.load() >= config_.connections_max) {
      metrics_.sockets_over_limit.Increment();
      continue;  // the socket closes here
    }
    asio::co_spawn(thread.io,
                   serve_counted(SocketPlace(sockets_), std::move(socket), tls_ ? &*tls_ : nullptr,
                                 thread.connections, routes_),
                   asio::detached);
  }
}

asio::awaitable<void> Server::wait_for_signal() {
  for (;;) {
    const auto [error, signal] = co_await signals_->async_wait(kAsTuple);
    if (error) co_return;
    spdlog::info("signal: number={}", signal);
    if (signal != SIGHUP) break;
    const std::optional<Access> access = reload_ ? reload_() : std::nullopt;
    if (access) gatekeeper_.take_over(*access);
  }
  co_await drain();
}

asio::awaitable<void> Server::drain() {
  if (std::exchange(draining_, true)) co_return;
  spdlog::info("draining: sockets={}", sockets_.load());
  acceptor_->close();
  door_.drain();
  if (!co_await wait_until_empty(config_.drain_max)) {
    close_connections();
    co_await wait_until_empty(2 * config_.close_max);
  }
  for (const auto& thread : io_) thread->io.stop();
}

asio::awaitable<bool> Server::wait_until_empty(std::chrono::milliseconds limit) {
  asio::steady_timer look(io_.front()->io);
  const auto until = std::chrono::steady_clock::now() + limit;
  const auto open = [this] { return metrics_.connections_open.Value() + metrics_.jobs_open.Value(); };
  while (open() > 0 && std::chrono::steady_clock::now() < until) {
    look.expires_after(kDrainLook);
    co_await look.async_wait(kAsTuple);
  }
  co_return open() <= 0;
}

void Server::close_connections() {
  for (const auto& thread : io_) {
    asio::post(thread->io, [&connections = thread->connections] {
      connections.closing = true;
      for (Connection* connection : connections.open) {
        connection->close(websocket::close_code::going_away, "The server is going down.");
      }
    });
  }
}

void run_server(const NetConfig& config, pipeline::SessionDoor& door, prometheus::Registry& registry,
                const Access& access, const ApiConfig& api, const std::stop_token& stop, Reload reload) {
  Server server(config, door, registry, access, api);
  server.on_hangup(std::move(reload));
  spdlog::info("listening: address={} port={} tls={} keys={} io_threads={}", config.address, server.port(),
               !config.tls_certificate_file.empty(), access.keys.size(), config.io_threads);
  spdlog::info(
      "talk to it: in a browser at {}/ , or with any client of the OpenAI Realtime API at "
      "{}/v1/realtime",
      url_of(config, server.port(), "http"), url_of(config, server.port(), "ws"));
  if (config.tls_certificate_file.empty() && !asio::ip::make_address(config.address).is_loopback()) {
    spdlog::warn("no TLS: keys and speech cross the network in the clear, unless a proxy in front encrypts");
  }
  server.run(stop, true);
  spdlog::info("stopped");
}

}  // namespace antiphon::server
