#include "tests/load/talker.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "server/protocol/base64.h"

namespace antiphon::load {
namespace {

using server::kAsTuple;
using std::chrono::milliseconds;
namespace asio = server::asio;
namespace websocket = server::websocket;

constexpr std::string_view kRoundTrip = "antiphon-load-round-trip";
constexpr std::string_view kDeltaType = R"("type":"response.output_audio.delta")";

// The text of a field of a flat event whose values need no unescaping.
std::string_view field_of(std::string_view event, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const std::size_t at = event.find(key);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + key.size();
  return event.substr(begin, event.find('"', begin) - begin);
}

bool is_of_type(std::string_view event, std::string_view type) {
  return event.substr(0, 200).find(type) != std::string_view::npos;
}

std::string message_of(std::string_view bytes) {
  std::string message = R"({"type":"input_audio_buffer.append","audio":")";
  server::protocol::append_base64(message, std::as_bytes(std::span(bytes)));
  return message + "\"}";
}

char silence_byte(audio::SampleFormat format) {
  if (format == audio::SampleFormat::kPcm16) return 0;
  return static_cast<char>(format == audio::SampleFormat::kPcmu ? 0xFF : 0xD5);
}

// Some seconds of white noise at -60 dBFS, as of a good microphone in a quiet room. Of a length that frames
// do not divide, so that no two of them are alike.
const std::string& faint_noise() {
  static const std::string bytes = [] {
    constexpr double kLevel = 32.768;
    constexpr std::size_t kSamples = 100'003;
    std::mt19937 random(1);
    std::normal_distribution<double> sample(0, kLevel);
    std::string all;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const auto value = static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lrint(sample(random))));
      all += static_cast<char>(value & 0xFFU);
      all += static_cast<char>(value >> 8U);
    }
    return all;
  }();
  return bytes;
}

bench::UserVoice::Config voice_config(const TalkerSettings& settings, Behaviour behaviour,
                                      std::uint64_t seed) {
  bench::UserVoice::Config config;
  if (behaviour == Behaviour::kStopsReading) config.patience = milliseconds(4000);  // it hears no answer
  config.first_rest = milliseconds(200 + seed % 1500);  // so that not all speak at once
  config.format = settings.format;
  return config;
}

// As on a phone: what it does not read soon stays with the server.
void keep_little(server::tcp::socket& socket, const server::tcp& protocol) {
  constexpr int kBytes = 16 * 1024;
  server::beast::error_code ignored;
  static_cast<void>(socket.open(protocol, ignored));
  static_cast<void>(socket.set_option(asio::socket_base::receive_buffer_size(kBytes), ignored));
}

}  // namespace

Talker::Talker(asio::io_context& io, const TalkerSettings& settings, std::shared_ptr<const SpokenPart> part,
               Behaviour behaviour, std::uint64_t seed, CurrentStats stats)
    : settings_(settings),
      part_(std::move(part)),
      behaviour_(behaviour),
      stats_(std::move(stats)),
      dice_(seed),
      socket_(io),
      voice_(voice_config(settings, behaviour, dice_()), &part_->utterances,
             [this](const bench::HeardTurn& turn) { account(turn); }) {
  if (settings.noise) noise_at_ = dice_() % faint_noise().size() & ~std::size_t{1};
  if (settings.opus) wire_ = std::make_unique<server::OpusWire>();
  if (behaviour == Behaviour::kSilent || behaviour == Behaviour::kMute) voice_.limit(0);
}

void Talker::connect() {
  connect_at_ = pipeline::Clock::now();
  next_round_trip_ = connect_at_ + milliseconds(dice_() % 1000);
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this()](const std::exception_ptr&) { self->state_ = State::kGone; });
}

asio::awaitable<void> Talker::run() {
  auto& stream = server::beast::get_lowest_layer(socket_);
  const server::tcp::endpoint server(asio::ip::make_address(settings_.server.host), settings_.server.port);
  if (behaviour_ == Behaviour::kStopsReading) keep_little(stream.socket(), server.protocol());
  const auto [refused] = co_await stream.async_connect(server, kAsTuple);
  bool open = !refused;
  if (open) {
    stream.socket().set_option(server::tcp::no_delay(true));
    socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      const std::string& key = settings_.server.key;
      if (!key.empty()) request.set(server::http::field::authorization, "Bearer " + key);
      if (wire_) request.set(server::http::field::sec_websocket_protocol, server::kOpusSubprotocol);
    }));
    socket_.read_message_max(64 << 20);
    socket_.auto_fragment(false);
    const auto [error] =
        co_await socket_.async_handshake(settings_.server.host, settings_.server.path, kAsTuple);
    open = !error;
  }
  if (open) co_await listen();
  account_end();
  state_ = State::kGone;
}

asio::awaitable<void> Talker::listen() {
  server::beast::flat_buffer buffer;
  asio::steady_timer pause(socket_.get_executor());
  for (;;) {
    while (!reads_ && state_ == State::kAdmitted && socket_.is_open()) {
      pause.expires_after(milliseconds(100));
      co_await pause.async_wait(kAsTuple);
    }
    const auto [error, bytes] = co_await socket_.async_read(buffer, kAsTuple);
    if (error) co_return;
    const auto data = buffer.cdata();
    heard({static_cast<const char*>(data.data()), data.size()}, pipeline::Clock::now());
    buffer.clear();
  }
}

void Talker::heard(std::string_view text, Time now) {
  stats_().add(Count::kMessagesReceived);
  if (socket_.got_binary()) return heard_packet(text, now);
  if (is_of_type(text, kDeltaType)) {
    return heard_delta(field_of(text, "response_id"), field_of(text, "delta"), now);
  }
  if (wire_ && is_of_type(text, R"("type":"response.content_part.added")")) {
    reply_in_packets_ = field_of(text, "response_id");
  }
  if (state_ == State::kConnecting) return heard_first(text, now);
  if (is_of_type(text, R"("type":"error")")) return heard_error(text, now);
  voice_.hear(boost::json::parse(text), now);
}

void Talker::heard_first(std::string_view text, Time now) {
  if (is_of_type(text, R"("type":"error")")) {
    refused_ = true;
    stats_().record(Metric::kRefused, now - connect_at_);
    stats_().add(Count::kRefused);
    return;
  }
  stats_().record(Metric::kAdmitted, now - connect_at_);
  stats_().add(Count::kAdmitted);
  state_ = State::kAdmitted;
  plan_turn();
  send(settings_.session_update);
}

void Talker::heard_error(std::string_view text, Time now) {
  if (text.find(kRoundTrip) == std::string_view::npos || !round_trip_from_) {
    stats_().add(Count::kErrors);
    return;
  }
  stats_().record(Metric::kRoundTrip, now - *round_trip_from_);
  round_trip_from_.reset();
}

void Talker::heard_packet(std::string_view message, Time now) {
  if (!wire_) return stats_().add(Count::kErrors);
  const pipeline::ClientEvent event = wire_->client_event(message);
  const auto* audio = std::get_if<pipeline::AppendInputAudio>(&event.body);
  if (audio == nullptr) return stats_().add(Count::kErrors);
  std::string base64;
  server::protocol::append_base64(base64, audio->audio);
  heard_delta(reply_in_packets_, base64, now);
}

void Talker::heard_delta(std::string_view id, std::string_view base64, Time now) {
  stats_().add(Count::kAudioDeltas);
  pace(id, now);
  const bench::HeardReply* reply = voice_.reply(id);
  const int underruns = reply != nullptr ? reply->underruns : 0;
  voice_.hear_audio(id, base64, now);
  if (reply != nullptr && reply->underruns > underruns) stats_().add(Count::kUnderruns);
  if (behaviour_ == Behaviour::kStopsReading) reads_ = false;
}

// The pace is 20 ms for 20 ms, once the server's lead is built up: a delta is late by what it comes later
// than the earliest one of its reply allows.
void Talker::pace(std::string_view response_id, Time now) {
  const bench::HeardReply* reply = voice_.reply(response_id);
  if (reply == nullptr || !reply->first_delta) return;
  if (paced_reply_ != response_id) {
    paced_reply_ = response_id;
    earliest_ = Duration::zero();
  }
  const auto sound =
      std::chrono::nanoseconds(reply->samples * 1'000'000'000 / audio::rate_hz(settings_.format));
  const Duration offset = now - *reply->first_delta - sound;
  earliest_ = std::min(earliest_, offset);
  stats_().record(Metric::kPlayoutLateness, offset - earliest_);
}

void Talker::frame(Time due, Time now) {
  if (state_ != State::kAdmitted || behaviour_ == Behaviour::kMute) return;
  stats_().record(Metric::kSendLateness, now - due);
  stats_().add(Count::kFramesSent);
  send_frame(voice_.frame(due - audio::kFrameDuration));
  if (voice_.turns_begun() != turns_planned_) plan_turn();
  if (due >= next_round_trip_ && reads_) ask_round_trip(due);
}

void Talker::send_frame(const bench::UserVoice::Frame& frame) {
  const std::string bytes = sound_of(frame);
  if (!wire_) return send(message_of(bytes));
  pipeline::OutputAudioDelta delta;
  const auto sound = std::as_bytes(std::span(bytes));
  delta.audio.assign(sound.begin(), sound.end());
  std::string packet;
  wire_->write(delta, packet);
  send(std::move(packet), true);
}

std::string Talker::sound_of(const bench::UserVoice::Frame& frame) {
  const std::size_t frame_bytes = audio::frame_bytes(settings_.format);
  std::string bytes(frame_bytes, silence_byte(settings_.format));
  if (settings_.noise) {
    for (char& byte : bytes) {
      byte = faint_noise()[noise_at_];
      noise_at_ = (noise_at_ + 1) % faint_noise().size();
    }
  }
  if (frame.utterance != nullptr) {
    const auto number = static_cast<std::size_t>(frame.utterance - part_->utterances.data());
    const std::string& speech = part_->bytes[number];
    const std::int64_t begin = frame.begin_ms * static_cast<std::int64_t>(frame_bytes) / 20;
    const std::int64_t from = std::max<std::int64_t>(begin, 0);
    const std::int64_t to = std::min(begin + static_cast<std::int64_t>(frame_bytes), std::ssize(speech));
    if (from < to) std::copy(speech.begin() + from, speech.begin() + to, bytes.begin() + (from - begin));
  }
  return bytes;
}

// An event that is answered in order: an item that does not exist.
void Talker::ask_round_trip(Time due) {
  next_round_trip_ = due + settings_.round_trip_every;
  if (round_trip_from_) return;
  round_trip_from_ = due;
  send(R"({"type":"conversation.item.retrieve","item_id":"none","event_id":")" + std::string(kRoundTrip) +
       "\"}");
}

void Talker::plan_turn() {
  turns_planned_ = voice_.turns_begun();
  std::uniform_real_distribution<double> share(0, 1);
  const double rest_ms = static_cast<double>(settings_.rest_max.count()) * (0.2 + 0.8 * share(dice_));
  voice_.config().rest = milliseconds(static_cast<std::int64_t>(rest_ms));
  const bool interrupts = share(dice_) < barge_in_share_;
  const double after_ms = 100 + 1400 * share(dice_);
  voice_.config().barge_in_after = milliseconds(interrupts ? static_cast<std::int64_t>(after_ms) : 0);
}

void Talker::send(std::string message, bool binary) {
  if (broken_) return;
  if (outgoing_.size() >= kQueuedMax) return leave(true);
  outgoing_.push_back({std::move(message), binary});
  if (!writing_) write_next();
}

void Talker::write_next() {
  writing_ = true;
  socket_.binary(outgoing_.front().binary);
  socket_.async_write(asio::buffer(outgoing_.front().bytes),
                      [self = shared_from_this()](const server::beast::error_code& error, std::size_t) {
                        self->writing_ = false;
                        self->outgoing_.pop_front();
                        self->broken_ = self->broken_ || error;
                        if (!self->broken_ && !self->outgoing_.empty()) self->write_next();
                      });
}

void Talker::leave(bool abruptly) {
  if (state_ == State::kLeaving || state_ == State::kGone) return;
  if (state_ == State::kAdmitted) stats_().add(abruptly ? Count::kLeftAbruptly : Count::kLeft);
  state_ = State::kLeaving;
  if (!abruptly && !broken_) {
    socket_.async_close(websocket::close_code::normal, [self = shared_from_this()](const auto&) {});
    return;
  }
  auto& tcp = server::beast::get_lowest_layer(socket_).socket();
  server::beast::error_code ignored;
  static_cast<void>(tcp.set_option(asio::socket_base::linger(true, 0), ignored));  // a reset, no good-bye
  static_cast<void>(tcp.close(ignored));
}

void Talker::account_end() {
  voice_.finish();
  if (state_ == State::kLeaving || refused_) return;
  if (state_ == State::kConnecting) return stats_().add(Count::kNotConnected);
  const bool policy = socket_.reason().code == websocket::close_code::policy_error;
  stats_().add(policy || behaviour_ == Behaviour::kStopsReading ? Count::kClosedByPolicy : Count::kLost);
}

void Talker::account(const bench::HeardTurn& turn) {
  LoadStats& stats = stats_();
  if (behaviour_ == Behaviour::kStopsReading) return;
  if (state_ == State::kLeaving && turn.answer() == nullptr) return;  // it did not wait for one
  stats.add(Count::kTurns);
  if (turn.cut_off()) stats.add(Count::kCutOff);
  if (turn.speech_started) stats.record(Metric::kSpeechStarted, *turn.speech_started - turn.onset);
  if (turn.barged_in_on) {
    stats.add(Count::kInterrupted);
    stats.record(Metric::kBargeIn, *turn.barged_in_on - turn.onset);
  }
  account_words(turn);
  const bench::HeardReply* answer = turn.answer();
  if (answer == nullptr) return stats.add(Count::kUnanswered);
  if (turn.cut_off()) return;
  if (!turn.committed.empty()) stats.record(Metric::kCommitted, turn.committed.front() - turn.end);
  stats.record(Metric::kReplyCreated, answer->created - turn.end);
  stats.record(Metric::kFirstDelta, *answer->first_delta - turn.end);
  stats.record(Metric::kVoiceToVoice, *answer->audible - turn.end);
}

void Talker::account_words(const bench::HeardTurn& turn) {
  LoadStats& stats = stats_();
  std::string all = turn.words;
  if (settings_.parts->replies_echo) {
    for (const bench::HeardReply& reply : turn.replies) all += " " + reply.words;
  }
  std::set<std::string> heard;
  for (std::string& word : plain_words(all)) heard.insert(std::move(word));
  for (const std::string& word : part_->words) {
    if (!turn.words.empty()) stats.add(heard.contains(word) ? Count::kWordsOwn : Count::kWordsMissing);
  }
  for (const std::string& word : heard) {
    if (settings_.parts->all_words.contains(word) && !part_->words.contains(word)) {
      stats.add(Count::kWordsLeaked);
    }
  }
}

}  // namespace antiphon::load
