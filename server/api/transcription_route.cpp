#include "pipeline/jobs/recording_job.h"
#include "server/api/api_routes.h"
#include "server/api/job_places.h"
#include "server/api/server_sent_events.h"
#include "server/api/transcription_request.h"

namespace antiphon::server {
namespace {

using pipeline::RecordedSpeech;
using pipeline::Recording;

// One recording on its way through the networks.
class Transcription {
 public:
  Transcription(JobPlace& place, std::unique_ptr<Recording> recording)
      : place_(place), errand_(place.seat, place.waiter.bell()), recording_(std::move(recording)) {}

  // The next stretch of speech; none at the end, or with a fault.
  asio::awaitable<std::optional<RecordedSpeech>> next();
  const std::optional<HttpFault>& fault() const { return fault_; }
  double seconds() const { return seconds_; }

 private:
  JobPlace& place_;
  pipeline::RecordingErrand errand_;
  std::unique_ptr<Recording> recording_;
  std::optional<HttpFault> fault_;
  double seconds_ = 0;
};

asio::awaitable<std::optional<RecordedSpeech>> Transcription::next() {
  const auto start = [this] {
    return start_hearing(errand_, place_.seat, std::move(recording_), std::chrono::steady_clock::now());
  };
  auto done = co_await run_errand(place_.waiter, errand_, start);
  if (!done) {
    fault_ = overloaded("The server has no room for this recording now; try again later.");
    co_return std::nullopt;
  }
  if (!done->result) {
    fault_ = network_failed();
    co_return std::nullopt;
  }
  recording_ = *std::move(done->result);
  seconds_ = recording_->seconds;
  if (!recording_->fault.empty()) {
    fault_ = HttpFault{400, "invalid_value", "'file' can't be read: " + recording_->fault + ".", "file"};
  }
  co_return std::move(recording_->speech);
}

asio::awaitable<void> answer_at_the_end(Exchange& exchange, Transcription& transcription,
                                        const TranscriptionRequest& request) {
  std::vector<RecordedSpeech> speech;
  for (;;) {
    auto stretch = co_await transcription.next();
    if (!stretch) break;
    if (exchange.client_gone()) co_return;
    speech.push_back(*std::move(stretch));
  }
  if (transcription.fault()) {
    co_await exchange.refuse(*transcription.fault());
    co_return;
  }
  TranscriptionAnswer answer = transcription_answer(request, speech, transcription.seconds());
  co_await exchange.answer(
      http_answer(exchange.request(), http::status::ok, answer.type, std::move(answer.body)));
}

asio::awaitable<void> answer_as_it_comes(Exchange& exchange, Transcription& transcription) {
  std::string text;
  auto stretch = co_await transcription.next();
  if (transcription.fault()) {
    co_await exchange.refuse(*transcription.fault());
    co_return;
  }
  bool there = co_await exchange.begin_stream(kEventStream);
  while (there && stretch) {
    const std::string delta = (text.empty() ? "" : " ") + stretch->transcript.text;
    text += delta;
    there = co_await exchange.write_piece(server_sent_event(transcript_delta_event(delta)));
    if (there) stretch = co_await transcription.next();
  }
  if (!there || transcription.fault()) co_return;
  const std::string last = server_sent_event(transcript_done_event(text, transcription.seconds()));
  there = co_await exchange.write_piece(last + std::string(kLastEvent));
  if (there) co_await exchange.end_stream();
}

}  // namespace

asio::awaitable<void> serve_transcription(Exchange& exchange) {
  const auto read = transcription_request(exchange.request()[http::field::content_type], exchange.body());
  if (const auto* fault = std::get_if<HttpFault>(&read)) {
    co_await exchange.refuse(*fault);
    co_return;
  }
  const auto& request = std::get<TranscriptionRequest>(read);
  const auto place = co_await take_job_place(exchange);
  if (!place) co_return;
  auto recording = std::make_unique<Recording>();
  recording->bytes = std::string(request.file);
  recording->word_times = needs_words(request);
  exchange.take_body();
  Transcription transcription(*place, std::move(recording));
  if (request.stream) {
    co_await answer_as_it_comes(exchange, transcription);
  } else {
    co_await answer_at_the_end(exchange, transcription, request);
  }
}

}  // namespace antiphon::server
