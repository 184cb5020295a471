#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "server/api/exchange.h"
#include "server/net/io_bell.h"
#include "server/net/net_metrics.h"

namespace antiphon::server {

// What a request needs that occupies the networks: one of its key's places, a seat, and the way to wait for
// its work. Its death cancels the work that is going on.
struct JobPlace {
  Counted counted;
  KeyPlace key_place;
  pipeline::SharedJobSeat seat;
  JobWaiter waiter;
};

// Null: there was none, and the client has been told.
asio::awaitable<std::unique_ptr<JobPlace>> take_job_place(Exchange& exchange);

HttpFault overloaded(std::string message);
// A step of a network threw.
HttpFault network_failed();

// Sends on an errand what `start` starts, and waits until it is back. Nothing: the lanes had no room.
template <class Errand, class Start>
auto run_errand(JobWaiter& waiter, Errand& errand, Start start) -> asio::awaitable<decltype(errand.take())> {
  if (!start()) co_return std::nullopt;
  auto done = errand.take();
  while (!done) {
    co_await waiter.wait();
    done = errand.take();
  }
  co_return done;
}

}  // namespace antiphon::server
