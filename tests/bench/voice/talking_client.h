#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/net/asio.h"
#include "server/net/opus_wire.h"
#include "tests/bench/voice/heard_turn.h"
#include "tests/bench/voice/utterance.h"

namespace antiphon::bench {

// A user on a WebSocket, in real time: a microphone that always sends, speech or silence, 20 ms at a time,
// each frame when its last sample has been spoken (the n-th at t0 + 20 n ms, from 1, whatever the server
// does).
//
// Owner: one thread, which talk() keeps until the talk is over.
class TalkingClient {
 public:
  struct Config {
    std::uint16_t port = 0;
    std::string session_update;  // JSON
    // The user's next words come this long after the answer is over ...
    std::chrono::milliseconds rest{700};
    // ... or, if not zero, so long after it began to sound, into the middle of it.
    std::chrono::milliseconds barge_in_after{0};
    // If not zero the client cancels an answer that has sounded for so long: shortens a measurement.
    std::chrono::milliseconds listens_for{0};
    std::chrono::milliseconds patience{20'000};  // with an answer that does not come
    bool opus = false;                           // audio as binary messages
  };

  explicit TalkingClient(const Config& config) : config_(config) {}

  // Says `turns` utterances, in turn. Throws std::runtime_error if the connection ends.
  std::vector<HeardTurn> talk(const std::vector<Utterance>& utterances, std::size_t turns);

  // In messages, both ways.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  // How late the worst frame was sent.
  std::chrono::nanoseconds send_lateness_max() const { return send_lateness_max_; }

 private:
  using Socket = server::websocket::stream<server::beast::tcp_stream>;

  server::asio::awaitable<void> run();
  server::asio::awaitable<void> listen();
  server::asio::awaitable<void> speak();
  server::asio::awaitable<void> send(std::string text);
  server::asio::awaitable<void> send_audio(std::span<const float> samples);
  boost::json::value event_of(std::string_view message);
  void frame(Time frame_begin, std::vector<float>* samples);
  void begin_turn(Time frame_begin);
  bool turn_is_over(Time now) const;
  bool wants_cancel(Time now) const;

  const Config config_;
  server::asio::io_context io_{1};
  Socket socket_{io_};
  const std::vector<Utterance>* utterances_ = nullptr;
  std::size_t turns_wanted_ = 0;
  std::vector<HeardTurn> turns_;
  std::size_t position_ = 0;  // of the utterance; at its end: silence
  std::size_t lead_in_ = 0;   // silent samples before it
  server::OpusWire wire_;     // only if Config::opus
  std::string packet_;
  std::string reply_;  // that the packets belong to
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  bool cancelled_ = false;
  bool over_ = false;
  Time first_turn_at_;
  std::chrono::nanoseconds send_lateness_max_{0};
};

}  // namespace antiphon::bench
