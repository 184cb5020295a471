#pragma once

#include <optional>
#include <string>
#include <utility>

#include "server/net/asio.h"

namespace antiphon::server {

// One socket, with TLS on it or without: the stream that HTTP and WebSocket read and write. An accepted one,
// or a client's own, which is still to be connected.
//
// Owner: one coroutine on the socket's I/O thread; stays where it is.
class SocketStream {
 public:
  using executor_type = beast::tcp_stream::executor_type;

  // `tls`: null for none; outlives the stream.
  SocketStream(tcp::socket socket, asio::ssl::context* tls) : tcp_(std::move(socket)) {
    if (tls != nullptr) tls_.emplace(tcp_, *tls);
  }
  SocketStream(const SocketStream&) = delete;
  SocketStream& operator=(const SocketStream&) = delete;

  executor_type get_executor() noexcept { return tcp_.get_executor(); }
  beast::tcp_stream& plain() { return tcp_; }  // what lies below TLS
  bool encrypted() const { return tls_.has_value(); }
  void close() { tcp_.close(); }

  // Before anything is read. No error at once without TLS.
  asio::awaitable<beast::error_code> handshake(asio::ssl::stream_base::handshake_type side) {
    if (!tls_) co_return beast::error_code();
    const auto [error] = co_await tls_->async_handshake(side, kAsTuple);
    co_return error;
  }
  // A client's, before the handshake: only a certificate for this host will do. REQUIRES: encrypted().
  void expect_host(const std::string& host) {
    SSL* const tls = tls_->native_handle();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) return;
    SSL_set_tlsext_host_name(tls, host.c_str());
    SSL_set1_host(tls, host.c_str());
  }
  // Why the other side's certificate was not taken; empty: it was, or there was none.
  std::string certificate_fault() {
    const long result = SSL_get_verify_result(tls_->native_handle());
    return result == X509_V_OK ? "" : X509_verify_cert_error_string(result);
  }
  // Says that nothing more will be sent.
  asio::awaitable<void> end_output() {
    if (tls_) {
      static_cast<void>(co_await tls_->async_shutdown(kAsTuple));
      co_return;
    }
    beast::error_code ignored;
    static_cast<void>(tcp_.socket().shutdown(tcp::socket::shutdown_send, ignored));
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(beast::error_code, std::size_t)>(
        [this](auto handler, const Buffers& into) {
          if (tls_) {
            tls_->async_read_some(into, std::move(handler));
          } else {
            tcp_.async_read_some(into, std::move(handler));
          }
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(beast::error_code, std::size_t)>(
        [this](auto handler, const Buffers& from) {
          if (tls_) {
            tls_->async_write_some(from, std::move(handler));
          } else {
            tcp_.async_write_some(from, std::move(handler));
          }
        },
        token, buffers);
  }

  // What Beast's WebSocket asks of its stream, found by name.
  friend void beast_close_socket(SocketStream& stream) { stream.close(); }
  friend void teardown(beast::role_type role, SocketStream& stream, beast::error_code& error) {
    websocket::teardown(role, stream.tcp_.socket(), error);
  }
  template <class Handler>
  friend void async_teardown(beast::role_type role, SocketStream& stream, Handler&& handler) {
    using websocket::async_teardown;
    if (stream.tls_) {
      async_teardown(role, *stream.tls_, std::forward<Handler>(handler));
    } else {
      async_teardown(role, stream.tcp_.socket(), std::forward<Handler>(handler));
    }
  }

 private:
  beast::tcp_stream tcp_;
  std::optional<beast::ssl_stream<beast::tcp_stream&>> tls_;
};

}  // namespace antiphon::server
