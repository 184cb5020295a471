#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "server/net/asio.h"
#include "server/net/opus_wire.h"
#include "tests/bench/voice/user_voice.h"
#include "tests/load/load_stats.h"
#include "tests/load/server_calls.h"
#include "tests/load/spoken_parts.h"

namespace antiphon::load {

enum class Behaviour : std::uint8_t {
  kTalks,         // a conversation, with a microphone that always sends
  kSilent,        // a microphone in a silent room
  kMute,          // connected, and sends nothing
  kStopsReading,  // talks, and reads nothing any more after the first answer has begun
};

// What all talkers of a run share; it outlives them.
struct TalkerSettings {
  ServerAddress server;
  audio::SampleFormat format = audio::SampleFormat::kPcm16;
  bool opus = false;  // on the way; the sessions' format is kPcm16 then
  std::string session_update;
  bool noise = false;  // microphones are never digitally silent: white noise at -60 dBFS around the speech
  std::chrono::milliseconds rest_max{1200};  // after an answer; at least a fifth of it
  std::chrono::milliseconds round_trip_every{1000};
  const SpokenParts* parts = nullptr;
};

// One client of the server. Open loop: a frame is due when its last sample has been spoken, whatever the
// server does, and everything is measured from then.
//
// Owner:    the thread of its io_context.
// Lifetime: a shared_ptr, since its socket's coroutine keeps it; gone() says when that has ended.
// Overload: frames wait in memory while the server does not read, up to kQueuedMax; then it gives up.
class Talker : public std::enable_shared_from_this<Talker> {
 public:
  // The stats of the phase that runs.
  using CurrentStats = std::function<LoadStats&()>;

  Talker(server::asio::io_context& io, const TalkerSettings& settings, std::shared_ptr<const SpokenPart> part,
         Behaviour behaviour, std::uint64_t seed, CurrentStats stats);

  void connect();
  // The frame that is due now. REQUIRES: every 20 ms.
  void frame(Time due, Time now);
  // From the next turn on, this part of the answers is interrupted.
  void interrupt(double share) { barge_in_share_ = share; }
  // Says good-bye, or resets the socket.
  void leave(bool abruptly);

  Behaviour behaviour() const { return behaviour_; }
  bool admitted() const { return state_ == State::kAdmitted; }
  bool gone() const { return state_ == State::kGone; }

 private:
  using Socket = server::websocket::stream<server::beast::tcp_stream>;
  enum class State : std::uint8_t { kConnecting, kAdmitted, kLeaving, kGone };
  static constexpr std::size_t kQueuedMax = 1000;  // 20 s

  server::asio::awaitable<void> run();
  server::asio::awaitable<void> listen();
  void heard(std::string_view message, Time now);
  void heard_packet(std::string_view message, Time now);
  void heard_first(std::string_view text, Time now);
  void heard_error(std::string_view text, Time now);
  void heard_delta(std::string_view response_id, std::string_view base64, Time now);
  void pace(std::string_view response_id, Time now);
  void send(std::string message, bool binary = false);
  void write_next();
  void send_frame(const bench::UserVoice::Frame& frame);
  std::string sound_of(const bench::UserVoice::Frame& frame);
  void ask_round_trip(Time due);
  void account(const bench::HeardTurn& turn);
  void account_words(const bench::HeardTurn& turn);
  void account_end();
  void plan_turn();

  const TalkerSettings& settings_;
  const std::shared_ptr<const SpokenPart> part_;
  const Behaviour behaviour_;
  const CurrentStats stats_;
  std::mt19937_64 dice_;
  Socket socket_;
  State state_ = State::kConnecting;
  Time connect_at_;
  bench::UserVoice voice_;
  std::size_t turns_planned_ = 0;
  double barge_in_share_ = 0;
  struct Outgoing {
    std::string bytes;
    bool binary = false;
  };
  std::deque<Outgoing> outgoing_;  // the first one is being written
  bool writing_ = false;
  bool broken_ = false;  // the socket takes nothing any more
  bool refused_ = false;
  bool reads_ = true;
  std::optional<Time> round_trip_from_;
  Time next_round_trip_;
  std::size_t noise_at_ = 0;
  // With Opus; null: none.
  std::unique_ptr<server::OpusWire> wire_;  // both directions look alike
  std::string reply_in_packets_;
  // The reply whose pace is followed.
  std::string paced_reply_;
  Duration earliest_{};  // how far a delta of it came before its time
};

}  // namespace antiphon::load
