#include "tests/integration/server/socket_client.h"

#include <stdexcept>

namespace antiphon::server {
namespace {

constexpr std::chrono::seconds kPatience{10};

tcp::endpoint endpoint(std::uint16_t port) {
  return {asio::ip::make_address("127.0.0.1"), port};
}

}  // namespace

void SocketClient::finish() {
  io_.restart();
  io_.run_for(kPatience);
  if (!io_.stopped()) throw std::runtime_error("The server did not answer in time.");
}

bool SocketClient::open(const std::string& target, const std::string& protocols) {
  beast::get_lowest_layer(stream_).connect(endpoint(port_));
  if (!protocols.empty()) fields_.set(http::field::sec_websocket_protocol, protocols);
  stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    for (const auto& field : fields_) request.set(field.name_string(), field.value());
  }));
  stream_.control_callback([this](websocket::frame_type kind, beast::string_view) {
    pong_received_ = pong_received_ || kind == websocket::frame_type::pong;
  });
  beast::error_code error;
  stream_.async_handshake(response_, "127.0.0.1", target, [&](beast::error_code result) { error = result; });
  finish();
  return !error;
}

void SocketClient::send(std::string_view text) {
  stream_.text(true);
  stream_.async_write(asio::buffer(text), [](beast::error_code, std::size_t) {});
  finish();
}

void SocketClient::send_binary(std::string_view bytes) {
  stream_.binary(true);
  stream_.async_write(asio::buffer(bytes), [](beast::error_code, std::size_t) {});
  finish();
}

void SocketClient::send_raw(std::string_view bytes) {
  beast::error_code ignored;
  asio::write(beast::get_lowest_layer(stream_).socket(), asio::buffer(bytes), ignored);
}

boost::json::value SocketClient::receive() {
  beast::error_code error;
  buffer_.clear();
  stream_.async_read(buffer_, [&](beast::error_code result, std::size_t) { error = result; });
  finish();
  if (error) return nullptr;
  return boost::json::parse(beast::buffers_to_string(buffer_.data()));
}

websocket::close_code SocketClient::receive_close() {
  while (!receive().is_null()) {
  }
  return static_cast<websocket::close_code>(stream_.reason().code);
}

void SocketClient::ping() {
  stream_.async_ping({}, [](beast::error_code) {});
  finish();
}

void SocketClient::close() {
  stream_.async_close(websocket::close_code::normal, [](beast::error_code) {});
  finish();
}

void SocketClient::disconnect() {
  beast::error_code ignored;
  static_cast<void>(beast::get_lowest_layer(stream_).socket().close(ignored));
}

std::string http_exchange(std::uint16_t port, std::string_view raw) {
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect(endpoint(port));
  asio::write(socket, asio::buffer(raw));
  std::string answer;
  bool ended = false;
  asio::async_read(socket, asio::dynamic_buffer(answer),
                   [&](beast::error_code, std::size_t) { ended = true; });
  io.run_for(kPatience);
  if (!ended) throw std::runtime_error("The server did not close the connection in time.");
  return answer;
}

std::string http_get(std::uint16_t port, std::string_view target) {
  return http_exchange(port,
                       "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

}  // namespace antiphon::server
