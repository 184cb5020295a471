#include "server/net/http_answer.h"

#include <utility>

namespace antiphon::server {

HttpResponse http_answer(const HttpRequest& request, http::status status, std::string_view type,
                         std::string body) {
  HttpResponse answer(status, request.version());
  answer.set(http::field::content_type, type);
  answer.set(http::field::cache_control, "no-store");
  answer.keep_alive(request.keep_alive());
  answer.body() = std::move(body);
  answer.prepare_payload();
  if (request.method() == http::verb::head) answer.body().clear();  // its length stays announced
  return answer;
}

HttpResponse http_error(const HttpRequest& request, const HttpFault& fault) {
  const auto status = http::int_to_status(static_cast<unsigned>(fault.status));
  HttpFault named = fault;
  if (named.message.empty()) named.message = std::string(http::obsolete_reason(status));
  HttpResponse answer = http_answer(request, status, "application/json", fault_json(named));
  if (status == http::status::unauthorized) answer.set(http::field::www_authenticate, "Bearer");
  if (status == http::status::too_many_requests || status == http::status::service_unavailable) {
    answer.set(http::field::retry_after, "10");
  }
  return answer;
}

}  // namespace antiphon::server
