// What the request says that opens a WebSocket. Pure.
#pragma once

#include <string_view>
#include <variant>

#include "pipeline/session_port.h"
#include "server/net/http_answer.h"
#include "server/security/client_secret.h"
#include "server/security/gatekeeper.h"

namespace antiphon::server {

inline constexpr std::string_view kRealtimeSubprotocol = "realtime";

// "/v1/realtime?model=x" without the query.
std::string_view path_of(std::string_view target);
bool is_realtime_path(std::string_view path);

// Reads the keys that we know (model, intent, turn_trace) and tolerates all others; of a repeated key the
// first counts.
pipeline::SessionRequest session_request(std::string_view target);
// The same with a client secret's session, which decides; a fault if the address asks for another kind.
// REQUIRES: a secret that this server signed.
std::variant<pipeline::SessionRequest, HttpFault> session_request(std::string_view target,
                                                                  const ClientSecret& secret);

// Whom the memory is to know in this session: a client secret's user, else the address's `antiphon_user`; of
// the caller's tenant. None: nobody. A fault for a name that is none, and if a secret does not allow it.
std::variant<std::optional<context_store::UserPath>, HttpFault> session_user(std::string_view target,
                                                                             const Caller& caller);

// What is to be echoed of the subprotocols that are offered, or "": a browser closes the socket unless one
// that it offered is echoed, and others do if one comes unasked. Opus goes before JSON alone.
std::string_view chosen_subprotocol(const http::request<http::string_body>& request);
// Whether the client wants the beta's events: by `OpenAI-Beta: realtime=v1` or the subprotocol of that name.
bool asks_for_beta(const http::request<http::string_body>& request);

}  // namespace antiphon::server
