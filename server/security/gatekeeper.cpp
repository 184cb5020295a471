#include "server/security/gatekeeper.h"

#include <stdexcept>
#include <utility>

#include "server/security/credentials.h"

namespace antiphon::server {
namespace {

constexpr std::array<const char*, 7> kReasonNames = {
    "foreign_origin", "no_key", "wrong_key", "expired_secret", "request_rate", "byte_rate", "sessions",
};
constexpr const char* kKeyCode = "invalid_api_key";
constexpr const char* kRateCode = "rate_limit_exceeded";

}  // namespace

KeyUse::KeyUse(const KeyRecord& record, const KeyLimits& limits)
    : name(record.name),
      hash(record.hash),
      sessions(record.sessions_max.value_or(limits.sessions_max)),
      requests(record.requests_per_minute.value_or(limits.requests_per_minute)),
      bytes(record.bytes_per_minute.value_or(limits.bytes_per_minute)) {}

bool KeyUse::is_of(const KeyRecord& record, const KeyLimits& limits) const {
  const KeyUse other(record, limits);
  return name == other.name && same_hash(hash, other.hash) && sessions.places() == other.sessions.places() &&
         requests.units_per_minute() == other.requests.units_per_minute() &&
         bytes.units_per_minute() == other.bytes.units_per_minute();
}

Gatekeeper::Now Gatekeeper::clock_now() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(), std::chrono::duration_cast<std::chrono::seconds>(wall).count()};
}

Gatekeeper::Gatekeeper(const Access& access, prometheus::Registry& registry) {
  take_over(access);
  auto& family = prometheus::BuildCounter()
                     .Name("antiphon_requests_refused_total")
                     .Help("Requests that were not let in, by reason")
                     .Register(registry);
  for (std::size_t i = 0; i < kReasons; ++i) refused_[i] = &family.Add({{"reason", kReasonNames[i]}});
}

void Gatekeeper::take_over(const Access& access) {
  auto next = std::make_unique<Admission>(Admission{OriginList(access.config.allowed_origins), {}});
  const Admission* const before = in_force_.load(std::memory_order_relaxed);
  const KeyLimits& limits = access.config.key_limits;
  for (const KeyRecord& record : access.keys) {
    std::shared_ptr<KeyUse> use;
    for (std::size_t i = 0; before != nullptr && i < before->keys.size() && !use; ++i) {
      if (before->keys[i]->is_of(record, limits)) use = before->keys[i];
    }
    next->keys.push_back(use ? std::move(use) : std::make_shared<KeyUse>(record, limits));
  }
  admissions_.push_back(std::move(next));
  in_force_.store(admissions_.back().get(), std::memory_order_release);
}

HttpFault Gatekeeper::refuse(Reason reason, int status, std::string code, std::string message) {
  refused_[static_cast<std::size_t>(reason)]->Increment();
  return {status, std::move(code), std::move(message), ""};
}

bool Gatekeeper::origin_allowed(const http::fields& head) const {
  const auto origin = head.find(http::field::origin);
  if (origin == head.end()) return true;
  const std::string_view page(origin->value().data(), origin->value().size());
  const auto host = head[http::field::host];
  // Without keys the host's name proves nothing: any page can have its own name lead to this machine.
  const Admission& admission = in_force();
  return admission.origins.allows(page) ||
         (has_keys(admission) && is_page_of(page, {host.data(), host.size()}));
}

std::variant<Caller, HttpFault> Gatekeeper::admit(const http::fields& head, Purpose purpose, const Now& now) {
  if (!origin_allowed(head)) {
    return refuse(Reason::kOrigin, 403, "origin_not_allowed",
                  "This page's origin is not in the server's security.allowed_origins.");
  }
  auto caller = identify(shown_key(head), purpose, now.unix_seconds);
  const Caller* known = std::get_if<Caller>(&caller);
  if (known != nullptr && known->key != nullptr && !known->key->requests.take(1, now.steady)) {
    return refuse(Reason::kRate, 429, kRateCode, "This key has made too many requests; try again later.");
  }
  return caller;
}

std::variant<Caller, HttpFault> Gatekeeper::identify(const std::string& shown, Purpose purpose,
                                                     std::int64_t now) {
  if (shown.starts_with(SecretSigner::kPrefix)) return identify_by_secret(shown, purpose, now);
  const Admission& admission = in_force();
  if (!has_keys(admission)) return Caller{};  // clients that insist on a key may send any
  if (shown.empty()) {
    return refuse(Reason::kNoKey, 401, kKeyCode,
                  "No API key was given; send it as `Authorization: Bearer KEY`.");
  }
  KeyUse* key = find(admission, hash_of(shown));
  if (key == nullptr) {
    return refuse(Reason::kWrongKey, 401, kKeyCode, "This API key is not known here.");
  }
  return Caller{key};
}

std::variant<Caller, HttpFault> Gatekeeper::identify_by_secret(const std::string& shown, Purpose purpose,
                                                               std::int64_t now) {
  const Admission& admission = in_force();
  const auto read = signer_.read(shown, now);
  const ClientSecret* secret = std::get_if<ClientSecret>(&read);
  if (secret == nullptr) {
    if (std::get<SecretFault>(read) == SecretFault::kExpired) {
      return refuse(Reason::kExpired, 401, kKeyCode, "This client secret has expired.");
    }
    if (!has_keys(admission)) return Caller{};
  }
  KeyUse* key = secret != nullptr ? find(admission, secret->key_name) : nullptr;
  if (has_keys(admission) && (secret == nullptr || key == nullptr)) {
    return refuse(Reason::kWrongKey, 401, kKeyCode, "This client secret is not known here.");
  }
  if (purpose != Purpose::kSession) {
    return refuse(Reason::kWrongKey, 401, kKeyCode,
                  "A client secret opens realtime sessions and nothing else.");
  }
  return Caller{key, *secret};
}

KeyUse* Gatekeeper::find(const Admission& admission, const KeyHash& hash) {
  KeyUse* found = nullptr;
  for (const auto& key : admission.keys) {  // all of them: the time says nothing about which one fits
    if (same_hash(key->hash, hash)) found = key.get();
  }
  return found;
}

KeyUse* Gatekeeper::find(const Admission& admission, std::string_view name) {
  for (const auto& key : admission.keys) {
    if (key->name == name) return key.get();
  }
  return nullptr;
}

std::variant<KeyPlace, HttpFault> Gatekeeper::take_place(const Caller& caller) {
  if (caller.key == nullptr) return KeyPlace();
  if (caller.key->sessions.take()) return KeyPlace(caller.key);
  return refuse(Reason::kSessions, 429, kRateCode, "This key has all the sessions open that it may have.");
}

std::optional<HttpFault> Gatekeeper::take_bytes(const Caller& caller, std::uint64_t bytes, Time now) {
  if (caller.key == nullptr || caller.key->bytes.take(static_cast<std::int64_t>(bytes), now)) {
    return std::nullopt;
  }
  return refuse(Reason::kBytes, 429, kRateCode, "This key has sent too many bytes; try again later.");
}

void refuse_open_door(const std::string& address, const Access& access) {
  if (!access.keys.empty() || asio::ip::make_address(address).is_loopback()) return;
  throw std::runtime_error("Config: server.address = \"" + address +
                           "\": is no loopback address, and there are no keys that tell who its callers are; "
                           "make one with `antiphon key add NAME`.");
}

}  // namespace antiphon::server
