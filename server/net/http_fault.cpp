#include "server/net/http_fault.h"

#include <boost/json.hpp>

#include <string_view>

#include "server/protocol/json_values.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

std::string_view type_of(int status) {
  if (status == 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

}  // namespace

std::string fault_json(const HttpFault& fault) {
  const json::object error{{"error",
                            {{"message", fault.message},
                             {"type", type_of(fault.status)},
                             {"param", protocol::text_or_null(fault.param)},
                             {"code", protocol::text_or_null(fault.code)}}}};
  return json::serialize(error) + "\n";
}

}  // namespace antiphon::server
