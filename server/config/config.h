// All settings of `antiphon serve`: defaults here, one TOML file over them, command-line flags over that.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/net/net_config.h"
#include "server/security/security_config.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace antiphon::server {

struct LogConfig {
  std::string level = "info";  // debug, info, warn, error, off; debug writes a few lines per turn
};

struct EngineSettings {
  int sessions_max = 0;   // each holds a slot of every network; 0: what the measured costs allow
  int compute_lanes = 0;  // threads that run networks; 0: one less than processors, at least 2
};

struct MemorySettings {
  std::string folder = "";                 // of the store; empty: nobody is remembered
  std::chrono::milliseconds note_max{20};  // what a reply waits for the memory at most
  std::string embeddings = "on";           // "off": recall by words alone
  int freeze_after_hours = 24;             // since a talk's last turn; then it may go into the cold segment
  int freeze_turns_min = 5000;             // of such talks; 0: only when something was forgotten
};

struct Config {
  NetConfig server;
  SecurityConfig security;
  EngineSettings engine;
  MemorySettings memory;
  LogConfig log;
};

// One setting: where it lies in a Config, what it is called in the file and on the command line, and its
// range. The table of keys is the only list of them: file, flags, example, print-out and checks all come from
// it.
struct ConfigKey {
  using Place = std::variant<std::string*, std::uint16_t*, int*, std::int64_t*, std::size_t*,
                             std::chrono::milliseconds*>;

  std::string_view section;
  std::string_view name;  // in its section; a duration ends in _ms
  std::string_view flag;  // "--port"
  std::string_view help;  // effect, unit, cost: one sentence or two
  Place place;
  std::int64_t min = 0;  // of a number, in the unit of the name
  std::int64_t max = 0;
  std::vector<std::string_view> choices = {};  // of a text; empty: any

  std::string full_name() const { return std::string(section) + "." + std::string(name); }
  std::string value_text() const;  // as TOML writes it
};

// The keys of this config, in the order of the example file. Valid as long as `config` stays where it is.
std::vector<ConfigKey> config_keys(Config& config);

// Values given as flags, by full name.
using FlagValues = std::map<std::string, std::string>;
// Adds a flag for each key to a subcommand; after parsing, `values` holds those that were given.
void add_config_flags(CLI::App& command, FlagValues& values);

// All throw std::runtime_error with one sentence that names the key and the value: unknown key, wrong kind,
// out of range, or combinations that can't be.
Config load_config(const std::optional<std::filesystem::path>& file, const FlagValues& flags);
Config parse_config(std::string_view toml, const FlagValues& flags);
void validate(const Config& config);

// "server.port = 8080", a line for each key.
std::string config_text(Config config);
// The example file: every key with its meaning and default.
std::string example_config_text();

}  // namespace antiphon::server
