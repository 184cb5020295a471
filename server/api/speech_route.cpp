#include <utility>

#include "pipeline/jobs/speaking_job.h"
#include "server/api/api_routes.h"
#include "server/api/job_places.h"
#include "server/api/server_sent_events.h"
#include "server/api/speech_request.h"

namespace antiphon::server {
namespace {

using pipeline::Reading;

std::unique_ptr<Reading> reading_of(const SpeechRequest& request) {
  auto reading = std::make_unique<Reading>();
  reading->text = request.input;
  reading->format = request.format;
  reading->options.speed = request.speed;
  return reading;
}

// The bytes of a text's sound, while they are made.
class Speech {
 public:
  Speech(JobPlace& place, const SpeechRequest& request)
      : place_(place), errand_(place.seat, place.waiter.bell()), reading_(reading_of(request)) {}

  // Some bytes; none at the end, or with a fault.
  asio::awaitable<std::string> next();
  const std::optional<HttpFault>& fault() const { return fault_; }

 private:
  JobPlace& place_;
  pipeline::ReadingErrand errand_;
  std::unique_ptr<Reading> reading_;
  std::optional<HttpFault> fault_;
};

asio::awaitable<std::string> Speech::next() {
  const auto start = [this] {
    return start_reading(errand_, place_.seat, std::move(reading_), std::chrono::steady_clock::now());
  };
  while (!reading_->finished) {
    auto done = co_await run_errand(place_.waiter, errand_, start);
    if (!done || !done->result) {
      fault_ = done ? network_failed() : overloaded("The server has no room for this text now.");
      co_return "";
    }
    reading_ = *std::move(done->result);
    if (!reading_->bytes.empty()) co_return std::move(reading_->bytes);
  }
  co_return "";
}

std::string packed(const SpeechRequest& request, std::string bytes) {
  if (request.stream == SpeechStream::kAudio) return bytes;
  return server_sent_event(speech_delta_event(bytes));
}

}  // namespace

asio::awaitable<void> serve_speech(Exchange& exchange) {
  const auto read = speech_request(exchange.body());
  if (const auto* fault = std::get_if<HttpFault>(&read)) {
    co_await exchange.refuse(*fault);
    co_return;
  }
  const auto& request = std::get<SpeechRequest>(read);
  const auto place = co_await take_job_place(exchange);
  if (!place) co_return;
  Speech speech(*place, request);
  std::string bytes = co_await speech.next();
  if (speech.fault()) {
    co_await exchange.refuse(*speech.fault());
    co_return;
  }
  const bool events = request.stream == SpeechStream::kEvents;
  bool there = co_await exchange.begin_stream(events ? kEventStream : content_type_of(request.format));
  while (there && !bytes.empty()) {
    there = co_await exchange.write_piece(packed(request, std::exchange(bytes, {})));
    if (there) bytes = co_await speech.next();
  }
  if (!there || speech.fault()) co_return;
  if (events) there = co_await exchange.write_piece(server_sent_event(speech_done_event()));
  if (there) co_await exchange.end_stream();
}

}  // namespace antiphon::server
