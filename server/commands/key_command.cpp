#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "server/commands/commands.h"
#include "server/config/config.h"
#include "server/security/key_file.h"

namespace antiphon::server {
namespace {

constexpr const char* kFooter = R"(
The keys lie in the file that the setting security.keys_file names, as hashes: a key that is lost can't be
shown again, only replaced. A running server reads the file at its start: restart it after a change.

Examples:
  antiphon key add phone
  antiphon key add kiosk --sessions-max 2 --requests-per-minute 30
  antiphon key list
  antiphon key remove phone)";

struct KeyOptions {
  std::string config_file;
  std::string keys_file;
  std::string name;
  KeyRecord limits;
};

std::filesystem::path file_of(const KeyOptions& options) {
  if (!options.keys_file.empty()) return expanded(options.keys_file);
  std::optional<std::filesystem::path> config;
  if (!options.config_file.empty()) config = options.config_file;
  return expanded(load_config(config, {}).security.keys_file);
}

std::string today() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::string text(32, '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
}

void add_key(const KeyOptions& options) {
  if (!is_key_name(options.name)) {
    throw std::runtime_error("\"" + options.name + "\": a name has 1 to 64 letters, digits, '-' and '_'");
  }
  const std::filesystem::path file = file_of(options);
  std::vector<KeyRecord> keys = read_keys(file);
  if (std::ranges::find(keys, options.name, &KeyRecord::name) != keys.end()) {
    throw std::runtime_error("there is a key " + options.name + " already; remove it first");
  }
  const std::string key = new_key();
  KeyRecord record = options.limits;
  record.name = options.name;
  record.hash = hash_of(key);
  record.created = today();
  keys.push_back(std::move(record));
  write_keys(file, keys);
  std::cerr << "This is shown once; " << file.string() << " keeps its hash only.\n";
  std::cout << key << "\n";
}

void list_keys(const KeyOptions& options) {
  for (const KeyRecord& key : read_keys(file_of(options))) {
    std::cout << key.name << "  created " << key.created;
    if (key.sessions_max) std::cout << "  sessions_max " << *key.sessions_max;
    if (key.requests_per_minute) std::cout << "  requests_per_minute " << *key.requests_per_minute;
    if (key.bytes_per_minute) std::cout << "  bytes_per_minute " << *key.bytes_per_minute;
    std::cout << "\n";
  }
}

void remove_key(const KeyOptions& options) {
  const std::filesystem::path file = file_of(options);
  std::vector<KeyRecord> keys = read_keys(file);
  if (std::erase_if(keys, [&](const KeyRecord& key) { return key.name == options.name; }) == 0) {
    throw std::runtime_error("there is no key " + options.name + " in " + file.string());
  }
  write_keys(file, keys);
  std::cerr << "Removed; a server that runs knows it until it is started again.\n";
}

}  // namespace

void add_key_command(CLI::App& app) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App* command = app.add_subcommand("key", "Add, list and remove the keys that callers show");
  command->require_subcommand(1);
  command
      ->add_option("--config", options->config_file, "The server's TOML file, which names the file of keys")
      ->type_name("FILE");
  command->add_option("--keys-file", options->keys_file, "The file of keys itself")->type_name("FILE");
  command->footer(kFooter);

  CLI::App* add = command->add_subcommand("add", "Make a key and print it, once")->fallthrough();
  add->add_option("NAME", options->name, "What the key is called in lists and in the log")->required();
  add->add_option("--sessions-max", options->limits.sessions_max, "Sessions at once")
      ->check(CLI::Range(1, 1'000'000));
  add->add_option("--requests-per-minute", options->limits.requests_per_minute, "Requests in a minute")
      ->check(CLI::Range(1, 1'000'000));
  add->add_option("--bytes-per-minute", options->limits.bytes_per_minute, "Bytes from the client in a minute")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000'000}));
  add->callback([options] { add_key(*options); });

  CLI::App* list = command->add_subcommand("list", "Names and limits")->fallthrough();
  list->callback([options] { list_keys(*options); });

  CLI::App* remove = command->add_subcommand("remove", "Forget a key")->fallthrough();
  remove->add_option("NAME", options->name, "As it was added")->required();
  remove->callback([options] { remove_key(*options); });
}

}  // namespace antiphon::server
