#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "server/client/server_url.h"
#include "server/net/asio.h"
#include "server/net/socket_stream.h"

namespace antiphon::server {

// How a client reaches its server.
struct ClientAccess {
  ServerUrl url;
  std::string key;      // empty: none is shown
  std::string ca_file;  // PEM, whom to trust; empty: whom the system trusts
  bool opus = false;    // offers antiphon.opus.v1
};

// There is no session: nobody answers, or the server lets nobody in. One sentence that says what to do.
class NotLetIn : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A client's WebSocket, over TLS if the address says so.
//
// Owner: one thread, that of `io`. One read and one write may be under way.
class ClientSocket {
 public:
  // Throws std::runtime_error if `ca_file` can't be used.
  ClientSocket(asio::io_context& io, const ClientAccess& access);

  // Throws NotLetIn.
  asio::awaitable<void> open();
  bool opus() const { return opus_; }  // whether the server takes it

  // The next message, valid until the next call; none: the connection has ended.
  asio::awaitable<std::optional<std::string_view>> read();
  bool got_binary() const { return socket_.got_binary(); }
  // False: the connection has ended. `message` stays where it is until then.
  asio::awaitable<bool> write(std::string_view message, bool binary);
  // Says good-bye. After it read() ends.
  asio::awaitable<void> close();

  // Why it ended, as the end of a sentence.
  std::string why_ended() const;
  // The server is full, or going down: another try may do better.
  bool try_again_later() const;

 private:
  asio::awaitable<void> connect();
  asio::awaitable<void> secure();
  asio::awaitable<void> upgrade();

  const ClientAccess access_;
  tcp::resolver resolver_;
  std::optional<asio::ssl::context> tls_;
  SocketStream stream_;
  websocket::stream<SocketStream&> socket_;
  beast::flat_buffer buffer_;
  beast::error_code end_;
  bool opus_ = false;
};

}  // namespace antiphon::server
