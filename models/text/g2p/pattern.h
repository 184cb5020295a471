#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models::text {

// Where a pattern matched. Valid as long as the text that was searched.
class PatternMatch {
 public:
  // Byte offsets in the text; group 0 is the whole match.
  std::size_t begin() const { return bounds_[0]; }
  std::size_t end() const { return bounds_[1]; }
  std::size_t begin(int group) const { return bounds_[static_cast<std::size_t>(group) * 2]; }
  std::size_t end(int group) const { return bounds_[static_cast<std::size_t>(group) * 2 + 1]; }

  bool has(int group) const;
  // Empty if the group took no part in the match.
  std::string_view group(int group) const;
  std::string_view whole() const { return group(0); }
  std::string_view before() const { return text_.substr(0, begin()); }
  std::string_view after() const { return text_.substr(end()); }

 private:
  friend class Pattern;
  std::string_view text_;
  std::vector<std::size_t> bounds_;  // begin and end of each group; npos if unset
};

// A compiled Perl-style pattern over UTF-8 (PCRE2, JIT-compiled where the machine allows). \d \w \s \b know
// Unicode.
//
// Owner:    any thread; immutable after construction, so one object serves all threads.
// Overload: a search that needs more than a fixed number of steps finds nothing.
class Pattern {
 public:
  enum class Case { kSensitive, kIgnored };
  // The pattern is part of the program (a bad one is a bug), but words from data files may be put in with
  // quoted().
  explicit Pattern(const std::string& pattern, Case letter_case = Case::kSensitive);

  // The first match that starts at or after `from`. REQUIRES: the text is valid UTF-8 and `from` is no
  // continuation byte. Look-behind sees what stands before `from`.
  [[nodiscard]] bool find(std::string_view text, std::size_t from, PatternMatch& match) const;
  [[nodiscard]] bool found_in(std::string_view text) const;

  // Text as a literal inside a pattern.
  static std::string quoted(std::string_view literal);

 private:
  struct Compiled;
  struct Release {
    void operator()(Compiled* compiled) const;
  };
  std::unique_ptr<Compiled, Release> compiled_;
};

}  // namespace antiphon::models::text
