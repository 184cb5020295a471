#include <CLI/CLI.hpp>

#include <type_traits>

#include "server/config/config.h"

namespace antiphon::server {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

std::string comment(std::string_view text) {
  constexpr std::size_t kColumns = 100;
  std::string lines = "#";
  std::size_t column = 1;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column + 1 + word.size() > kColumns) {
      lines += "\n#";
      column = 1;
    }
    lines += " " + std::string(word);
    column += 1 + word.size();
  }
  return lines + "\n";
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): one table
std::vector<ConfigKey> config_keys(Config& config) {
  NetConfig& server = config.server;
  SecurityConfig& security = config.security;
  return {
      {"server", "address", "--address",
       "Where to listen. Beyond this machine (0.0.0.0, or an address of its network) only with keys: see "
       "`antiphon key`.",
       &server.address},
      {"server", "port", "--port", "TCP port; 0 takes any free one and says which.", &server.port, 0, 65'535},
      {"server", "tls_certificate_file", "--tls-certificate-file",
       "PEM file of the certificate and its chain; then everything on the port is TLS (https, wss), which "
       "takes 34 KiB and more for each connection. Empty: no TLS.",
       &server.tls_certificate_file},
      {"server", "tls_key_file", "--tls-key-file", "PEM file of the certificate's private key.",
       &server.tls_key_file},
      {"server", "io_threads", "--io-threads",
       "Threads that serve sockets; each connection stays on one. More help only when one core is full.",
       &server.io_threads, 1, 16},
      {"server", "connections_max", "--connections-max",
       "Open sockets of any kind; one more is closed at once. Each costs about 120 KiB.",
       &server.connections_max, 1, 100'000},
      {"server", "events_queued_max", "--events-queued-max",
       "Events waiting for a client that reads slowly, per connection, before it is closed. 256 are about 5 "
       "seconds of speech and cost 80 KiB.",
       &server.events_queued_max, 16, 65'536},
      {"server", "handshake_max_ms", "--handshake-max-ms",
       "Time for a request's head and for the WebSocket's opening, in milliseconds.", &server.handshake_max,
       100, kHourMs},
      {"server", "idle_max_ms", "--idle-max-ms",
       "A connection without a sign of life for so long is closed; after half of it the server pings. In "
       "milliseconds.",
       &server.idle_max, 1'000, kHourMs},
      {"server", "close_max_ms", "--close-max-ms",
       "How long a closing connection waits for the client's answer, in milliseconds.", &server.close_max, 10,
       kHourMs},
      {"server", "drain_max_ms", "--drain-max-ms",
       "On SIGTERM: how long turns may go on before every connection is closed, in milliseconds.",
       &server.drain_max, 0, kHourMs},
      {"server", "inbox_full_max_ms", "--inbox-full-max-ms",
       "How long a session may take no events before its connection is closed, in milliseconds.",
       &server.inbox_full_max, 100, kHourMs},
      {"security", "keys_file", "--keys-file",
       "Who may call: a file that `antiphon key` keeps, read once at the start. Without it there are no "
       "keys, "
       "and anybody on this machine may call. ~/ is the home folder.",
       &security.keys_file},
      {"security", "allowed_origins", "--allowed-origins",
       "Pages that browsers let talk to the server, parted by commas: origins like https://talk.example.org, "
       "null (local files), local (pages that this machine serves itself), * (all). Programs that are no "
       "browser send no origin and are not asked.",
       &security.allowed_origins},
      {"security", "key_sessions_max", "--key-sessions-max",
       "Sessions and requests to the networks that one key may have open at once; beyond: 429.",
       &security.key_limits.sessions_max, 1, 1'000'000},
      {"security", "key_requests_per_minute", "--key-requests-per-minute",
       "Requests and openings of sessions by one key in a minute; beyond: 429.",
       &security.key_limits.requests_per_minute, 1, 1'000'000},
      {"security", "key_bytes_per_minute", "--key-bytes-per-minute",
       "Bytes that one key may send in a minute. A session that sends more is read more slowly, a request is "
       "refused with 429. One spoken session sends about 4 MB a minute.",
       &security.key_limits.bytes_per_minute, 1'000'000, 1'000'000'000'000},
      {"engine", "sessions_max", "--sessions-max",
       "Conversations at once; one more is refused. 0: as many as the machine can hold, up to 64, by what "
       "the "
       "networks' work takes; that is measured at the first start with a set of models and kept in "
       "~/.cache/antiphon/calibration.json. Each reserves a slot of every network, up to 90 MB with the "
       "small "
       "language model and 115 MB with the standard one when its context is full.",
       &config.engine.sessions_max, 0, 1'000},
      {"engine", "compute_lanes", "--compute-lanes",
       "Threads that run the networks; 0 takes one less than there are processors, but at least 2.",
       &config.engine.compute_lanes, 0, 64},
      {"memory", "folder", "--memory-folder",
       "Where to keep what users say, so that later sessions know it; made if it is not there, and used by "
       "one "
       "server at a time. Only sessions that name their user (`antiphon_user` in the address, or a client "
       "secret's `user`) are remembered, each user under the key that named them. Empty: nobody is. ~/ is "
       "the home folder.",
       &config.memory.folder},
      {"memory", "note_max_ms", "--memory-note-max-ms",
       "How long a reply may wait for what the memory knows about the user's words, in milliseconds; then it "
       "is made without. A recall takes about 1 ms.",
       &config.memory.note_max, 1, 1'000},
      {"memory",
       "embeddings",
       "--memory-embeddings",
       "on or off. on: recall is by meaning too, not by words alone. It costs 43 MB and more for the "
       "embedding model, 400 bytes for each turn, and 19 ms of one core for each 60 words that are said, "
       "when nothing else is due. off: the vectors that are there stay, and are not used.",
       &config.memory.embeddings,
       0,
       0,
       {"on", "off"}},
      {"memory", "freeze_after_hours", "--memory-freeze-after-hours",
       "Hours after its last turn when a conversation counts as over: its texts and edges may then be moved "
       "into the cold segment, which takes less than half of the room and is read a little more slowly.",
       &config.memory.freeze_after_hours, 0, 1'000'000},
      {"memory", "freeze_turns_min", "--memory-freeze-turns-min",
       "Turns of such conversations that make the move worth its while; beyond 8 times as many that are cold "
       "already, an eighth of those. It is made when nothing else is to do, in steps of some milliseconds. "
       "0: only along with what is forgotten.",
       &config.memory.freeze_turns_min, 0, 1'000'000'000},
      {"log",
       "level",
       "--log-level",
       "debug, info, warn, error or off. debug writes a few lines per turn, never one per frame.",
       &config.log.level,
       0,
       0,
       {"debug", "info", "warn", "error", "off"}},
  };
}

std::string ConfigKey::value_text() const {
  return std::visit(
      [](const auto* value) -> std::string {
        using Value = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          return "\"" + *value + "\"";
        } else if constexpr (std::is_same_v<Value, std::chrono::milliseconds>) {
          return std::to_string(value->count());
        } else {
          return std::to_string(*value);
        }
      },
      place);
}

void add_config_flags(CLI::App& command, FlagValues& values) {
  Config defaults;
  for (const ConfigKey& key : config_keys(defaults)) {
    command
        .add_option_function<std::string>(
            std::string(key.flag),
            [&values, name = key.full_name()](const std::string& value) { values[name] = value; },
            std::string(key.help))
        ->default_str(key.value_text());
  }
}

std::string config_text(Config config) {
  std::string text;
  for (const ConfigKey& key : config_keys(config)) text += key.full_name() + " = " + key.value_text() + "\n";
  return text;
}

std::string example_config_text() {
  Config defaults;
  std::string text = comment(
      "Settings of `antiphon serve --config FILE`, each with its default. A flag of the same meaning "
      "on the command line comes before the file.");
  std::string_view section;
  for (const ConfigKey& key : config_keys(defaults)) {
    if (key.section != section) text += "\n[" + std::string(key.section) + "]\n";
    section = key.section;
    text += comment(std::string(key.help) + " Flag: " + std::string(key.flag) + ".");
    text += std::string(key.name) + " = " + key.value_text() + "\n";
  }
  return text;
}

}  // namespace antiphon::server
