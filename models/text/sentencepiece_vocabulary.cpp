#include "models/text/sentencepiece_vocabulary.h"

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "models/text/utf8_repair.h"

namespace antiphon::models::text {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";  // U+2581

bool is_special(std::string_view piece) {
  return piece.size() > 2 && piece.front() == '<' && piece.back() == '>';
}

std::string with_spaces(std::string_view piece) {
  std::string bytes;
  while (!piece.empty()) {
    if (piece.starts_with(kSpaceMark)) {
      bytes += ' ';
      piece.remove_prefix(kSpaceMark.size());
    } else {
      bytes += piece.front();
      piece.remove_prefix(1);
    }
  }
  return bytes;
}

// Code points up to U+00FF, one for each byte; UTF-8 in the JSON text.
std::string latin1_bytes(const std::string& utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      bytes += utf8[i];
    } else if ((c == 0xC2 || c == 0xC3) && i + 1 < utf8.size()) {
      const auto low = static_cast<unsigned char>(utf8[++i]);
      bytes += static_cast<char>(((c & 0x03U) << 6U) | (low & 0x3FU));
    } else {
      throw std::runtime_error("a piece has a code point above U+00FF");
    }
  }
  return bytes;
}

}  // namespace

SentencePieceVocabulary SentencePieceVocabulary::read(const std::filesystem::path& path) {
  try {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be opened");
    const auto json = nlohmann::json::parse(file);
    if (!json.is_array() || json.empty()) throw std::runtime_error("is not an array of strings");
    std::vector<std::string> pieces;
    pieces.reserve(json.size());
    for (const auto& piece : json) pieces.push_back(latin1_bytes(piece.get_ref<const std::string&>()));
    return SentencePieceVocabulary(std::move(pieces));
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

SentencePieceVocabulary::SentencePieceVocabulary(std::vector<std::string> pieces)
    : pieces_(std::move(pieces)) {
  for (std::string& piece : pieces_) piece = is_special(piece) ? std::string() : with_spaces(piece);
}

std::string_view SentencePieceVocabulary::bytes(int id) const {
  return id >= 0 && id < size() ? std::string_view(pieces_[static_cast<std::size_t>(id)])
                                : std::string_view();
}

std::string SentencePieceVocabulary::text(std::span<const int> ids) const {
  std::string joined;
  for (const int id : ids) joined += bytes(id);
  const std::size_t first = joined.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  const std::size_t last = joined.find_last_not_of(' ');
  return repair_utf8(std::string_view(joined).substr(first, last - first + 1));
}

std::vector<SentencePieceVocabulary::Word> SentencePieceVocabulary::words(std::span<const int> ids) const {
  std::vector<Word> words;
  bool inside = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    for (const char c : bytes(ids[i])) {
      if (c == ' ') {
        inside = false;
        continue;
      }
      if (!inside) words.push_back({{}, static_cast<int>(i), 0});
      inside = true;
      words.back().text += c;
      words.back().token_end = static_cast<int>(i) + 1;
    }
  }
  for (Word& word : words) word.text = repair_utf8(word.text);
  return words;
}

}  // namespace antiphon::models::text
