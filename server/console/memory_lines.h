// A store's content as JSON Lines, in two forms; times are in milliseconds since 1970, one that is missing is
// never.
//
// What was told, for any store: {"tenant","user","session","speaker","at","recorded","text","hint"}.
//
// Whole graphs, each line with a "kind": "user" {"tenant","user","last":{"session","turn","entity","fact"}},
// and then of that user "session" {"number","name","started"}, "entity" {"number","name"}, "turn"
// {"number","session","speaker","at","recorded","text","hint"}, "vector" {"turn","components"}, "fact"
// {"number","subject","relation","object","only_one","valid_from","valid_to","recorded","end_recorded",
// "source_turn"}, "edge" {"type","from","to","valid_from","valid_to","recorded","source_turn"}; nodes are
// written as in "entity:3".
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "context_store/transfer.h"

namespace antiphon::server {

// Without the line's end.
std::string memory_line(const context_store::ExportedTurn& turn);
std::string memory_line(const context_store::ExportedRecord& record);

// Or what is wrong with it, in words that name the field.
using MemoryLine = std::variant<context_store::ExportedTurn, context_store::ExportedRecord, std::string>;
MemoryLine parse_memory_line(std::string_view line);

}  // namespace antiphon::server
