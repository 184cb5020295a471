#pragma once

#include <prometheus/registry.h>

#include "pipeline/session_port.h"
#include "server/net/asio.h"

namespace antiphon::server {

using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

// What the plain HTTP routes answer: /livez, /readyz, /metrics, and errors as JSON. Any I/O thread.
class HttpRoutes {
 public:
  HttpRoutes(const pipeline::SessionDoor& door, const prometheus::Registry& registry)
      : door_(door), registry_(registry) {}

  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse ready(const HttpRequest& request) const;
  HttpResponse metrics(const HttpRequest& request) const;

  const pipeline::SessionDoor& door_;
  const prometheus::Registry& registry_;
};

// An error as the protocol's clients read it.
HttpResponse http_error(const HttpRequest& request, http::status status, std::string_view message);

}  // namespace antiphon::server
