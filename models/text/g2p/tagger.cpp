#include "models/text/g2p/tagger.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <stdexcept>

#include "models/text/characters.h"
#include "models/text/g2p/table_lines.h"
#include "models/weights/mapped_file.h"

namespace antiphon::models::text {

// FNV-1a, 64 bits: the table has 80,000 features, so a collision is out of the question.
class Tagger::FeatureHash {
 public:
  explicit FeatureHash(std::string_view start) { add(start); }
  FeatureHash& add(std::string_view piece) {
    for (const char c : piece) value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return *this;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325u;
};

namespace {

constexpr std::string_view kBeforeStart[] = {"-START2-", "-START-"};
constexpr std::string_view kAfterEnd[] = {"-END-", "-END2-"};

// "Dog" -> "Xx", "NASA" -> "XX", "3rd" -> "dxx".
std::string shape_of(std::string_view word) {
  if (all_letters(word)) {
    const std::u32string letters = to_code_points(word);
    const auto upper = std::ranges::count_if(letters, is_upper);
    const auto lower = std::ranges::count_if(letters, is_lower);
    if (upper == 0 && lower > 0) return "x";
    if (lower == 0 && upper > 0) return letters.size() > 1 ? "XX" : "X1";
    return upper == 1 && lower > 0 && is_upper(letters[0]) ? "Xx" : "xX";
  }
  if (all_digits(word)) return "d";
  std::string shape;
  int count = 0;
  for (std::size_t at = 0; at < word.size() && count < 4; ++count) {
    const char32_t c = next_code_point(word, at);
    append_utf8(shape, is_digit(c) ? U'd' : is_letter(c) ? U'x' : c);
  }
  return shape;
}

std::string normal_form(std::string_view word) {
  if (word.find('-') != std::string_view::npos && word[0] != '-') return "!HYPHEN";
  if (word.size() == 4 && all_digits(word)) return "!YEAR";
  if (is_digit(static_cast<unsigned char>(word[0]))) return "!DIGITS";
  return lower_case(word);
}

std::string_view first_code_point(std::string_view word) {
  std::size_t at = 0;
  (void)next_code_point(word, at);
  return word.substr(0, at);
}

// "-2.5" -> -25.
std::int16_t parse_tenths(std::string_view text, const TableLines& lines) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  int whole = 0;
  const bool good = point != std::string_view::npos && point + 2 == text.size() &&
                    is_digit(static_cast<unsigned char>(text[point + 1])) &&
                    std::from_chars(text.data(), text.data() + point, whole).ptr == text.data() + point &&
                    whole < 3000;
  if (!good) lines.refuse("has a weight that is no number with one decimal");
  const int tenths = whole * 10 + (text[point + 1] - '0');
  return static_cast<std::int16_t>(negative ? -tenths : tenths);
}

}  // namespace

Tagger::Tagger(const std::filesystem::path& folder) {
  read_tags(folder / "tagger_tags.txt");
  read_dictionary(folder / "tagger_dict.tsv");
  read_vocabulary(folder / "tagger_vocab.txt");
  read_weights(folder / "tagger.tsv");
}

void Tagger::read_tags(const std::filesystem::path& path) {
  const MappedFile file(path);
  TableLines lines(file.bytes(), path);
  while (lines.next()) tags_.emplace_back(lines.line());
  std::ranges::sort(tags_);
  if (tags_.empty() || tags_.size() > kTagsMax)
    throw std::runtime_error(path.string() + ": needs 1 to 64 tags");
}

std::uint8_t Tagger::tag_index(std::string_view tag) const {
  const auto found = std::ranges::lower_bound(tags_, tag);
  return static_cast<std::uint8_t>(found != tags_.end() && *found == tag ? found - tags_.begin()
                                                                         : std::ssize(tags_));
}

void Tagger::read_dictionary(const std::filesystem::path& path) {
  const MappedFile file(path);
  TableLines lines(file.bytes(), path);
  std::array<std::string_view, 2> fields;
  while (lines.next()) {
    lines.split(fields);
    const std::uint8_t tag = tag_index(fields[1]);
    if (tag == tags_.size()) lines.refuse("has an unknown tag");
    dictionary_.emplace(fields[0], tag);
  }
}

void Tagger::read_vocabulary(const std::filesystem::path& path) {
  const MappedFile file(path);
  TableLines lines(file.bytes(), path);
  while (lines.next()) vocabulary_.insert(FeatureHash(lines.line()).value());
}

void Tagger::read_weights(const std::filesystem::path& path) {
  const MappedFile file(path);
  TableLines lines(file.bytes(), path);
  std::vector<Feature> found;
  std::array<std::string_view, 3> fields;
  std::string_view last;
  while (lines.next()) {
    lines.split(fields);
    const std::uint8_t tag = tag_index(fields[1]);
    if (tag == tags_.size()) lines.refuse("has an unknown tag");
    if (found.empty() || fields[0] != last) {
      found.push_back({FeatureHash(fields[0]).value(), static_cast<std::uint32_t>(weights_.size()), 0});
      last = fields[0];
    }
    weights_.push_back({tag, parse_tenths(fields[2], lines)});
    ++found.back().count;
  }
  if (found.empty()) throw std::runtime_error(path.string() + ": has no weights");
  weights_.shrink_to_fit();
  features_.resize(std::bit_ceil(found.size() * 3 / 2));
  for (const Feature& feature : found) insert(feature);
}

void Tagger::insert(const Feature& feature) {
  std::size_t slot = feature.hash & (features_.size() - 1);
  while (features_[slot].count != 0) slot = (slot + 1) & (features_.size() - 1);
  features_[slot] = feature;
}

void Tagger::add(const FeatureHash& feature, Scores& scores) const {
  std::size_t slot = feature.value() & (features_.size() - 1);
  while (features_[slot].count != 0 && features_[slot].hash != feature.value())
    slot = (slot + 1) & (features_.size() - 1);
  const Feature& found = features_[slot];
  for (std::uint32_t i = 0; i < found.count; ++i) {
    const Weight& weight = weights_[found.first + i];
    scores[weight.tag] += weight.tenths / 10.0;
  }
}

std::string Tagger::context_word(std::string_view word) const {
  std::string normal = normal_form(word);
  if (vocabulary_.contains(FeatureHash(normal).value())) return normal;
  return std::string(1, '<').append(shape_of(word)).append(1, '>');
}

std::uint8_t Tagger::best_tag(const Scores& scores) const {
  std::size_t best = 0;
  for (std::size_t t = 1; t < tags_.size(); ++t) {
    if (scores[t] >= scores[best]) best = t;  // of equals the last, as in training
  }
  return static_cast<std::uint8_t>(best);
}

std::uint8_t Tagger::predict(std::size_t i, std::string_view word, const std::vector<std::string>& context,
                             std::string_view previous, std::string_view before_previous) const {
  const std::size_t j = i + 2;  // the word's place in its context
  Scores scores{};
  add(FeatureHash("b"), scores);
  add(FeatureHash("s3=").add(last_code_points(word, 3)), scores);
  add(FeatureHash("p1=").add(first_code_point(word)), scores);
  add(FeatureHash("w=").add(context[j]), scores);
  add(FeatureHash("sh=").add(shape_of(word)), scores);
  add(FeatureHash(i == 0 ? "i0" : "i+"), scores);
  add(FeatureHash("t-1=").add(previous), scores);
  add(FeatureHash("t-2=").add(before_previous), scores);
  add(FeatureHash("t-12=").add(previous).add(",").add(before_previous), scores);
  add(FeatureHash("w-1=").add(context[j - 1]), scores);
  add(FeatureHash("s3-1=").add(last_code_points(context[j - 1], 3)), scores);
  add(FeatureHash("w-2=").add(context[j - 2]), scores);
  add(FeatureHash("w+1=").add(context[j + 1]), scores);
  add(FeatureHash("s3+1=").add(last_code_points(context[j + 1], 3)), scores);
  add(FeatureHash("w+2=").add(context[j + 2]), scores);
  return best_tag(scores);
}

void Tagger::tag(std::vector<TextToken>& tokens) const {
  std::vector<std::string> context;
  context.reserve(tokens.size() + 4);
  context.insert(context.end(), std::begin(kBeforeStart), std::end(kBeforeStart));
  for (const TextToken& token : tokens) context.push_back(context_word(token.text));
  context.insert(context.end(), std::begin(kAfterEnd), std::end(kAfterEnd));
  std::string_view previous = kBeforeStart[1];
  std::string_view before_previous = kBeforeStart[0];
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto known = dictionary_.find(tokens[i].text);
    const std::uint8_t tag = known != dictionary_.end()
                                 ? known->second
                                 : predict(i, tokens[i].text, context, previous, before_previous);
    tokens[i].tag = tags_[tag];
    before_previous = previous;
    previous = tokens[i].tag;
  }
}

}  // namespace antiphon::models::text
