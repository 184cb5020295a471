#include "server/security/client_secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cassert>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "server/security/base64url.h"

namespace antiphon::server {
namespace {

// "EXPIRES KEY_NAME USER SESSION": none of the first three has a space in it (the user is Base64).
std::string payload_of(const ClientSecret& secret) {
  return std::to_string(secret.expires) + " " + secret.key_name + " " + base64url(secret.user) + " " +
         secret.session_json;
}

// Of a payload that was signed here, so it is whole.
ClientSecret read_payload(std::string_view payload) {
  const std::size_t first = payload.find(' ');
  const std::size_t second = payload.find(' ', first + 1);
  const std::size_t third = payload.find(' ', second + 1);
  assert(first != std::string_view::npos && second != std::string_view::npos &&
         third != std::string_view::npos);
  ClientSecret secret;
  std::from_chars(payload.data(), payload.data() + first, secret.expires);
  secret.key_name = payload.substr(first + 1, second - first - 1);
  secret.user = base64url_decoded(payload.substr(second + 1, third - second - 1)).value();
  secret.session_json = payload.substr(third + 1);
  return secret;
}

}  // namespace

SecretSigner::SecretSigner() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1) {
    throw std::runtime_error("The system gives no random bytes.");
  }
}

std::string SecretSigner::signature(std::string_view text) const {
  std::array<unsigned char, 32> mac{};
  unsigned length = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  assert(done != nullptr && length == mac.size());
  static_cast<void>(done);
  return base64url(std::string_view(reinterpret_cast<const char*>(mac.data()), mac.size()));
}

std::string SecretSigner::sign(const ClientSecret& secret) const {
  assert(secret.session_json.size() <= kSessionBytesMax);
  const std::string payload = base64url(payload_of(secret));
  return std::string(kPrefix) + payload + "." + signature(payload);
}

std::variant<ClientSecret, SecretFault> SecretSigner::read(std::string_view token,
                                                           std::int64_t now_unix_seconds) const {
  const std::size_t dot = token.rfind('.');
  if (!token.starts_with(kPrefix) || dot == std::string_view::npos) return SecretFault::kNotOurs;
  const std::string_view payload = token.substr(kPrefix.size(), dot - kPrefix.size());
  const std::string_view shown = token.substr(dot + 1);
  const std::string ours = signature(payload);
  if (shown.size() != ours.size() || CRYPTO_memcmp(shown.data(), ours.data(), ours.size()) != 0) {
    return SecretFault::kNotOurs;
  }
  const std::optional<std::string> plain = base64url_decoded(payload);
  assert(plain);  // it was signed here
  ClientSecret secret = read_payload(*plain);
  if (secret.expires <= now_unix_seconds) return SecretFault::kExpired;
  return secret;
}

}  // namespace antiphon::server
