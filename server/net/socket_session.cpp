#include "server/net/socket_session.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "server/api/api_routes.h"
#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {

// A client secret carries its session's settings in the head.
constexpr std::uint32_t kHeadBytesMax = 64 * 1024;
constexpr std::uint64_t kBodyBytesMax = 64 * 1024;
constexpr std::chrono::seconds kBodyMax{120};  // for a body to come
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytesMax = 1 << 20;

std::string_view target_of(const HttpRequest& request) {
  return {request.target().data(), request.target().size()};
}

// What a request deserves that could not be read; none: nothing (the socket is gone).
std::optional<http::status> status_of(const beast::error_code& error) {
  if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) return http::status::payload_too_large;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == make_error_code(http::error::bad_method).category()) {
    return http::status::bad_request;
  }
  return std::nullopt;
}

// Serves the requests of one socket, one after another.
class SocketServer {
 public:
  SocketServer(SocketStream& stream, ConnectionContext& context, const HttpRoutes& routes)
      : stream_(stream), context_(context), routes_(routes) {}

  // False: the socket takes no further request.
  asio::awaitable<bool> serve_next();

 private:
  using Parser = http::request_parser<http::string_body>;

  asio::awaitable<bool> serve(Parser& parser, Caller caller);
  asio::awaitable<bool> read_body(Parser& parser, std::uint64_t bytes_max);
  asio::awaitable<bool> open_session(HttpRequest request, const Caller& caller);
  asio::awaitable<bool> refuse(const beast::error_code& error);
  asio::awaitable<bool> refuse(const HttpRequest& request, const HttpFault& fault);
  asio::awaitable<bool> write(HttpResponse response);

  SocketStream& stream_;
  ConnectionContext& context_;
  const HttpRoutes& routes_;
  beast::flat_buffer buffer_;
};

asio::awaitable<bool> SocketServer::serve_next() {
  stream_.plain().expires_after(context_.config.handshake_max);
  Parser parser;
  parser.header_limit(kHeadBytesMax);
  parser.body_limit(boost::none);  // the limit depends on the path: see read_body()
  const auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kAsTuple);
  if (error) co_return co_await refuse(error);
  const std::string_view path = path_of(target_of(parser.get()));
  const bool upgrade = websocket::is_upgrade(parser.get()) && is_realtime_path(path);
  const auto purpose = is_realtime_path(path) ? Gatekeeper::Purpose::kSession : Gatekeeper::Purpose::kOther;
  Caller caller;
  if (parser.get().method() == http::verb::options && context_.gatekeeper.origin_allowed(parser.get())) {
    co_return co_await write(preflight_answer(parser.get()));
  }
  if (!routes_.open_to_all(path)) {
    auto admitted = context_.gatekeeper.admit(parser.get(), purpose, Gatekeeper::clock_now());
    const auto* fault = std::get_if<HttpFault>(&admitted);
    if (fault != nullptr) co_return co_await refuse(parser.get(), *fault);
    caller = std::move(std::get<Caller>(admitted));
  }
  if (upgrade) co_return co_await open_session(parser.release(), caller);
  co_return co_await serve(parser, std::move(caller));
}

asio::awaitable<bool> SocketServer::serve(Parser& parser, Caller caller) {
  const bool posted = parser.get().method() == http::verb::post;
  const ApiRoute* route = posted ? api_route(path_of(target_of(parser.get())), context_.api) : nullptr;
  const bool read = co_await read_body(parser, route != nullptr ? route->body_bytes_max : kBodyBytesMax);
  if (!read) co_return false;
  const auto bytes = parser.get().body().size();
  const auto fault = context_.gatekeeper.take_bytes(caller, bytes, std::chrono::steady_clock::now());
  if (fault) co_return co_await refuse(parser.get(), *fault);
  Exchange exchange(stream_, context_, parser.release(), std::move(caller));
  if (route != nullptr) {
    co_await route->serve(exchange);
  } else if (is_memory_path(path_of(target_of(exchange.request())))) {
    co_await serve_memory(exchange);
  } else {
    co_await exchange.answer(routes_.answer(exchange.request()));
  }
  co_return exchange.keeps_alive();
}

asio::awaitable<bool> SocketServer::read_body(Parser& parser, std::uint64_t bytes_max) {
  if (parser.content_length().value_or(0) > bytes_max) {
    co_return co_await refuse(make_error_code(http::error::body_limit));
  }
  parser.body_limit(bytes_max);
  stream_.plain().expires_after(kBodyMax);
  if (parser.get()[http::field::expect] == "100-continue") {
    http::response<http::empty_body> go_on(http::status::continue_, 11);
    const auto [error, written] = co_await http::async_write(stream_, go_on, kAsTuple);
    if (error) co_return false;
  }
  const auto [error, bytes] = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
  if (!error) co_return true;
  co_await refuse(error);
  co_return false;
}

asio::awaitable<bool> SocketServer::open_session(HttpRequest request, const Caller& caller) {
  auto place = context_.gatekeeper.take_place(caller);
  if (const auto* fault = std::get_if<HttpFault>(&place)) co_return co_await refuse(request, *fault);
  pipeline::SessionRequest session = session_request(target_of(request));
  if (caller.secret) {
    auto scoped = session_request(target_of(request), *caller.secret);
    if (const auto* fault = std::get_if<HttpFault>(&scoped)) co_return co_await refuse(request, *fault);
    session = std::move(std::get<pipeline::SessionRequest>(scoped));
  }
  auto user = session_user(target_of(request), caller);
  if (const auto* fault = std::get_if<HttpFault>(&user)) co_return co_await refuse(request, *fault);
  session.user = std::move(std::get<std::optional<context_store::UserPath>>(user));
  Connection connection(stream_, context_, caller.key);
  co_await connection.run(std::move(request), std::move(session));
  co_return false;
}

asio::awaitable<bool> SocketServer::refuse(const beast::error_code& error) {
  const std::optional<http::status> status = status_of(error);
  if (!status) co_return false;
  HttpRequest none;
  none.version(11);
  // Of its own: g++ 12 copies an aggregate within an expression that awaits byte by byte.
  const HttpFault fault{static_cast<int>(*status), "", "", ""};
  co_return co_await refuse(none, fault);
}

// A body that was not read ends the connection.
asio::awaitable<bool> SocketServer::refuse(const HttpRequest& request, const HttpFault& fault) {
  HttpResponse response = http_error(request, fault);
  if (context_.gatekeeper.origin_allowed(request)) allow_origin(request, response);
  response.keep_alive(false);
  co_await write(std::move(response));
  co_return false;
}

asio::awaitable<bool> SocketServer::write(HttpResponse response) {
  const auto [error, written] = co_await http::async_write(stream_, response, kAsTuple);
  co_return !error && response.keep_alive();
}

// Ends our side and reads on a little: closing with unread bytes would take our last answer from the client.
asio::awaitable<void> end_socket(SocketStream& stream) {
  stream.plain().expires_after(kLinger);
  co_await stream.end_output();
  beast::error_code error;
  std::array<char, 4096> unread;
  for (std::size_t total = 0; !error && total < kLingerBytesMax;) {
    const auto [read_error, bytes] = co_await stream.plain().async_read_some(asio::buffer(unread), kAsTuple);
    error = read_error;
    total += bytes;
  }
}

}  // namespace

asio::awaitable<void> serve_socket(tcp::socket socket, asio::ssl::context* tls, ConnectionContext& context,
                                   const HttpRoutes& routes) {
  const Counted counted(context.metrics.sockets_open);
  beast::error_code ignored;
  static_cast<void>(socket.set_option(tcp::no_delay(true), ignored));
  SocketStream stream(std::move(socket), tls);
  stream.plain().expires_after(context.config.handshake_max);
  const beast::error_code refused = co_await stream.handshake(asio::ssl::stream_base::server);
  if (refused) co_return;
  SocketServer server(stream, context, routes);
  bool more = true;
  while (more && !context.closing) more = co_await server.serve_next();
  if (stream.plain().socket().is_open()) co_await end_socket(stream);
}

}  // namespace antiphon::server
