// Base64 in the alphabet of addresses and tokens, without padding (RFC 4648, section 5).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace antiphon::server {

std::string base64url(std::span<const std::byte> bytes);
std::string base64url(std::string_view bytes);
// None: not Base64 of this kind.
std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace antiphon::server
