#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace antiphon::server {

// One more of what a gauge counts, for as long as this lives.
class Counted {
 public:
  explicit Counted(prometheus::Gauge& open) : open_(open) { open_.Increment(); }
  ~Counted() { open_.Decrement(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  prometheus::Gauge& open_;
};

// What the sockets count. The registry must outlive it. Any thread.
struct NetMetrics {
  explicit NetMetrics(prometheus::Registry& registry);

  prometheus::Gauge& sockets_open;
  prometheus::Gauge& connections_open;  // WebSockets
  prometheus::Gauge& jobs_open;         // HTTP requests that occupy a seat
  prometheus::Counter& connections_accepted;
  prometheus::Counter& sockets_over_limit;
  prometheus::Counter& sessions_refused;
  prometheus::Counter& messages_received;
  prometheus::Counter& messages_sent;
  prometheus::Counter& messages_invalid;
  prometheus::Counter& slow_readers;
  prometheus::Counter& over_byte_rate;  // times a connection paused reading because of its key's limit
  prometheus::Counter& inbox_full;      // times a connection stopped reading because its session was behind
};

}  // namespace antiphon::server
