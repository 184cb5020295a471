// A store's turns as JSON Lines: {"tenant","user","session","speaker","at","recorded","text","hint"}, times
// in milliseconds since 1970.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "context_store/transfer.h"

namespace antiphon::server {

std::string memory_line(const context_store::ExportedTurn& turn);  // without the line's end

// Or what is wrong with it, in words that name the field.
std::variant<context_store::ExportedTurn, std::string> parse_memory_line(std::string_view line);

}  // namespace antiphon::server
