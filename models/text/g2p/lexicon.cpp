#include "models/text/g2p/lexicon.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <stdexcept>

#include "models/text/characters.h"
#include "models/text/g2p/table_lines.h"

namespace antiphon::models::text {

Lexicon::Lexicon(const std::filesystem::path& path)
    : file_(path), text_(reinterpret_cast<const char*>(file_.bytes().data()), file_.bytes().size()) {
  if (text_.size() > UINT32_MAX) throw std::runtime_error(path.string() + ": larger than 4 GiB");
  TableLines lines(file_.bytes(), path);
  std::array<std::string_view, 4> fields;
  std::string_view last;
  starts_.reserve(text_.size() / 28);
  while (lines.next()) {
    lines.split(fields);
    if (fields[3] != "3" && fields[3] != "4") lines.refuse("has a rank that is not 3 or 4");
    if (fields[0].empty() || fields[0] < last) lines.refuse("is not in the order of the words");
    last = fields[0];
    starts_.push_back(static_cast<std::uint32_t>(lines.line().data() - text_.data()));
  }
  if (starts_.empty()) throw std::runtime_error(path.string() + ": has no words");
  starts_.shrink_to_fit();
}

// The constructor has checked the format.
Lexicon::Line Lexicon::line(std::size_t i) const {
  std::string_view rest = text_.substr(starts_[i]);
  const auto field = [&](char end) {
    const std::size_t length = std::min(rest.find(end), rest.size());
    const std::string_view value = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    return value;
  };
  Line line;
  line.word = field('\t');
  line.tag = field('\t');
  line.phonemes = field('\t');
  line.rank = rest.front();
  return line;
}

std::optional<Lexicon::Readings> Lexicon::find_exactly(std::string_view word, Quality quality) const {
  const auto word_at = [&](std::uint32_t start) {
    return text_.substr(start, text_.find('\t', start) - start);
  };
  std::size_t i =
      static_cast<std::size_t>(std::ranges::lower_bound(starts_, word, {}, word_at) - starts_.begin());
  const char rank = quality == Quality::kChecked ? '4' : '3';
  const auto matches = [&](std::size_t at, bool any_rank) {
    if (at >= starts_.size()) return false;
    const Line found = line(at);
    return found.word == word && (any_rank || found.rank == rank);
  };
  while (matches(i, true) && !matches(i, false)) ++i;
  if (!matches(i, false)) return std::nullopt;
  Readings readings;
  readings.lexicon_ = this;
  readings.first_ = i;
  while (matches(i, false)) ++i;
  readings.last_ = i;
  return readings;
}

std::optional<Lexicon::Readings> Lexicon::find(std::string_view word, Quality quality) const {
  if (word.empty()) return std::nullopt;
  if (auto found = find_exactly(word, quality); found || word.size() < 2) return found;
  const std::string lower = lower_case(word);
  const std::string capital = capitalised(word);
  if (word == lower) return capital == word ? std::nullopt : find_exactly(capital, quality);
  return word == capital ? find_exactly(lower, quality) : std::nullopt;
}

std::optional<std::size_t> Lexicon::Readings::line_of(std::string_view tag) const {
  for (std::size_t i = first_; i < last_; ++i) {
    if (lexicon_->line(i).tag == tag) return i;
  }
  return std::nullopt;
}

std::string_view Lexicon::Readings::phonemes(std::string_view tag) const {
  auto at = line_of(tag);
  if (!at) at = line_of("*");
  return at ? lexicon_->line(*at).phonemes : std::string_view();
}

}  // namespace antiphon::models::text
