#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace antiphon::models::text {

// "[Siobhan](/ʃɪvˈɔn/)": a word whose phonemes are given with it.
struct InlineOverride {
  std::size_t begin = 0;  // of the whole construct in the text
  std::size_t end = 0;
  std::string_view word;
  std::string phonemes;  // without the slashes
};

// The first override that starts at or after `from`. A link to a path ("[docs](/docs/)") is none: there must
// be a stress mark. Linear in the text for the whole series of calls.
std::optional<InlineOverride> find_override(std::string_view text, std::size_t from);

}  // namespace antiphon::models::text
