// The vendor's HTTP endpoints: which there are, and what each takes.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/api/exchange.h"

namespace antiphon::server {

struct ApiRoute {
  std::string_view path;  // POST
  std::uint64_t body_bytes_max;
  bool networks;  // whether it needs ApiConfig::jobs
  asio::awaitable<void> (*serve)(Exchange& exchange);
};

// Null: there is none at this path.
const ApiRoute* api_route(std::string_view path, const ApiConfig& config);

// Each answers its request, whatever is wrong with it.
asio::awaitable<void> serve_transcription(Exchange& exchange);
asio::awaitable<void> serve_speech(Exchange& exchange);
asio::awaitable<void> serve_chat(Exchange& exchange);
asio::awaitable<void> serve_client_secret(Exchange& exchange);
asio::awaitable<void> serve_beta_session(Exchange& exchange);
asio::awaitable<void> serve_beta_transcription_session(Exchange& exchange);

// Everything below /v1/memory/.
bool is_memory_path(std::string_view path);
asio::awaitable<void> serve_memory(Exchange& exchange);

// GET /v1/models and /v1/models/NAME.
bool is_models_path(std::string_view path);
HttpResponse models_answer(const HttpRequest& request, std::span<const std::string> names);

}  // namespace antiphon::server
