#include "server/net/http_routes.h"

#include <prometheus/text_serializer.h>

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/api_routes.h"
#include "server/demo/demo_page.h"
#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kAbout = "/server.json";

HttpResponse wrong_method(const HttpRequest& request, const std::string& allowed) {
  HttpResponse refused = http_error(request, {405, "", "Only " + allowed + " works here.", ""});
  refused.set(http::field::allow, allowed);
  return refused;
}

}  // namespace

bool HttpRoutes::open_to_all(std::string_view path) {
  return path == "/livez" || path == "/readyz" || path == kAbout || is_demo_path(path);
}

HttpResponse HttpRoutes::answer(const HttpRequest& request) const {
  const std::string_view path = path_of({request.target().data(), request.target().size()});
  const bool known =
      open_to_all(path) || path == "/metrics" || is_models_path(path) || is_realtime_path(path);
  if (api_route(path, api_) != nullptr) return wrong_method(request, "POST");
  if (!known) return http_error(request, {404, "", "There is nothing at this path.", ""});
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return wrong_method(request, "GET, HEAD");
  }
  if (is_demo_path(path)) return demo_answer(request);
  if (path == kAbout) return about(request);
  if (path == "/livez") return http_answer(request, http::status::ok, kJson, "{\"status\":\"live\"}\n");
  if (path == "/readyz") return ready(request);
  if (path == "/metrics") return metrics(request);
  if (is_models_path(path)) return models_answer(request, api_.models);
  HttpResponse upgrade = http_error(request, {426, "", "Open a WebSocket here.", ""});
  upgrade.set(http::field::upgrade, "websocket");
  return upgrade;
}

// What a page must know before it asks for anything.
HttpResponse HttpRoutes::about(const HttpRequest& request) const {
  const json::object body{
      {"name", "antiphon"}, {"asks_for_key", gatekeeper_.has_keys()}, {"remembers", api_.memory != nullptr}};
  return http_answer(request, http::status::ok, kJson, json::serialize(body) + "\n");
}

HttpResponse HttpRoutes::ready(const HttpRequest& request) const {
  const std::vector<std::string> missing = door_.missing();
  if (missing.empty()) {
    json::object body{{"status", "ready"}};
    if (!api_.model_set.empty()) body["models"] = api_.model_set;
    return http_answer(request, http::status::ok, kJson, json::serialize(body) + "\n");
  }
  json::array reasons(missing.begin(), missing.end());
  const json::object body{{"status", "not ready"}, {"missing", std::move(reasons)}};
  return http_answer(request, http::status::service_unavailable, kJson, json::serialize(body) + "\n");
}

HttpResponse HttpRoutes::metrics(const HttpRequest& request) const {
  return http_answer(request, http::status::ok, "text/plain; version=0.0.4; charset=utf-8",
                     prometheus::TextSerializer().Serialize(registry_.Collect()));
}

}  // namespace antiphon::server
