#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "pipeline/session_port.h"
#include "server/net/asio.h"
#include "server/net/net_config.h"
#include "server/net/net_metrics.h"
#include "server/net/outbox.h"
#include "server/net/socket_stream.h"
#include "server/protocol/dialect.h"
#include "server/security/gatekeeper.h"

namespace antiphon::server {

class Connection;
class OpusWire;

// What every connection of one I/O thread shares. All of it outlives them.
struct ConnectionContext {
  const NetConfig& config;
  const ApiConfig& api;
  pipeline::SessionDoor& door;
  NetMetrics& metrics;
  Gatekeeper& gatekeeper;
  asio::io_context& io;
  std::list<Connection*> open;  // this I/O thread's; only it looks
  bool closing = false;         // the server goes down: a connection that opens now closes at once
};

// One client's WebSocket and its way to a session: a reader, a writer and a watchdog, as three coroutines
// that end together.
//
// Owner:    the coroutine that calls run(), on the connection's I/O thread; everything happens there.
// Memory:   the outbox's ring; the last message read and the last one written.
// Overload: a session that is behind stops the reading (and TCP slows the client down); a client that does
//           not read is closed when the outbox is full.
class Connection final : public Outbox::Reader {
 public:
  using Socket = websocket::stream<SocketStream&>;

  Connection(SocketStream& stream, ConnectionContext& context, KeyUse* key);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From the upgrade request to the closed socket.
  asio::awaitable<void> run(http::request<http::string_body> request, pipeline::SessionRequest session);

  // Says good-bye after the message that is being written; within NetConfig::close_max the socket is gone.
  void close(websocket::close_code code, const std::string& reason);

 private:
  asio::awaitable<bool> upgrade(const http::request<http::string_body>& request);
  asio::awaitable<void> read_messages();
  asio::awaitable<void> read_message();
  pipeline::ClientEvent binary_event(std::string_view message);
  asio::awaitable<void> pay_for(std::size_t bytes);
  asio::awaitable<bool> submit(pipeline::ClientEvent event);
  asio::awaitable<void> write_messages();
  asio::awaitable<bool> write_queued();
  asio::awaitable<bool> write(const pipeline::ServerEvent& event);
  asio::awaitable<void> refuse(const pipeline::SessionRefusal& refusal);
  asio::awaitable<void> watch();
  asio::awaitable<void> pause(asio::steady_timer& timer, std::chrono::milliseconds duration);

  void outbox_woken() override;
  void close_as_ended(pipeline::SessionEnd reason);
  void socket_is_gone();
  void abort() { socket_.next_layer().close(); }

  ConnectionContext& context_;
  const std::uint64_t number_;  // for the log
  KeyUse* const key_;           // null: the server has no keys
  Socket socket_;
  std::shared_ptr<Outbox> outbox_;
  std::unique_ptr<pipeline::SessionPort> port_;
  std::unique_ptr<OpusWire> opus_;  // null: all audio is JSON
  beast::flat_buffer received_;
  std::string message_;  // being written
  std::uint64_t events_written_ = 0;
  protocol::Dialect dialect_ = protocol::Dialect::kCurrent;
  asio::steady_timer new_output_;  // cancelled: something is to be written, or to be closed
  asio::steady_timer deadline_;    // expires: the socket is closed without a good-bye; cancelled: look again
  bool gone_ = false;              // the socket is closed or about to be
  bool closing_ = false;
  websocket::close_reason good_bye_;
};

}  // namespace antiphon::server
