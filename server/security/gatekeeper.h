#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
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
  // The same key, with the same limits.
  bool is_of(const KeyRecord& record, const KeyLimits& limits) const;

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
// Owner:    any I/O thread; lock-free. `now` is the caller's clock. take_over(): one of them.
// Memory:   keeps what was in force before a take_over(), since callers of then may still be there.
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

  // These keys, limits and origins from now on. A key that stays as it was keeps its counts; sessions of one
  // that is gone or has other limits go on, and are not counted among those of the new one. As the
  // constructor throws.
  void take_over(const Access& access);

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
  bool has_keys() const { return has_keys(in_force()); }

 private:
  // Who may come in, by one reading of config and keys. Constant once it is in force.
  struct Admission {
    OriginList origins;
    std::vector<std::shared_ptr<KeyUse>> keys;
  };
  enum class Reason : std::uint8_t { kOrigin, kNoKey, kWrongKey, kExpired, kRate, kBytes, kSessions };
  static constexpr std::size_t kReasons = 7;

  HttpFault refuse(Reason reason, int status, std::string code, std::string message);
  const Admission& in_force() const { return *in_force_.load(std::memory_order_acquire); }
  static bool has_keys(const Admission& admission) { return !admission.keys.empty(); }
  static KeyUse* find(const Admission& admission, const KeyHash& hash);
  static KeyUse* find(const Admission& admission, std::string_view name);
  std::variant<Caller, HttpFault> identify(const std::string& shown, Purpose purpose, std::int64_t now);
  std::variant<Caller, HttpFault> identify_by_secret(const std::string& shown, Purpose purpose,
                                                     std::int64_t now);

  const SecretSigner signer_;
  std::vector<std::unique_ptr<const Admission>> admissions_;  // all so far; take_over()'s
  std::atomic<const Admission*> in_force_ = nullptr;
  std::array<prometheus::Counter*, kReasons> refused_{};
};

// Throws std::runtime_error if the address is not a loopback one and there are no keys.
void refuse_open_door(const std::string& address, const Access& access);

}  // namespace antiphon::server
