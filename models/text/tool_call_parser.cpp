#include "models/text/tool_call_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/text/json_spacing.h"

namespace antiphon::models::text {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kOpen = "<tool_call>";
constexpr std::string_view kClose = "</tool_call>";
constexpr std::string_view kSpaces = " \t\r\n";

// Bytes at the end of `text` that may be the beginning of `tag`.
std::size_t possible_tag_bytes(std::string_view text, std::string_view tag) {
  for (std::size_t bytes = std::min(text.size(), tag.size() - 1); bytes > 0; --bytes) {
    if (tag.starts_with(text.substr(text.size() - bytes))) return bytes;
  }
  return 0;
}

// The deepest nesting of brackets outside strings: the parser's values are freed and written recursively.
int nesting_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

// Bytes of the JSON object that `text` begins with: all of it if the object has no end there.
std::size_t object_bytes(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') ++i;
    if (in_string) continue;
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) return i + 1;
  }
  return text.size();
}

bool remove_prefix(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Of a call in the usual form, perhaps without its end.
std::optional<ToolCallParser::OpenCall> usual_form(std::string_view raw) {
  raw.remove_prefix(std::min(raw.find_first_not_of(kSpaces), raw.size()));
  if (!remove_prefix(R"({"name": ")", &raw)) return std::nullopt;
  const std::string_view name = raw.substr(0, raw.find_first_of("\"\\"));
  raw.remove_prefix(name.size());
  if (!remove_prefix(R"(", "arguments": )", &raw) || !raw.starts_with('{')) return std::nullopt;
  return ToolCallParser::OpenCall{name, raw.substr(0, object_bytes(raw))};
}

ReplyEvent read_call(std::string raw) {
  if (nesting_of(raw) > ToolCallParser::kJsonDepthMax)
    return BrokenToolCall{std::move(raw), "nested too deeply"};
  const Json call = Json::parse(raw, nullptr, false);
  if (call.is_discarded()) return BrokenToolCall{std::move(raw), "not valid JSON"};
  if (!call.is_object()) return BrokenToolCall{std::move(raw), "not a JSON object"};
  const auto name = call.find("name");
  if (name == call.end() || !name->is_string() || name->get_ref<const std::string&>().empty()) {
    return BrokenToolCall{std::move(raw), "no name"};
  }
  const auto arguments = call.find("arguments");
  if (arguments == call.end()) return ToolCall{name->get<std::string>(), "{}"};
  if (!arguments->is_object()) return BrokenToolCall{std::move(raw), "arguments is not an object"};
  const auto usual = usual_form(raw);
  return ToolCall{name->get<std::string>(),
                  usual ? std::string(usual->arguments) : spaced_json(arguments->dump())};
}

}  // namespace

void ToolCallParser::push(std::string_view piece, std::vector<ReplyEvent>* events) {
  // Piecewise, so that a call of any length takes bounded memory and time.
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, kCallBytesMax);
    piece.remove_prefix(part.size());
    pending_ += part;
    while (in_call_ ? take_call(events) : take_text(events)) {
    }
  }
}

bool ToolCallParser::take_text(std::vector<ReplyEvent>* events) {
  const std::size_t tag = pending_.find(kOpen);
  if (tag != std::string::npos) {
    say(std::string_view(pending_).substr(0, tag), events);
    pending_.erase(0, tag + kOpen.size());
    spaces_.clear();
    in_call_ = true;
    too_long_ = false;
    return true;
  }
  const std::size_t certain = pending_.size() - possible_tag_bytes(pending_, kOpen);
  say(std::string_view(pending_).substr(0, certain), events);
  pending_.erase(0, certain);
  return false;
}

bool ToolCallParser::take_call(std::vector<ReplyEvent>* events) {
  const std::size_t tag = pending_.find(kClose);
  if (tag == std::string::npos) {
    if (pending_.size() > kCallBytesMax) {
      too_long_ = true;
      pending_.erase(0, pending_.size() - possible_tag_bytes(pending_, kClose));
    }
    return false;
  }
  std::string raw = pending_.substr(0, tag);
  pending_.erase(0, tag + kClose.size());
  in_call_ = false;
  if (too_long_ || raw.size() > kCallBytesMax) {
    events->push_back(BrokenToolCall{{}, "too long"});
  } else {
    events->push_back(read_call(std::move(raw)));
  }
  return true;
}

std::optional<ToolCallParser::OpenCall> ToolCallParser::open_call() const {
  if (!in_call_ || too_long_) return std::nullopt;
  return usual_form(pending_);
}

void ToolCallParser::say(std::string_view text, std::vector<ReplyEvent>* events) {
  const std::size_t last = text.find_last_not_of(kSpaces);
  if (last == std::string_view::npos) {
    spaces_ += text;
    return;
  }
  std::string said = std::move(spaces_);
  said += text.substr(0, last + 1);
  spaces_ = text.substr(last + 1);
  events->push_back(ReplyText{std::move(said)});
}

void ToolCallParser::finish(std::vector<ReplyEvent>* events) {
  if (in_call_) {
    events->push_back(BrokenToolCall{too_long_ ? std::string{} : std::move(pending_), "has no end"});
  } else {
    say(pending_, events);
  }
  *this = {};
}

}  // namespace antiphon::models::text
