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

Gatekeeper::Now Gatekeeper::clock_now() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(), std::chrono::duration_cast<std::chrono::seconds>(wall).count()};
}

Gatekeeper::Gatekeeper(const Access& access, prometheus::Registry& registry)
    : origins_(access.config.allowed_origins) {
  for (const KeyRecord& record : access.keys) {
    keys_.push_back(std::make_unique<KeyUse>(record, access.config.key_limits));
  }
  auto& family = prometheus::BuildCounter()
                     .Name("antiphon_requests_refused_total")
                     .Help("Requests that were not let in, by reason")
                     .Register(registry);
  for (std::size_t i = 0; i < kReasons; ++i) refused_[i] = &family.Add({{"reason", kReasonNames[i]}});
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
  return origins_.allows(page) || (has_keys() && is_page_of(page, {host.data(), host.size()}));
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
  if (!has_keys()) return Caller{};  // clients that insist on a key may send any
  if (shown.empty()) {
    return refuse(Reason::kNoKey, 401, kKeyCode,
                  "No API key was given; send it as `Authorization: Bearer KEY`.");
  }
  KeyUse* key = find(hash_of(shown));
  if (key == nullptr) {
    return refuse(Reason::kWrongKey, 401, kKeyCode, "This API key is not known here.");
  }
  return Caller{key};
}

std::variant<Caller, HttpFault> Gatekeeper::identify_by_secret(const std::string& shown, Purpose purpose,
                                                               std::int64_t now) {
  const auto read = signer_.read(shown, now);
  const ClientSecret* secret = std::get_if<ClientSecret>(&read);
  if (secret == nullptr) {
    if (std::get<SecretFault>(read) == SecretFault::kExpired) {
      return refuse(Reason::kExpired, 401, kKeyCode, "This client secret has expired.");
    }
    if (!has_keys()) return Caller{};
  }
  KeyUse* key = secret != nullptr ? find(secret->key_name) : nullptr;
  if (has_keys() && (secret == nullptr || key == nullptr)) {
    return refuse(Reason::kWrongKey, 401, kKeyCode, "This client secret is not known here.");
  }
  if (purpose != Purpose::kSession) {
    return refuse(Reason::kWrongKey, 401, kKeyCode,
                  "A client secret opens realtime sessions and nothing else.");
  }
  return Caller{key, *secret};
}

KeyUse* Gatekeeper::find(const KeyHash& hash) const {
  KeyUse* found = nullptr;
  for (const auto& key : keys_) {  // all of them: the time says nothing about which one fits
    if (same_hash(key->hash, hash)) found = key.get();
  }
  return found;
}

KeyUse* Gatekeeper::find(std::string_view name) const {
  for (const auto& key : keys_) {
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
