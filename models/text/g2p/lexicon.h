#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "models/weights/mapped_file.h"

namespace antiphon::models::text {

// A pronouncing dictionary on disk: sorted lines of word, tag, phonemes, rank (4 = checked by hand, 3 = not).
//
// Owner:  any thread; immutable after construction.
// Memory: the file is mapped, not copied (its pages are shared and can be dropped); four bytes per line
// besides. Errors: the constructor throws std::runtime_error that names the file and the line.
class Lexicon {
 public:
  explicit Lexicon(const std::filesystem::path& path);

  enum class Quality { kChecked, kUnchecked };

  // The readings of one word. Valid as long as the lexicon.
  class Readings {
   public:
    bool has(std::string_view tag) const { return line_of(tag).has_value(); }
    bool varies() const { return last_ - first_ > 1 || !line_of("*"); }
    // The phonemes (UTF-8) for a tag, else the default reading; empty: this reading is spelled out.
    std::string_view phonemes(std::string_view tag) const;
    std::string_view phonemes() const { return phonemes("*"); }

   private:
    friend class Lexicon;
    std::optional<std::size_t> line_of(std::string_view tag) const;
    const Lexicon* lexicon_ = nullptr;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
  };

  // A lower-case entry also answers to its Capitalised form and the other way round, unless that has its own
  // entry.
  std::optional<Readings> find(std::string_view word, Quality quality) const;
  bool has(std::string_view word, Quality quality) const { return find(word, quality).has_value(); }

 private:
  struct Line {
    std::string_view word, tag, phonemes;
    char rank = 0;
  };
  Line line(std::size_t i) const;
  std::optional<Readings> find_exactly(std::string_view word, Quality quality) const;

  MappedFile file_;
  std::string_view text_;
  std::vector<std::uint32_t> starts_;  // of each line
};

}  // namespace antiphon::models::text
