// The demo page's files over HTTP. Nothing is looked for on disk: a path is one of the table's, or unknown.
#pragma once

#include <string_view>

#include "server/net/http_answer.h"

namespace antiphon::server {

bool is_demo_path(std::string_view path);

// The file, or 304 if the client has it already. REQUIRES: is_demo_path() of the target's path; GET or HEAD.
HttpResponse demo_answer(const HttpRequest& request);

}  // namespace antiphon::server
