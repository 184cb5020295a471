#include "server/api/exchange.h"

#include <sys/socket.h>

#include <utility>

namespace antiphon::server {
namespace {

constexpr std::chrono::seconds kWriteMax{30};  // a client that takes nothing for so long is gone

}  // namespace

void allow_origin(const HttpRequest& request, http::fields& answer) {
  const auto origin = request.find(http::field::origin);
  if (origin == request.end()) return;
  answer.set(http::field::access_control_allow_origin, origin->value());
  answer.set(http::field::vary, "Origin");
}

HttpResponse preflight_answer(const HttpRequest& request) {
  HttpResponse answer = http_answer(request, http::status::no_content, "text/plain", "");
  answer.erase(http::field::content_type);
  allow_origin(request, answer);
  answer.set(http::field::access_control_allow_methods, "GET, POST, DELETE");
  answer.set(http::field::access_control_allow_headers, request[http::field::access_control_request_headers]);
  answer.set(http::field::access_control_max_age, "600");
  return answer;
}

bool Exchange::note(const beast::error_code& error) {
  if (error) keeps_alive_ = false;
  return !error;
}

asio::awaitable<bool> Exchange::answer(HttpResponse response) {
  allow_origin(request_, response);
  keeps_alive_ = response.keep_alive();
  stream_.plain().expires_after(kWriteMax);
  const auto [error, written] = co_await http::async_write(stream_, response, kAsTuple);
  co_return note(error);
}

asio::awaitable<bool> Exchange::answer_json(std::string body) {
  return answer(http_answer(request_, http::status::ok, "application/json", std::move(body)));
}

asio::awaitable<bool> Exchange::begin_stream(std::string_view type) {
  http::response<http::empty_body> head(http::status::ok, request_.version());
  head.set(http::field::content_type, type);
  head.set(http::field::cache_control, "no-store");
  allow_origin(request_, head);
  chunked_ = request_.version() >= 11;
  head.chunked(chunked_);
  head.keep_alive(chunked_ && request_.keep_alive());
  http::response_serializer<http::empty_body> serializer(head);
  stream_.plain().expires_after(kWriteMax);
  const auto [error, written] = co_await http::async_write_header(stream_, serializer, kAsTuple);
  co_return !error;
}

asio::awaitable<bool> Exchange::write_piece(std::string_view bytes) {
  if (bytes.empty()) co_return true;  // an empty chunk would be the last one
  const asio::const_buffer buffer(bytes.data(), bytes.size());
  stream_.plain().expires_after(kWriteMax);
  if (chunked_) {
    const auto [error, written] = co_await asio::async_write(stream_, http::make_chunk(buffer), kAsTuple);
    co_return !error;
  }
  const auto [error, written] = co_await asio::async_write(stream_, buffer, kAsTuple);
  co_return !error;
}

asio::awaitable<bool> Exchange::end_stream() {
  if (!chunked_) co_return true;
  keeps_alive_ = request_.keep_alive();
  const auto [error, written] = co_await asio::async_write(stream_, http::make_chunk_last(), kAsTuple);
  co_return note(error);
}

bool Exchange::client_gone() {
  char byte = 0;
  const auto socket = stream_.plain().socket().native_handle();
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

}  // namespace antiphon::server
