#include "models/text/g2p/inline_override.h"

#include <algorithm>

namespace antiphon::models::text {
namespace {

constexpr std::size_t kPartMax = 256;  // bytes of the word, and of the phonemes

}  // namespace

std::optional<InlineOverride> find_override(std::string_view text, std::size_t from) {
  for (std::size_t middle = text.find("](/", from); middle != std::string_view::npos;
       middle = text.find("](/", middle + 1)) {
    const std::size_t reach = middle - std::min(middle - from, kPartMax);
    const std::string_view before = text.substr(reach, middle - reach);
    const std::size_t open = before.rfind('[');
    const std::string_view after = text.substr(middle + 3, kPartMax);
    const std::size_t close = after.find("/)");
    if (open == std::string_view::npos || open + 1 == before.size() || close == std::string_view::npos ||
        close == 0)
      continue;
    const std::string_view phonemes = after.substr(0, close);
    const bool stressed =
        phonemes.find("ˈ") != std::string_view::npos || phonemes.find("ˌ") != std::string_view::npos;
    if (!stressed || phonemes.find_first_of("/()[]\n") != std::string_view::npos) continue;
    return InlineOverride{reach + open, middle + 3 + close + 2, before.substr(open + 1),
                          std::string(phonemes)};
  }
  return std::nullopt;
}

}  // namespace antiphon::models::text
