#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace antiphon::server {

// What a client secret says: whose it is, until when, and which session it opens.
struct ClientSecret {
  std::string key_name;      // of the key that it was made with; "": of a server without keys
  std::int64_t expires = 0;  // seconds of Unix time
  std::string session_json;  // the settings of every session that it opens: an object
  std::string user = "";     // of its sessions, whom the memory knows; "": nobody

  bool operator==(const ClientSecret&) const = default;
};

enum class SecretFault : std::uint8_t {
  kNotOurs,  // no secret, or not of this server
  kExpired,
};

// Makes and reads secrets of the kind "ek_...", which a page may hold instead of a key. They are signed
// (HMAC-SHA-256), not encrypted, and nothing is stored of them: the session's settings travel inside.
//
// Owner: any thread; immutable.
class SecretSigner {
 public:
  static constexpr std::string_view kPrefix = "ek_";
  // As Base64 in a request's head beside others of its fields.
  static constexpr std::size_t kSessionBytesMax = 32 * 1024;

  // With a key of its own, so that secrets end with the process. Throws std::runtime_error if the system has
  // no randomness.
  SecretSigner();
  // For tests.
  explicit SecretSigner(const std::array<unsigned char, 32>& key) : key_(key) {}

  // REQUIRES: session_json of at most kSessionBytesMax.
  std::string sign(const ClientSecret& secret) const;
  std::variant<ClientSecret, SecretFault> read(std::string_view token, std::int64_t now_unix_seconds) const;

 private:
  std::string signature(std::string_view text) const;

  std::array<unsigned char, 32> key_{};
};

}  // namespace antiphon::server
