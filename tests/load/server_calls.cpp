#include "tests/load/server_calls.h"

#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "server/net/asio.h"

namespace antiphon::load {
namespace {

namespace http = server::http;

constexpr std::size_t kBodyBytesMax = 64 << 20;

}  // namespace

ServerAddress server_address(std::string_view url) {
  constexpr std::string_view kScheme = "ws://";
  const std::string whole(url);
  if (!url.starts_with(kScheme)) throw std::runtime_error("--url: '" + whole + "' does not begin with ws://");
  url.remove_prefix(kScheme.size());
  ServerAddress address;
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos) address.path = url.substr(slash);
  const std::string_view place = url.substr(0, slash);
  const std::size_t colon = place.rfind(':');
  address.host = place.substr(0, colon);
  address.port = 80;
  if (colon == std::string_view::npos) return address;
  const char* const end = place.data() + place.size();
  const auto [stop, error] = std::from_chars(place.data() + colon + 1, end, address.port);
  if (error != std::errc() || stop != end)
    throw std::runtime_error("--url: '" + whole + "' has no valid port");
  return address;
}

Answer ask(const ServerAddress& server, const std::string& target, const std::string& body) {
  server::asio::io_context io;
  server::tcp::resolver resolver(io);
  server::beast::tcp_stream stream(io);
  stream.connect(resolver.resolve(server.host, std::to_string(server.port)));
  http::request<http::string_body> request(body.empty() ? http::verb::get : http::verb::post, target, 11);
  request.set(http::field::host, server.host);
  if (!server.key.empty()) request.set(http::field::authorization, "Bearer " + server.key);
  if (!body.empty()) request.set(http::field::content_type, "application/json");
  request.body() = body;
  request.prepare_payload();
  http::write(stream, request);
  server::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyBytesMax);
  http::read(stream, buffer, parser);
  return {static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

std::string spoken(const ServerAddress& server, const std::string& text) {
  const boost::json::object request{
      {"model", "any"}, {"voice", "any"}, {"response_format", "pcm"}, {"input", text}};
  Answer answer = ask(server, "/v1/audio/speech", boost::json::serialize(request));
  if (answer.status != 200) {
    throw std::runtime_error("the server does not speak \"" + text + "\": " + answer.body +
                             " (--speech names recordings instead)");
  }
  return std::move(answer.body);
}

ServerMetrics metrics_of(const ServerAddress& server) {
  const Answer answer = ask(server, "/metrics");
  ServerMetrics metrics;
  if (answer.status != 200) return metrics;
  std::string_view rest = answer.body;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t space = line.rfind(' ');
    if (line.starts_with('#') || space == std::string_view::npos) continue;
    metrics[std::string(line.substr(0, space))] = std::strtod(line.data() + space, nullptr);
  }
  return metrics;
}

}  // namespace antiphon::load
