#include "server/api/json_body.h"

#include <utility>

#include "server/protocol/json_text.h"

namespace antiphon::server {

std::variant<boost::json::object, HttpFault> json_body(std::string_view body) {
  auto parsed = protocol::json_object(body);
  if (const auto* none = std::get_if<protocol::NoJsonObject>(&parsed)) {
    return HttpFault{400, "invalid_json", "The body is not a JSON object: " + none->why + ".", ""};
  }
  return std::move(std::get<boost::json::object>(parsed));
}

HttpFault bad_field(const protocol::Fault& fault) {
  return {400, fault.code, fault.message, fault.param};
}

}  // namespace antiphon::server
