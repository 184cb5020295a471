// What a request's target says beside its path. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace antiphon::server {

// "%20" as one byte; in a query a plus is a space.
std::string percent_decoded(std::string_view text, bool plus_is_space);
// The first value of this key in "path?key=value&...".
std::optional<std::string> query_value(std::string_view target, std::string_view key);

}  // namespace antiphon::server
