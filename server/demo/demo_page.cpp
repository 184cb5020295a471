#include "server/demo/demo_page.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "server/demo/demo_files.h"
#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {

// Everything the page needs is its own: no other host, nothing inline, no frame around it that could lead
// somebody to press its buttons.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const DemoFile* demo_file(std::string_view path) {
  const auto files = demo_files();
  const auto found = std::ranges::find(files, path, &DemoFile::path);
  return found != files.end() ? &*found : nullptr;
}

// Whether the tag is among those that the client has, or any will do.
bool client_has(std::string_view known, std::string_view tag) {
  return known == "*" || known.find(tag) != std::string_view::npos;
}

}  // namespace

bool is_demo_path(std::string_view path) {
  return demo_file(path) != nullptr;
}

HttpResponse demo_answer(const HttpRequest& request) {
  const DemoFile* file = demo_file(path_of({request.target().data(), request.target().size()}));
  assert(file != nullptr);
  const auto known = request[http::field::if_none_match];
  const bool unchanged = client_has({known.data(), known.size()}, file->tag);
  HttpResponse answer = unchanged
                            ? http_answer(request, http::status::not_modified, file->type, "")
                            : http_answer(request, http::status::ok, file->type, std::string(file->bytes));
  answer.set(http::field::cache_control, "no-cache");  // may be kept, and is asked for again each time
  answer.set(http::field::etag, file->tag);
  answer.set("Content-Security-Policy", kContentSecurityPolicy);
  answer.set("Cross-Origin-Opener-Policy", "same-origin");
  answer.set("Permissions-Policy", "microphone=(self)");
  answer.set("Referrer-Policy", "no-referrer");
  answer.set("X-Content-Type-Options", "nosniff");
  return answer;
}

}  // namespace antiphon::server
