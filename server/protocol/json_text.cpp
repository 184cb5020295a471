#include "server/protocol/json_text.h"

#include <algorithm>
#include <utility>

namespace antiphon::server::protocol {
namespace {

bool is_punctuation(char c) {
  return c == ',' || c == '[' || c == '{';
}

}  // namespace

std::variant<boost::json::object, NoJsonObject> json_object(std::string_view text,
                                                            boost::json::storage_ptr memory) {
  namespace json = boost::json;
  const auto punctuation = std::count_if(text.begin(), text.end(), is_punctuation);
  if (static_cast<std::size_t>(punctuation) > kPunctuationMax) return NoJsonObject{"it has too many parts"};
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  json::value parsed = json::parse(text, error, std::move(memory), options);
  if (error) return NoJsonObject{error.message()};
  if (!parsed.is_object()) return NoJsonObject{"it is another kind of value"};
  return std::move(parsed.get_object());
}

}  // namespace antiphon::server::protocol
