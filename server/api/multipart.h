// multipart/form-data (RFC 7578), as browsers and HTTP libraries send forms with files. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace antiphon::server {

struct FormPart {
  std::string name;
  std::string_view content;  // in the body
};

struct FormFault {
  std::string why;  // one sentence
};

// The boundary that a Content-Type names; none: it is no multipart form.
std::optional<std::string> form_boundary(std::string_view content_type);

// At most 64 parts. Never throws on account of the bytes; the parts lie in `body`.
std::variant<std::vector<FormPart>, FormFault> form_parts(std::string_view body, std::string_view boundary);

// The first part of this name.
std::optional<std::string_view> form_value(const std::vector<FormPart>& parts, std::string_view name);

}  // namespace antiphon::server
