#pragma once

#include <string>
#include <string_view>

#include "server/net/connection.h"
#include "server/net/http_answer.h"
#include "server/net/socket_stream.h"

namespace antiphon::server {

// One request that was let in, and the ways to answer it: all at once, or piece by piece.
//
// Owner:  the coroutine that serves the socket.
// Errors: every write returns whether the client is still there.
class Exchange {
 public:
  Exchange(SocketStream& stream, ConnectionContext& context, HttpRequest request, Caller caller)
      : stream_(stream), context_(context), request_(std::move(request)), caller_(std::move(caller)) {}

  const HttpRequest& request() const { return request_; }
  std::string_view body() const { return request_.body(); }
  std::string take_body() { return std::move(request_.body()); }
  const Caller& caller() const { return caller_; }
  ConnectionContext& context() { return context_; }

  asio::awaitable<bool> answer(HttpResponse response);
  asio::awaitable<bool> answer_json(std::string body);
  asio::awaitable<bool> refuse(const HttpFault& fault) { return answer(http_error(request_, fault)); }

  // Then pieces, then the end. A stream that is not ended tells the client that it was cut off.
  asio::awaitable<bool> begin_stream(std::string_view type);
  asio::awaitable<bool> write_piece(std::string_view bytes);
  asio::awaitable<bool> end_stream();

  // Whether the client has closed its side, which most do only when they want no answer any more.
  bool client_gone();
  // Whether the socket takes a further request; ask at the end.
  bool keeps_alive() const { return keeps_alive_; }

 private:
  bool note(const beast::error_code& error);

  SocketStream& stream_;
  ConnectionContext& context_;
  HttpRequest request_;
  const Caller caller_;
  bool chunked_ = true;  // else the end of the connection is the end of the stream
  bool keeps_alive_ = false;
};

// Lets the page that asks read the answer.
void allow_origin(const HttpRequest& request, http::fields& answer);
// What a browser asks before it sends a request with a key.
HttpResponse preflight_answer(const HttpRequest& request);

}  // namespace antiphon::server
