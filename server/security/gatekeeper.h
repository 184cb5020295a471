#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/runtime/place_count.h"
#include "server/net/asio.h"
#include "server/net/http_fault.h"
#include "server/security/client_secret.h"
#include "server/security/origins.h"
#include "server/security/rate_gate.h"
#include "server/security/security_config.h"

namespace antiphon::server {

// One key and what is done with it now. Any thread.
struct KeyUse {
  KeyUse(const KeyRecord& record, const KeyLimits& limits);

  const std::string name;
  const KeyHash hash;
  pipeline::PlaceCount sessions;
  RateGate requests;
  RateGate bytes;
};

// One of a key's places for sessions, given back by the destructor.
class KeyPlace {
 public:
  KeyPlace() = default;  // of a caller without limits
  explicit KeyPlace(KeyUse* use) : use_(use) {}
  KeyPlace(KeyPlace&& other) noexcept : use_(std::exchange(other.use_, nullptr)) {}
  KeyPlace& operator=(KeyPlace&&) = delete;
  ~KeyPlace() {
    if (use_ != nullptr) use_->sessions.give_back();
  }

 private:
  KeyUse* use_ = nullptr;
};

// Who sends a request that was let in.
struct Caller {
  KeyUse* key = nullptr;  // null: the server has no keys
  std::optional<ClientSecret> secret = std::nullopt;

  std::string name() const { return key != nullptr ? key->name : std::string(); }
  // Whose users it speaks for in the memory: the key's, or those of a server without keys.
  std::string tenant() const { return key != nullptr ? "key:" + key->name : "open"; }
};

// Decides who comes in, and counts who does not.
//
// Owner:    any I/O thread; lock-free. `now` is the caller's clock.
// Lifetime: outlives every Caller and KeyPlace; the registry outlives it.
class Gatekeeper {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Now {
    Time steady;
    std::int64_t unix_seconds = 0;
  };
  static Now clock_now();

  // Throws std::runtime_error for an origin that is none, and if the system has no randomness.
  Gatekeeper(const Access& access, prometheus::Registry& registry);

  // A client secret opens sessions and nothing else.
  enum class Purpose : std::uint8_t { kSession, kOther };
  std::variant<Caller, HttpFault> admit(const http::fields& head, Purpose purpose, const Now& now);
  // Whether a page of this request's origin may read answers; also for requests without any. If there are
  // keys, the server's own page may, whatever its name.
  bool origin_allowed(const http::fields& head) const;

  // A place for a session, or for a request that occupies the networks.
  std::variant<KeyPlace, HttpFault> take_place(const Caller& caller);
  // Lets a request's body in. A fault if the key's bytes of this minute are used up.
  std::optional<HttpFault> take_bytes(const Caller& caller, std::uint64_t bytes, Time now);

  std::string sign(const ClientSecret& secret) const { return signer_.sign(secret); }
  bool has_keys() const { return !keys_.empty(); }

 private:
  enum class Reason : std::uint8_t { kOrigin, kNoKey, kWrongKey, kExpired, kRate, kBytes, kSessions };
  static constexpr std::size_t kReasons = 7;

  HttpFault refuse(Reason reason, int status, std::string code, std::string message);
  KeyUse* find(const KeyHash& hash) const;
  KeyUse* find(std::string_view name) const;
  std::variant<Caller, HttpFault> identify(const std::string& shown, Purpose purpose, std::int64_t now);
  std::variant<Caller, HttpFault> identify_by_secret(const std::string& shown, Purpose purpose,
                                                     std::int64_t now);

  const OriginList origins_;
  const SecretSigner signer_;
  std::vector<std::unique_ptr<KeyUse>> keys_;  // constant after construction
  std::array<prometheus::Counter*, kReasons> refused_{};
};

// Throws std::runtime_error if the address is not a loopback one and there are no keys.
void refuse_open_door(const std::string& address, const Access& access);

}  // namespace antiphon::server
