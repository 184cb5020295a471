#include <cstdint>
#include <string_view>

#include "server/api/multipart.h"

// The first line is the Content-Type, the rest the body: any bytes are read or refused, and every part lies
// in the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace antiphon::server;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto boundary = form_boundary(text.substr(0, line));
  const std::string_view body = text.substr(line + 1);
  const auto form = form_parts(body, boundary.value_or("X"));
  if (const auto* fault = std::get_if<FormFault>(&form)) {
    if (fault->why.empty()) __builtin_trap();
    return 0;
  }
  for (const FormPart& part : std::get<std::vector<FormPart>>(form)) {
    const char* end = part.content.data() + part.content.size();
    if (part.content.data() < body.data() || end > body.data() + body.size()) __builtin_trap();
  }
  return 0;
}
