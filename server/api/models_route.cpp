#include <boost/json.hpp>

#include <algorithm>
#include <span>
#include <string>

#include "server/api/api_routes.h"
#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

constexpr std::string_view kPath = "/v1/models";

json::object model_json(const std::string& name) {
  return {{"id", name}, {"object", "model"}, {"created", 0}, {"owned_by", "antiphon"}};
}

}  // namespace

bool is_models_path(std::string_view path) {
  return path == kPath || path.starts_with(std::string(kPath) + "/");
}

HttpResponse models_answer(const HttpRequest& request, std::span<const std::string> names) {
  const std::string_view path = path_of({request.target().data(), request.target().size()});
  json::object body;
  if (path == kPath) {
    json::array models;
    for (const std::string& name : names) models.push_back(model_json(name));
    body = {{"object", "list"}, {"data", std::move(models)}};
  } else {
    const std::string_view name = path.substr(kPath.size() + 1);
    if (std::ranges::find(names, name) == names.end()) {
      return http_error(request, {404, "model_not_found",
                                  "There is no model of this name; GET /v1/models lists them.", "model"});
    }
    body = model_json(std::string(name));
  }
  return http_answer(request, http::status::ok, "application/json", json::serialize(body));
}

}  // namespace antiphon::server
