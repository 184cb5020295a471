// Base64 (RFC 4648, with padding, no white space) through OpenSSL's coder.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::server::protocol {

// None: not Base64. Costs one pass and one allocation.
std::optional<std::vector<std::byte>> base64_decoded(std::string_view text);

// Allocates only if `text` has too little capacity.
void append_base64(std::string& text, std::span<const std::byte> bytes);

}  // namespace antiphon::server::protocol
