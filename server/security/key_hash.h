// Keys that clients show, and their hashes, which are all that is stored of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace antiphon::server {

// SHA-256 of a key. A key has 256 random bits, so that a plain hash can't be searched, and needs no salt.
struct KeyHash {
  std::array<unsigned char, 32> bytes{};
};

// A fresh key: "ak_" and 43 characters. Throws std::runtime_error if the system has no randomness.
std::string new_key();

KeyHash hash_of(std::string_view key);
// In constant time.
bool same_hash(const KeyHash& a, const KeyHash& b);

std::string hex_of(const KeyHash& hash);
// None: not 64 hexadecimal digits.
std::optional<KeyHash> hash_from_hex(std::string_view hex);

}  // namespace antiphon::server
