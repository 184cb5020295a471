#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/client/client_wire.h"
#include "server/net/asio.h"
#include "tests/bench/voice/user_voice.h"

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
    std::string target = "/v1/realtime";
    UserVoice::Config voice;
    bool opus = false;  // audio as binary messages
    // Called after each turn with how many are over; may be empty.
    std::function<void(std::size_t turns)> turn_over;
  };

  explicit TalkingClient(const Config& config) : config_(config), wire_(config.opus) {}

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

  const Config config_;
  server::asio::io_context io_{1};
  Socket socket_{io_};
  std::optional<UserVoice> voice_;
  std::vector<HeardTurn> turns_;
  server::ClientWire wire_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  bool over_ = false;
  std::chrono::nanoseconds send_lateness_max_{0};
};

}  // namespace antiphon::bench
