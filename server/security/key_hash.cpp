#include "server/security/key_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cassert>
#include <charconv>
#include <span>
#include <stdexcept>

#include "server/security/base64url.h"

namespace antiphon::server {

std::string new_key() {
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    throw std::runtime_error("The system gives no random bytes.");
  }
  return "ak_" + base64url(std::as_bytes(std::span(random)));
}

KeyHash hash_of(std::string_view key) {
  KeyHash hash;
  unsigned length = 0;
  const int done = EVP_Digest(key.data(), key.size(), hash.bytes.data(), &length, EVP_sha256(), nullptr);
  assert(done == 1 && length == hash.bytes.size());
  static_cast<void>(done);
  return hash;
}

bool same_hash(const KeyHash& a, const KeyHash& b) {
  return CRYPTO_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
}

std::string hex_of(const KeyHash& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : hash.bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

std::optional<KeyHash> hash_from_hex(std::string_view hex) {
  KeyHash hash;
  if (hex.size() != 2 * hash.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < hash.bytes.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, hash.bytes[i], 16).ptr != digits + 2) return std::nullopt;
  }
  return hash;
}

}  // namespace antiphon::server
