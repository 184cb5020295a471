#include "server/net/net_metrics.h"

namespace antiphon::server {
namespace {

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

NetMetrics::NetMetrics(prometheus::Registry& registry)
    : sockets_open(gauge(registry, "antiphon_sockets_open", "TCP connections of any kind")),
      connections_open(gauge(registry, "antiphon_connections_open", "WebSocket connections")),
      jobs_open(gauge(registry, "antiphon_jobs_open", "HTTP requests that occupy a seat")),
      connections_accepted(counter(registry, "antiphon_connections_total", "WebSocket connections so far")),
      sockets_over_limit(counter(registry, "antiphon_sockets_over_limit_total",
                                 "TCP connections closed at once because connections_max were open")),
      sessions_refused(
          counter(registry, "antiphon_sessions_refused_total", "Connections that were given no session")),
      messages_received(
          counter(registry, "antiphon_messages_received_total", "WebSocket messages from clients")),
      messages_sent(counter(registry, "antiphon_messages_sent_total", "WebSocket messages to clients")),
      messages_invalid(
          counter(registry, "antiphon_messages_invalid_total", "Messages that were no valid event")),
      slow_readers(counter(registry, "antiphon_slow_readers_total",
                           "Connections closed because the client did not read fast enough")),
      over_byte_rate(counter(registry, "antiphon_over_byte_rate_total",
                             "Times a connection paused reading because its key had sent too much")),
      inbox_full(counter(registry, "antiphon_inbox_full_total",
                         "Times a connection paused reading because its session was behind")) {}

}  // namespace antiphon::server
