#pragma once

#include <boost/json.hpp>

#include <string_view>
#include <variant>

#include "server/net/http_fault.h"
#include "server/protocol/fields.h"

namespace antiphon::server {

// The object that a request's body must be.
std::variant<boost::json::object, HttpFault> json_body(std::string_view body);

HttpFault bad_field(const protocol::Fault& fault);

}  // namespace antiphon::server
