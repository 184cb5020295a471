#include "server/protocol/append_reader.h"

#include <algorithm>
#include <string>

#include "server/protocol/base64.h"
#include "server/protocol/client_reader.h"

namespace antiphon::server::protocol {
namespace {

constexpr std::string_view kType = "input_audio_buffer.append";
constexpr std::string_view kSpaces = " \t\r\n";

// JSON's punctuation and its strings without escapes, from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : left_(text) {}

  bool take(char wanted) {
    skip_spaces();
    if (left_.empty() || left_.front() != wanted) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::optional<std::string_view> text() {
    if (!take('"')) return std::nullopt;
    const std::size_t end = left_.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    return inside;
  }
  bool at_end() {
    skip_spaces();
    return left_.empty();
  }

 private:
  void skip_spaces() { left_.remove_prefix(std::min(left_.find_first_not_of(kSpaces), left_.size())); }

  std::string_view left_;
};

// Printable ASCII without a backslash: the text is its own value.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

struct AppendFields {
  std::optional<std::string_view> type;
  std::optional<std::string_view> event_id;
  std::optional<std::string_view> audio;
};

// False: a field that is not one of these, or comes twice.
bool keep(AppendFields* fields, std::string_view key, std::string_view value) {
  std::optional<std::string_view>* const place = key == "type"       ? &fields->type
                                                 : key == "event_id" ? &fields->event_id
                                                 : key == "audio"    ? &fields->audio
                                                                     : nullptr;
  if (place == nullptr || *place) return false;
  *place = value;
  return true;
}

std::optional<AppendFields> append_fields(std::string_view message) {
  Scanner scanner(message);
  AppendFields fields;
  if (!scanner.take('{')) return std::nullopt;
  do {
    const auto key = scanner.text();
    if (!key || !scanner.take(':')) return std::nullopt;
    const auto value = scanner.text();
    if (!value || !keep(&fields, *key, *value)) return std::nullopt;
    if (fields.type && *fields.type != kType) return std::nullopt;
  } while (scanner.take(','));
  if (!scanner.take('}') || !scanner.at_end() || !fields.type || !fields.audio) return std::nullopt;
  return fields;
}

}  // namespace

std::optional<pipeline::ClientEvent> plain_append(std::string_view message) {
  const std::optional<AppendFields> fields = append_fields(message);
  if (!fields || !is_plain(fields->event_id.value_or(""))) return std::nullopt;
  std::optional<pipeline::AudioBytes> audio = base64_decoded(*fields->audio);
  if (!audio || audio->size() > kAudioBytesMax) return std::nullopt;
  pipeline::ClientEvent event;
  event.event_id = fields->event_id.value_or("");
  event.body = pipeline::AppendInputAudio{*std::move(audio)};
  return event;
}

}  // namespace antiphon::server::protocol
