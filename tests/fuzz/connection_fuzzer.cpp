// A whole connection against a session with fake networks, in virtual time. Each line of the input is what
// the client does next:
//
//   250                                   it waits so many milliseconds
//   {"type":"response.create"}            it sends this, whatever it is
//   !say 3                                it sends three spoken words of the fakes' code
//   !quiet 500                            it sends so many milliseconds of silence
//   !drain                                the server goes down
//
// It never crashes, hangs or leaves something open (EventLedger), and all that it says is JSON, in both
// dialects.
#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audio/wav_writer.h"
#include "models/stand_ins/spoken_code.h"
#include "server/protocol/client_reader.h"
#include "server/protocol/server_writer.h"
#include "tests/simulation/event_ledger.h"
#include "tests/simulation/virtual_engine.h"
#include "tests/support/fakes/fake_networks.h"

namespace {

using namespace antiphon;
using namespace antiphon::pipeline;
using server::protocol::Dialect;
using simulation::EventLedger;
using simulation::VirtualEngine;
using std::chrono::milliseconds;

constexpr int kContextTokens = 400;
constexpr milliseconds kWaitMax{5000};
constexpr milliseconds kInboxPause{5};
constexpr milliseconds kRest{500};          // what the last message sets off has begun by then
constexpr std::chrono::seconds kEnds{600};  // of virtual time
constexpr std::size_t kLinesMax = 60;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  __builtin_trap();
}

// What any input may bring about: client-made items say what nobody has said.
bool is_about_words(const std::string& fault) {
  return fault.find("nobody heard") != std::string::npos || fault.find("words of two") != std::string::npos ||
         fault.find("prompt has no end") != std::string::npos;
}

struct Told {
  fakes::FaultList* faults;
  EventLedger ledger{faults};
  std::string message;
  bool ended = false;
  bool gone = false;

  void check_json(const ServerEvent& event, Dialect dialect) {
    server::protocol::write_server_event(event, 1, dialect, message);
    boost::json::error_code error;
    if (!message.empty()) boost::json::parse(message, error);
    if (error) faults->add("no JSON: " + message);
  }
};

class Sink final : public EventSink {
 public:
  explicit Sink(Told* told) : told_(told) {}
  ~Sink() override { told_->gone = true; }
  bool deliver(ServerEvent&& event) override {
    told_->check_json(event, Dialect::kCurrent);
    told_->check_json(event, Dialect::kBeta);
    told_->ledger.on_event(event);
    return true;
  }
  AudioBytes audio_buffer() override { return {}; }
  void end(SessionEnd) override { told_->ended = true; }

 private:
  Told* const told_;
};

ClientEvent append(const std::vector<float>& samples) {
  const std::string pcm = audio::pcm16_bytes(samples);
  const auto bytes = std::as_bytes(std::span(pcm));
  return {"", AppendInputAudio{AudioBytes(bytes.begin(), bytes.end())}};
}

int number_in(std::string_view text, int max) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp(number, 0, max);
}

simulation::Speeds speeds() {
  simulation::Speeds speeds;
  speeds.step.fill(milliseconds(4));
  speeds.voice_pass = milliseconds(1);
  speeds.media_wake = std::chrono::microseconds(100);
  return speeds;
}

EngineConfig engine_config() {
  EngineConfig config;
  config.sessions_max = 1;
  config.compute_lanes = 2;
  config.wall_clock = [] { return WallTime(std::chrono::seconds(1'700'000'000)); };
  return config;
}

class Run {
 public:
  Run()
      : networks_(1, kContextTokens, &network_faults_),
        engine_(networks_.networks(), engine_config(), speeds(), &dice_) {
    auto opening = engine_.core().open({}, std::make_unique<Sink>(&told_));
    port_ = std::move(std::get<std::unique_ptr<SessionPort>>(opening));
  }

  void act(std::string_view line) {
    if (line.starts_with("!say ")) {
      std::vector<float> samples;
      for (int i = number_in(line.substr(5), 8); i > 0; --i) fakes::append_sound({0, i % 8}, 24000, &samples);
      submit(append(samples));
    } else if (line.starts_with("!quiet ")) {
      submit(append(std::vector<float>(static_cast<std::size_t>(number_in(line.substr(7), 3000) * 24))));
    } else if (line == "!drain") {
      engine_.core().drain();
    } else if (!line.empty() && line.front() >= '0' && line.front() <= '9') {
      go_on(std::min<milliseconds>(milliseconds(number_in(line, 1 << 20)), kWaitMax));
    } else {
      Dialect dialect = Dialect::kCurrent;
      submit(server::protocol::client_event(line, dialect));
    }
  }

  void finish() {
    go_on(kRest);
    while (!told_.ledger.quiet() && !told_.ended) {
      step();
      if (engine_.now() > simulation::Time(kEnds)) fail("it never comes to rest");
    }
    if (!told_.ended) told_.ledger.on_end();
    port_.reset();
    while (!engine_.core().media().idle() || engine_.core().media().counts().mail_waiting > 0) step();
    if (!told_.gone) fail("the session has kept its sink");
    if (!faults_.empty()) fail(faults_.all().front());
    for (const std::string& fault : network_faults_.all()) {
      if (!is_about_words(fault)) fail(fault);
    }
  }

 private:
  void step() {
    if (!engine_.step()) fail("everything sleeps, and work is left");
    if (++steps_ > 2'000'000) fail("it never ends");
  }
  void go_on(milliseconds duration) {
    const simulation::Time until = engine_.now() + duration;
    bool there = false;
    engine_.at(until, [&there] { there = true; });
    while (!there) step();
  }
  void submit(ClientEvent event) {
    // NOLINTNEXTLINE(bugprone-use-after-move): a refused event stays
    while (!told_.ended && !port_->submit(std::move(event))) go_on(kInboxPause);
  }

  fakes::FaultList faults_;
  fakes::FaultList network_faults_;
  simulation::Dice dice_{1};
  Told told_{&faults_};
  fakes::FakeNetworks networks_;
  VirtualEngine engine_;
  std::unique_ptr<SessionPort> port_;
  int steps_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Run run;
  for (std::size_t lines = 0; !input.empty() && lines < kLinesMax; ++lines) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    run.act(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  run.finish();
  return 0;
}
