// The file of keys: who may call, as TOML, with a hash for each key and never the key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/security/key_hash.h"

namespace antiphon::server {

// What one key may do at once and in a minute.
struct KeyLimits {
  int sessions_max = 16;                        // conversations and requests that occupy a seat
  int requests_per_minute = 600;                // HTTP requests and openings of a WebSocket
  std::int64_t bytes_per_minute = 100'000'000;  // from the client
};

struct KeyRecord {
  std::string name;
  KeyHash hash;
  std::string created;  // RFC 3339, for people
  // Instead of the limits that the config gives every key.
  std::optional<int> sessions_max = std::nullopt;
  std::optional<int> requests_per_minute = std::nullopt;
  std::optional<std::int64_t> bytes_per_minute = std::nullopt;
};

// Of a name: 1 to 64 letters, digits, '-' and '_'.
bool is_key_name(std::string_view name);

// "~/x" with the user's home.
std::filesystem::path expanded(const std::string& path);

// All throw std::runtime_error with one sentence that names the file and what is wrong in it.
std::vector<KeyRecord> parse_keys(std::string_view toml, const std::string& file_name);
std::string keys_text(const std::vector<KeyRecord>& keys);

// No keys if there is no such file.
std::vector<KeyRecord> read_keys(const std::filesystem::path& file);
// Replaces the file as a whole; only its owner may read it. Makes its folder.
void write_keys(const std::filesystem::path& file, const std::vector<KeyRecord>& keys);

}  // namespace antiphon::server
