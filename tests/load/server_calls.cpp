#include "tests/load/server_calls.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "server/client/server_url.h"
#include "server/net/asio.h"

namespace antiphon::load {
namespace {

namespace http = server::http;

constexpr std::size_t kBodyBytesMax = 64 << 20;

}  // namespace

ServerAddress server_address(std::string_view url) {
  const server::ServerUrl read = server::server_url(url);
  if (read.tls) throw std::runtime_error("--url: '" + std::string(url) + "': this tool speaks no TLS");
  return {read.host, read.port, read.target, ""};
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
