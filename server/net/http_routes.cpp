#include "server/net/http_routes.h"

#include <prometheus/text_serializer.h>

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

constexpr std::string_view kJson = "application/json";

HttpResponse response(const HttpRequest& request, http::status status, std::string_view type,
                      std::string body) {
  HttpResponse answer(status, request.version());
  answer.set(http::field::content_type, type);
  answer.set(http::field::cache_control, "no-store");
  answer.keep_alive(request.keep_alive());
  answer.body() = std::move(body);
  answer.prepare_payload();
  if (request.method() == http::verb::head) answer.body().clear();  // its length stays announced
  return answer;
}

}  // namespace

HttpResponse http_error(const HttpRequest& request, http::status status, std::string_view message) {
  const std::string_view reason = http::obsolete_reason(status);
  const json::object error{{"error",
                            {{"type", "invalid_request_error"},
                             {"code", std::to_string(static_cast<unsigned>(status))},
                             {"message", std::string(message.empty() ? reason : message)},
                             {"param", nullptr}}}};
  return response(request, status, kJson, json::serialize(error) + "\n");
}

HttpResponse HttpRoutes::answer(const HttpRequest& request) const {
  const std::string_view path = path_of({request.target().data(), request.target().size()});
  const bool known = path == "/livez" || path == "/readyz" || path == "/metrics" || is_realtime_path(path);
  if (!known) return http_error(request, http::status::not_found, "There is nothing at this path.");
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    HttpResponse refused = http_error(request, http::status::method_not_allowed, "Only GET works here.");
    refused.set(http::field::allow, "GET, HEAD");
    return refused;
  }
  if (path == "/livez") return response(request, http::status::ok, kJson, "{\"status\":\"live\"}\n");
  if (path == "/readyz") return ready(request);
  if (path == "/metrics") return metrics(request);
  HttpResponse upgrade = http_error(request, http::status::upgrade_required, "Open a WebSocket here.");
  upgrade.set(http::field::upgrade, "websocket");
  return upgrade;
}

HttpResponse HttpRoutes::ready(const HttpRequest& request) const {
  const std::vector<std::string> missing = door_.missing();
  if (missing.empty()) return response(request, http::status::ok, kJson, "{\"status\":\"ready\"}\n");
  json::array reasons(missing.begin(), missing.end());
  const json::object body{{"status", "not ready"}, {"missing", std::move(reasons)}};
  return response(request, http::status::service_unavailable, kJson, json::serialize(body) + "\n");
}

HttpResponse HttpRoutes::metrics(const HttpRequest& request) const {
  return response(request, http::status::ok, "text/plain; version=0.0.4; charset=utf-8",
                  prometheus::TextSerializer().Serialize(registry_.Collect()));
}

}  // namespace antiphon::server
