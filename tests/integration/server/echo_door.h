#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/session_port.h"

namespace antiphon::server {

// Sessions without networks, all on one thread as a media worker's would be: session.created first, appended
// audio comes back as a delta, an update as session.updated, a bad event as an error, a created item as
// added; response.create floods with as many text deltas as its metadata's "deltas" says; response.cancel
// ends the session as expired, output_audio_buffer.clear destroys the sink without a word.
class EchoDoor final : public pipeline::SessionDoor {
 public:
  EchoDoor();
  ~EchoDoor() override;
  EchoDoor(const EchoDoor&) = delete;
  EchoDoor& operator=(const EchoDoor&) = delete;

  Opening open(const pipeline::SessionRequest& request, std::unique_ptr<pipeline::EventSink> sink) override;
  std::vector<std::string> missing() const override;
  void drain() override;

  // Any thread.
  std::atomic<bool> ready = true;
  std::atomic<bool> full = false;
  std::atomic<int> submits_refused = 0;  // so many submits are answered with "inbox full"
  std::atomic<bool> ends_when_drained = true;
  std::atomic<int> sessions_open = 0;
  std::atomic<int> events_received = 0;
  std::atomic<int> deliveries_refused = 0;

 private:
  class Port;
  struct Session;

  void on_event(std::uint64_t id, pipeline::ClientEvent event);
  void post(std::function<void()> task);
  void work();

  std::mutex mutex_;
  std::condition_variable new_task_;
  std::deque<std::function<void()>> tasks_;  // by mutex_, as is stopped_
  bool stopped_ = false;
  std::atomic<bool> draining_ = false;
  std::atomic<std::uint64_t> last_id_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Session>> sessions_;  // the worker's
  std::thread worker_;
};

}  // namespace antiphon::server
