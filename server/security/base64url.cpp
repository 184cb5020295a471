#include "server/security/base64url.h"

#include <algorithm>

#include "server/protocol/base64.h"

namespace antiphon::server {

std::string base64url(std::span<const std::byte> bytes) {
  std::string text;
  protocol::append_base64(text, bytes);
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string base64url(std::string_view bytes) {
  return base64url(std::as_bytes(std::span(bytes)));
}

std::optional<std::string> base64url_decoded(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  const auto bytes = protocol::base64_decoded(plain);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

}  // namespace antiphon::server
