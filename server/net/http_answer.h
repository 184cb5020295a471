#pragma once

#include <string>
#include <string_view>

#include "server/net/asio.h"
#include "server/net/http_fault.h"

namespace antiphon::server {

using HttpRequest = http::request<http::string_body>;
using HttpResponse = http::response<http::string_body>;

// An answer that may not be stored, with its length set.
HttpResponse http_answer(const HttpRequest& request, http::status status, std::string_view type,
                         std::string body);

// The fault as a whole answer with a JSON body; an empty message says what the status means.
HttpResponse http_error(const HttpRequest& request, const HttpFault& fault);

}  // namespace antiphon::server
