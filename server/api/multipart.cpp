#include "server/api/multipart.h"

#include <algorithm>
#include <cctype>

namespace antiphon::server {
namespace {

constexpr std::size_t kPartsMax = 64;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A value in quotes, with \" and \\ for the two signs, or up to the next ';'. Takes it from `rest`.
std::string take_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    value = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    return value;
  }
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    const bool escaped = rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\');
    if (escaped) rest.remove_prefix(1);
    value += rest.front();
    rest.remove_prefix(1);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return value;
}

// A parameter of a field: `form-data; name="file"` has "name".
std::optional<std::string> parameter(std::string_view field, std::string_view name) {
  std::size_t semicolon = field.find(';');
  std::string_view rest = field.substr(std::min(semicolon, field.size()));
  while (rest.starts_with(';')) {
    rest = trimmed(rest.substr(1));
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = trimmed(rest.substr(0, equals));
    rest = trimmed(rest.substr(equals + 1));
    std::string value = take_value(rest);
    if (equal_without_case(key, name)) return value;
    rest = rest.substr(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

// The value of a field in a part's head.
std::optional<std::string_view> field_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(kLineEnd));
    head.remove_prefix(std::min(head.size(), line.size() + kLineEnd.size()));
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equal_without_case(line.substr(0, colon), name)) {
      return trimmed(line.substr(colon + 1));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
  if (!equal_without_case(type, "multipart/form-data")) return std::nullopt;
  std::optional<std::string> boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 200) return std::nullopt;
  return boundary;
}

std::variant<std::vector<FormPart>, FormFault> form_parts(std::string_view body, std::string_view boundary) {
  const std::string first = "--" + std::string(boundary);
  const std::string later = "\r\n" + first;
  std::size_t at = body.starts_with(first) ? first.size() : body.find(later);
  if (at == std::string_view::npos) return FormFault{"The form does not begin with its boundary."};
  if (at != first.size() || !body.starts_with(first)) at += later.size();
  std::vector<FormPart> parts;
  for (;;) {
    std::string_view rest = body.substr(at);
    if (rest.starts_with("--")) return parts;
    const std::size_t line_end = rest.find(kLineEnd);
    if (line_end == std::string_view::npos || !trimmed(rest.substr(0, line_end)).empty()) {
      return FormFault{"The form has no line end after a boundary."};
    }
    if (parts.size() == kPartsMax) return FormFault{"The form has too many parts."};
    rest.remove_prefix(line_end);  // a part without any head begins with the empty line at once
    const std::size_t head_end = rest.find(kHeadEnd);
    const std::size_t end = rest.find(later);
    if (head_end == std::string_view::npos || end == std::string_view::npos) {
      return FormFault{"The form ends within a part."};
    }
    const std::size_t begin = head_end + kHeadEnd.size();
    if (begin > end) return FormFault{"A part of the form has no empty line after its head."};
    const auto disposition = field_of(rest.substr(0, head_end), "Content-Disposition");
    const auto name = disposition ? parameter(*disposition, "name") : std::nullopt;
    if (!name) return FormFault{"A part of the form has no name."};
    parts.push_back({*name, rest.substr(begin, end - begin)});
    at += line_end + end + later.size();
  }
}

std::optional<std::string_view> form_value(const std::vector<FormPart>& parts, std::string_view name) {
  const auto found = std::ranges::find(parts, name, &FormPart::name);
  if (found == parts.end()) return std::nullopt;
  return found->content;
}

}  // namespace antiphon::server
