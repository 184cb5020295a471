#include "server/client/server_url.h"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace antiphon::server {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::runtime_error("--url: '" + std::string(text) + "' " + why);
}

// Cuts "scheme://" off; whether it asks for TLS.
bool take_scheme(std::string_view whole, std::string_view& rest) {
  const std::size_t end = rest.find("://");
  if (end == std::string_view::npos) return false;
  const std::string_view scheme = rest.substr(0, end);
  rest.remove_prefix(end + 3);
  if (scheme == "wss" || scheme == "https") return true;
  if (scheme == "ws" || scheme == "http") return false;
  refuse(whole, "does not begin with ws:// or wss://");
}

// "host:port", "[::1]:port"; the port may lack.
void read_place(std::string_view whole, std::string_view place, ServerUrl& url) {
  const std::size_t bracket = place.rfind(']');
  const std::size_t colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const bool six = place.starts_with('[') && bracket != std::string_view::npos;
  url.host = six ? place.substr(1, bracket - 1) : place.substr(0, colon);
  url.port = url.tls ? 443 : 80;
  if (url.host.empty()) refuse(whole, "names no host");
  if (colon == std::string_view::npos) return;
  const char* const end = place.data() + place.size();
  const auto [stop, error] = std::from_chars(place.data() + colon + 1, end, url.port);
  if (error != std::errc() || stop != end || url.port == 0) refuse(whole, "has no valid port");
}

}  // namespace

ServerUrl server_url(std::string_view text) {
  ServerUrl url;
  std::string_view rest = text;
  url.tls = take_scheme(text, rest);
  const std::size_t slash = rest.find_first_of("/?");
  read_place(text, rest.substr(0, slash), url);
  if (slash == std::string_view::npos) return url;
  const std::string_view target = rest.substr(slash);
  if (target.front() == '?') {
    url.target += target;
  } else if (target != "/") {
    url.target = target;
  }
  return url;
}

std::string url_text(const ServerUrl& url) {
  const bool six = url.host.find(':') != std::string::npos;
  return (url.tls ? "wss://" : "ws://") + (six ? "[" + url.host + "]" : url.host) + ":" +
         std::to_string(url.port) + url.target;
}

}  // namespace antiphon::server
