#include "models/text/json_spacing.h"

namespace antiphon::models::text {

std::string spaced_json(std::string_view compact) {
  std::string spaced;
  spaced.reserve(compact.size() + compact.size() / 4);
  bool in_string = false;
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    spaced += c;
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\' && i + 1 < compact.size()) spaced += compact[++i];
    if (!in_string && (c == ':' || c == ',')) spaced += ' ';
  }
  return spaced;
}

}  // namespace antiphon::models::text
