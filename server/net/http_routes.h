#pragma once

#include <prometheus/registry.h>

#include <string_view>

#include "pipeline/session_port.h"
#include "server/net/http_answer.h"
#include "server/net/net_config.h"
#include "server/security/gatekeeper.h"

namespace antiphon::server {

// What can be answered at once: the demo page, /server.json, /livez, /readyz, /metrics, /v1/models, and
// errors as JSON. Any I/O thread.
class HttpRoutes {
 public:
  HttpRoutes(const pipeline::SessionDoor& door, const prometheus::Registry& registry, const ApiConfig& api,
             const Gatekeeper& gatekeeper)
      : door_(door), registry_(registry), api_(api), gatekeeper_(gatekeeper) {}

  // Whether no key is asked for at this path.
  static bool open_to_all(std::string_view path);
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse about(const HttpRequest& request) const;
  HttpResponse ready(const HttpRequest& request) const;
  HttpResponse metrics(const HttpRequest& request) const;

  const pipeline::SessionDoor& door_;
  const prometheus::Registry& registry_;
  const ApiConfig& api_;
  const Gatekeeper& gatekeeper_;
};

}  // namespace antiphon::server
