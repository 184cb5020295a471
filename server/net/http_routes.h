#pragma once

#include <prometheus/registry.h>

#include <string_view>

#include "pipeline/session_port.h"
#include "server/net/http_answer.h"
#include "server/net/net_config.h"

namespace antiphon::server {

// What can be answered at once: /livez, /readyz, /metrics, /v1/models, and errors as JSON. Any I/O thread.
class HttpRoutes {
 public:
  HttpRoutes(const pipeline::SessionDoor& door, const prometheus::Registry& registry, const ApiConfig& api)
      : door_(door), registry_(registry), api_(api) {}

  // Whether no key is asked for at this path.
  static bool open_to_all(std::string_view path) { return path == "/livez" || path == "/readyz"; }
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse ready(const HttpRequest& request) const;
  HttpResponse metrics(const HttpRequest& request) const;

  const pipeline::SessionDoor& door_;
  const prometheus::Registry& registry_;
  const ApiConfig& api_;
};

}  // namespace antiphon::server
