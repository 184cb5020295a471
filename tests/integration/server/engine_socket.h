// The whole engine behind a real socket, with fake networks: a fixture.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "audio/wav_writer.h"
#include "pipeline/engine/engine.h"
#include "pipeline/metrics/engine_metrics.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"
#include "tests/integration/server/talk.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::server {

inline constexpr int kEngineSeats = 2;

inline pipeline::EngineConfig engine_socket_config(std::chrono::milliseconds session_max) {
  pipeline::EngineConfig config;
  config.sessions_max = kEngineSeats;
  config.compute_lanes = 2;
  config.io_threads = 2;
  config.limits.session_max = session_max;
  return config;
}

inline NetConfig engine_socket_net() {
  NetConfig config = test_config();
  config.drain_max = std::chrono::milliseconds(8000);
  return config;
}

class EngineSocket : public ::testing::Test {
 protected:
  explicit EngineSocket(std::chrono::milliseconds session_max = std::chrono::minutes(60),
                        int context_tokens_max = 400)
      : networks_(kEngineSeats, context_tokens_max, &faults_),
        engine_(networks_.networks(), engine_socket_config(session_max)),
        server_(engine_socket_net(), engine_, registry_),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~EngineSocket() override {
    stop_.request_stop();
    thread_.join();
  }

  static void say(SocketClient& client, const std::vector<fakes::Word>& words,
                  std::chrono::milliseconds silence) {
    std::vector<float> samples;
    for (const fakes::Word& word : words) fakes::append_sound(word, 24000, &samples);
    samples.insert(samples.end(), static_cast<std::size_t>(silence.count() * 24), 0.0F);
    append_audio(client, audio::pcm16_bytes(samples));
  }
  static void type_in(SocketClient& client, const std::string& text) {
    client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
                R"([{"type":"input_text","text":")" +
                text + "\"}]}}");
  }
  // The next event of this type; others are passed over.
  static boost::json::value wait_for(SocketClient& client, const std::string& type) {
    for (;;) {
      boost::json::value event = client.receive();
      if (event.is_null()) {
        ADD_FAILURE() << "the connection ended before " << type;
        return event;
      }
      if (event.at("type").as_string() == type) return event;
    }
  }
  static std::string status_of(const boost::json::value& done) {
    return std::string(done.at("response").at("status").as_string());
  }
  bool all_returned() {
    return eventually([this] {
      const pipeline::EngineReport report = engine_.report();
      return report.sessions == 0 && report.compute_tasks.waiting == 0 &&
             report.language_model_requests.waiting == 0 && report.voice_windows.waiting == 0;
    });
  }

  fakes::FaultList faults_;
  fakes::FakeNetworks networks_;
  pipeline::Engine engine_;
  pipeline::EngineRegistry registry_{&engine_};
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace antiphon::server
