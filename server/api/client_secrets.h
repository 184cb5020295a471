// POST /v1/realtime/client_secrets, and the beta's /v1/realtime/sessions and /transcription_sessions. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "server/net/http_fault.h"
#include "server/security/client_secret.h"

namespace antiphon::server {

// Which of the three shapes a request and its answer have.
enum class SecretDialect : std::uint8_t { kCurrent, kBetaSession, kBetaTranscription };

// The secret that the body asks for, to be signed.
std::variant<ClientSecret, HttpFault> requested_secret(SecretDialect dialect, std::string_view body,
                                                       const std::string& key_name,
                                                       std::int64_t now_unix_seconds);

// The answer's body. REQUIRES: a secret from requested_secret().
std::string secret_answer(SecretDialect dialect, const ClientSecret& secret, const std::string& token);

}  // namespace antiphon::server
