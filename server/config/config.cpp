#include "server/config/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <type_traits>

namespace antiphon::server {
namespace {

[[noreturn]] void refuse(const std::string& key, const std::string& value, const std::string& why) {
  throw std::runtime_error("Config: " + key + " = " + value + ": " + why + ".");
}

void set_number(const ConfigKey& key, std::int64_t number) {
  if (number < key.min || number > key.max) {
    refuse(key.full_name(), std::to_string(number),
           "must be between " + std::to_string(key.min) + " and " + std::to_string(key.max));
  }
  std::visit(
      [&](auto* place) {
        using Value = std::remove_reference_t<decltype(*place)>;
        if constexpr (!std::is_same_v<Value, std::string>) *place = static_cast<Value>(number);
      },
      key.place);
}

void set_text(const ConfigKey& key, const std::string& text) {
  const auto& known = key.choices;
  if (!known.empty() && std::find(known.begin(), known.end(), text) == known.end()) {
    std::string names;
    for (const std::string_view name : known) names += (names.empty() ? "" : ", ") + std::string(name);
    refuse(key.full_name(), "\"" + text + "\"", "must be one of " + names);
  }
  *std::get<std::string*>(key.place) = text;
}

void set_from_file(const ConfigKey& key, const toml::node& node) {
  if (std::holds_alternative<std::string*>(key.place)) {
    if (!node.is_string()) refuse(key.full_name(), "(no string)", "must be a text in quotes");
    set_text(key, node.as_string()->get());
    return;
  }
  if (!node.is_integer()) refuse(key.full_name(), "(no whole number)", "must be a whole number");
  set_number(key, node.as_integer()->get());
}

void set_from_flag(const ConfigKey& key, const std::string& text) {
  if (std::holds_alternative<std::string*>(key.place)) return set_text(key, text);
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) refuse(key.full_name(), text, "must be a whole number");
  set_number(key, number);
}

void read_section(const std::string& section, const toml::table& table, const std::vector<ConfigKey>& keys) {
  for (const auto& [name, node] : table) {
    const std::string full_name = section + "." + std::string(name.str());
    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const ConfigKey& known) { return known.full_name() == full_name; });
    if (key == keys.end()) throw std::runtime_error("Config: there is no key " + full_name + ".");
    set_from_file(*key, node);
  }
}

void read_file(const toml::table& file, const std::vector<ConfigKey>& keys) {
  for (const auto& [name, node] : file) {
    const std::string section(name.str());
    const bool known =
        std::any_of(keys.begin(), keys.end(), [&](const ConfigKey& key) { return key.section == section; });
    if (!known) throw std::runtime_error("Config: there is no section or key " + section + ".");
    if (!node.is_table()) throw std::runtime_error("Config: " + section + " must be a section.");
    read_section(section, *node.as_table(), keys);
  }
}

}  // namespace

Config parse_config(std::string_view toml_text, const FlagValues& flags) {
  Config config;
  const std::vector<ConfigKey> keys = config_keys(config);
  try {
    read_file(toml::parse(toml_text), keys);
  } catch (const toml::parse_error& error) {
    throw std::runtime_error("Config: line " + std::to_string(error.source().begin.line) + ": " +
                             std::string(error.description()) + ".");
  }
  for (const ConfigKey& key : keys) {
    const auto flag = flags.find(key.full_name());
    if (flag != flags.end()) set_from_flag(key, flag->second);
  }
  validate(config);
  return config;
}

Config load_config(const std::optional<std::filesystem::path>& file, const FlagValues& flags) {
  if (!file) return parse_config("", flags);
  std::ifstream stream(*file, std::ios::binary);
  if (!stream) throw std::runtime_error("Config: can't read the file " + file->string() + ".");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_config(text, flags);
}

void validate(const Config& config) {
  boost::system::error_code error;
  boost::asio::ip::make_address(config.server.address, error);
  const std::string quoted = "\"" + config.server.address + "\"";
  if (error) refuse("server.address", quoted, "is no IP address");
  if (config.server.tls_certificate_file.empty() != config.server.tls_key_file.empty()) {
    throw std::runtime_error(
        "Config: server.tls_certificate_file and server.tls_key_file belong together: name both or none.");
  }
}

}  // namespace antiphon::server
