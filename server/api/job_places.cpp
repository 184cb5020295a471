#include "server/api/job_places.h"

#include <memory>

namespace antiphon::server {

HttpFault overloaded(std::string message) {
  return {503, "server_overloaded", std::move(message), ""};
}

HttpFault network_failed() {
  return {500, "internal_error", "A network failed.", ""};
}

asio::awaitable<std::unique_ptr<JobPlace>> take_job_place(Exchange& exchange) {
  ConnectionContext& context = exchange.context();
  auto key_place = context.gatekeeper.take_place(exchange.caller());
  if (const auto* fault = std::get_if<HttpFault>(&key_place)) {
    co_await exchange.refuse(*fault);
    co_return nullptr;
  }
  auto seat = context.api.jobs->take_seat();
  if (auto* refusal = std::get_if<pipeline::SessionRefusal>(&seat)) {
    context.metrics.sessions_refused.Increment();
    co_await exchange.refuse(overloaded(std::move(refusal->message)));
    co_return nullptr;
  }
  co_return std::unique_ptr<JobPlace>(
      new JobPlace{Counted(context.metrics.jobs_open), std::move(std::get<KeyPlace>(key_place)),
                   std::move(std::get<pipeline::SharedJobSeat>(seat)), JobWaiter(context.io)});
}

}  // namespace antiphon::server
