#include "server/security/credentials.h"

#include <string_view>

namespace antiphon::server {
namespace {

constexpr std::string_view kKeyProtocol = "openai-insecure-api-key.";
constexpr std::string_view kBearer = "Bearer ";

std::string bearer(std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, kBearer.size());
  if (!beast::iequals({scheme.data(), scheme.size()}, {kBearer.data(), kBearer.size()})) return "";
  std::string_view key = authorization.substr(kBearer.size());
  while (key.starts_with(' ')) key.remove_prefix(1);
  return std::string(key);
}

std::string key_in_protocols(const http::fields& head) {
  for (auto field = head.begin(); field != head.end(); ++field) {
    if (field->name() != http::field::sec_websocket_protocol) continue;
    for (const auto& protocol : http::token_list(field->value())) {
      const std::string_view name(protocol.data(), protocol.size());
      if (name.starts_with(kKeyProtocol)) return std::string(name.substr(kKeyProtocol.size()));
    }
  }
  return "";
}

}  // namespace

std::string shown_key(const http::fields& head) {
  const auto authorization = head[http::field::authorization];
  std::string key = bearer({authorization.data(), authorization.size()});
  if (key.empty()) key = key_in_protocols(head);
  if (key.empty()) key = std::string(head["api-key"]);
  return key;
}

}  // namespace antiphon::server
