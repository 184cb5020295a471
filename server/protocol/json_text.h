// A client's JSON as values, within bounds. Pure.
#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace antiphon::server::protocol {

inline constexpr std::size_t kDepthMax = 32;  // of nested objects and arrays
inline constexpr std::size_t kPunctuationMax =
    200'000;  // commas and brackets: bounds the parsed value's memory

// What is wrong, as the end of a sentence: "it has too many parts".
struct NoJsonObject {
  std::string why;
};

// The object, in this memory. Never throws on account of the bytes.
std::variant<boost::json::object, NoJsonObject> json_object(std::string_view text,
                                                            boost::json::storage_ptr memory = {});

}  // namespace antiphon::server::protocol
