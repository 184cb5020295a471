#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "server/net/asio.h"

namespace antiphon::server {

// A blocking WebSocket client for tests; everything gives up after ten seconds. Not thread-safe.
class SocketClient {
 public:
  explicit SocketClient(std::uint16_t port) : port_(port) {}

  // A field of the opening request, beside those that open() sets.
  void set_field(const std::string& name, const std::string& value) { fields_.set(name, value); }
  // False: no WebSocket (response() says why).
  bool open(const std::string& target = "/v1/realtime", const std::string& protocols = "");
  const websocket::response_type& response() const { return response_; }

  void send(std::string_view text);
  void send_binary(std::string_view bytes);
  void send_raw(std::string_view bytes);  // past the WebSocket, into the TCP stream
  // The next message as JSON; null at the connection's end.
  boost::json::value receive();
  // Reads to the end. The close code, or none if the TCP connection just ended.
  websocket::close_code receive_close();
  void ping();
  bool pong_received() const { return pong_received_; }
  void close();       // politely
  void disconnect();  // without a word
  websocket::stream<beast::tcp_stream>& stream() { return stream_; }

 private:
  // Runs the started operation to its end.
  void finish();

  std::uint16_t port_;
  asio::io_context io_{1};
  websocket::stream<beast::tcp_stream> stream_{io_};
  http::fields fields_;
  websocket::response_type response_;
  beast::flat_buffer buffer_;
  bool pong_received_ = false;
};

// One request over a fresh connection: the whole answer. `raw` is sent as it is.
std::string http_exchange(std::uint16_t port, std::string_view raw);
std::string http_get(std::uint16_t port, std::string_view target);

}  // namespace antiphon::server
