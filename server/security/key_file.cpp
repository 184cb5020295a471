#include "server/security/key_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace antiphon::server {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000'000'000;

// Reads one [keys.NAME] and knows how to complain about it.
class RecordReader {
 public:
  RecordReader(std::string place, const toml::table& table) : place_(std::move(place)), table_(table) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw std::runtime_error("Keys: " + place_ + ": " + why + ".");
  }
  std::string text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return "";
    if (!node->is_string()) refuse(std::string(key) + " must be a text in quotes");
    return node->as_string()->get();
  }
  std::optional<std::int64_t> number(std::string_view key, std::int64_t max) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const std::int64_t value = node->is_integer() ? node->as_integer()->get() : 0;
    if (value < 1 || value > max) {
      refuse(std::string(key) + " must be a whole number from 1 to " + std::to_string(max));
    }
    return value;
  }
  void refuse_unknown(const std::vector<std::string_view>& known) const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known, key.str()) == known.end()) {
        refuse("there is no setting " + std::string(key.str()));
      }
    }
  }

 private:
  const std::string place_;
  const toml::table& table_;
};

std::optional<int> narrow(std::optional<std::int64_t> number) {
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

KeyRecord read_record(const std::string& file_name, const std::string& name, const toml::node& node) {
  const std::string place = file_name + ", keys." + name;
  if (!is_key_name(name)) {
    throw std::runtime_error("Keys: " + place + ": a name has 1 to 64 letters, digits, '-' and '_'.");
  }
  if (!node.is_table()) throw std::runtime_error("Keys: " + place + " must be a section.");
  const RecordReader reader(place, *node.as_table());
  reader.refuse_unknown({"sha256", "created", "sessions_max", "requests_per_minute", "bytes_per_minute"});
  const std::optional<KeyHash> hash = hash_from_hex(reader.text("sha256"));
  if (!hash) reader.refuse("sha256 must be 64 hexadecimal digits");
  constexpr std::int64_t kIntMax = 1'000'000;
  return {name,
          *hash,
          reader.text("created"),
          narrow(reader.number("sessions_max", kIntMax)),
          narrow(reader.number("requests_per_minute", kIntMax)),
          reader.number("bytes_per_minute", kLimitMax)};
}

}  // namespace

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

std::filesystem::path expanded(const std::string& path) {
  if (!path.starts_with("~/")) return path;
  const char* home = std::getenv("HOME");
  if (home == nullptr) throw std::runtime_error("Config: " + path + " needs HOME in the environment.");
  return std::filesystem::path(home) / path.substr(2);
}

std::vector<KeyRecord> parse_keys(std::string_view toml_text, const std::string& file_name) {
  std::vector<KeyRecord> keys;
  try {
    for (const auto& [section, node] : toml::parse(toml_text)) {
      if (section != "keys" || !node.is_table()) {
        throw std::runtime_error("Keys: " + file_name + ": there is no section " +
                                 std::string(section.str()) + ".");
      }
      for (const auto& [name, record] : *node.as_table()) {
        keys.push_back(read_record(file_name, std::string(name.str()), record));
      }
    }
  } catch (const toml::parse_error& error) {
    throw std::runtime_error("Keys: " + file_name + ", line " + std::to_string(error.source().begin.line) +
                             ": " + std::string(error.description()) + ".");
  }
  return keys;
}

std::string keys_text(const std::vector<KeyRecord>& keys) {
  std::string text =
      "# Who may call `antiphon serve`. Kept by `antiphon key`; the limits may be edited by hand.\n";
  const auto limit = [&](std::string_view name, const auto& value) {
    if (value) text += std::string(name) + " = " + std::to_string(*value) + "\n";
  };
  for (const KeyRecord& key : keys) {
    text += "\n[keys." + key.name + "]\nsha256 = \"" + hex_of(key.hash) + "\"\ncreated = \"" + key.created +
            "\"\n";
    limit("sessions_max", key.sessions_max);
    limit("requests_per_minute", key.requests_per_minute);
    limit("bytes_per_minute", key.bytes_per_minute);
  }
  return text;
}

std::vector<KeyRecord> read_keys(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return {};
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("Keys: can't read the file " + file.string() + ".");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parse_keys(text, file.string());
}

void write_keys(const std::filesystem::path& file, const std::vector<KeyRecord>& keys) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  fs::path fresh = file;
  fresh += ".new";
  std::ofstream(fresh, std::ios::trunc).close();
  fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, error);
  std::ofstream stream(fresh, std::ios::binary | std::ios::trunc);
  stream << keys_text(keys) << std::flush;
  if (error || !stream) throw std::runtime_error("Keys: can't write the file " + fresh.string() + ".");
  stream.close();
  fs::rename(fresh, file);
}

}  // namespace antiphon::server
