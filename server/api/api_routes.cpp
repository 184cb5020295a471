#include "server/api/api_routes.h"

#include <algorithm>
#include <array>

#include "server/api/client_secrets.h"

namespace antiphon::server {
namespace {

constexpr std::uint64_t kSmallBody = 64 * 1024;

constexpr std::uint64_t kChatBody = 1024 * 1024;
constexpr std::uint64_t kFileBody =
    26 * 1024 * 1024;  // a file of the vendor's 25 MB and what stands around it

const std::array<ApiRoute, 6> kRoutes = {{
    {"/v1/realtime/client_secrets", kSmallBody, false, serve_client_secret},
    {"/v1/realtime/sessions", kSmallBody, false, serve_beta_session},
    {"/v1/realtime/transcription_sessions", kSmallBody, false, serve_beta_transcription_session},
    {"/v1/audio/transcriptions", kFileBody, true, serve_transcription},
    {"/v1/audio/speech", kSmallBody, true, serve_speech},
    {"/v1/chat/completions", kChatBody, true, serve_chat},
}};

asio::awaitable<void> serve_secret(Exchange& exchange, SecretDialect dialect) {
  const auto requested = requested_secret(dialect, exchange.body(), exchange.caller().name(),
                                          Gatekeeper::clock_now().unix_seconds);
  if (const auto* fault = std::get_if<HttpFault>(&requested)) {
    co_await exchange.refuse(*fault);
    co_return;
  }
  const ClientSecret& secret = std::get<ClientSecret>(requested);
  co_await exchange.answer_json(secret_answer(dialect, secret, exchange.context().gatekeeper.sign(secret)));
}

}  // namespace

const ApiRoute* api_route(std::string_view path, const ApiConfig& config) {
  const auto* found = std::ranges::find(kRoutes, path, &ApiRoute::path);
  if (found == kRoutes.end() || (found->networks && config.jobs == nullptr)) return nullptr;
  return found;
}

asio::awaitable<void> serve_client_secret(Exchange& exchange) {
  return serve_secret(exchange, SecretDialect::kCurrent);
}

asio::awaitable<void> serve_beta_session(Exchange& exchange) {
  return serve_secret(exchange, SecretDialect::kBetaSession);
}

asio::awaitable<void> serve_beta_transcription_session(Exchange& exchange) {
  return serve_secret(exchange, SecretDialect::kBetaTranscription);
}

}  // namespace antiphon::server
