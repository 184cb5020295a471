#include "models/text/sentencepiece_bpe.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>

#include "models/text/pair_merger.h"
#include "models/text/utf8.h"

namespace antiphon::models::text {
namespace {

constexpr std::string_view kSpace = "\u2581";
constexpr std::size_t kTextBytesMax = std::size_t{1} << 24;  // merged at once

std::string with_plain_spaces(std::string_view name) {
  std::string text;
  for (std::size_t at = 0; at < name.size();) {
    if (name.substr(at).starts_with(kSpace)) {
      text += ' ';
      at += kSpace.size();
    } else {
      text += name[at++];
    }
  }
  return text;
}

// The byte that "<0x0A>" stands for.
std::optional<unsigned char> byte_of_name(std::string_view name) {
  unsigned char byte = 0;
  if (name.size() != 6 || !name.starts_with("<0x") || name[5] != '>') return std::nullopt;
  const auto [end, error] = std::from_chars(name.data() + 3, name.data() + 5, byte, 16);
  if (error != std::errc{} || end != name.data() + 5) return std::nullopt;
  return byte;
}

std::string bytes_of(std::string_view name, TokenKind kind) {
  switch (kind) {
    case TokenKind::kNormal:
      return with_plain_spaces(name);
    case TokenKind::kUserDefined:
      return std::string(name);
    case TokenKind::kByte:
      if (const auto byte = byte_of_name(name)) return std::string(1, static_cast<char>(*byte));
      return {};
    default:
      return {};
  }
}

Vocabulary vocabulary_of(const SentencePieceBpe::File& file) {
  if (file.kinds.size() != file.tokens.size())
    throw std::runtime_error("token types and tokens differ in number");
  if (file.scores.size() != file.tokens.size())
    throw std::runtime_error("scores and tokens differ in number");
  std::vector<std::string> bytes(file.tokens.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = bytes_of(file.tokens[i], file.kinds[i]);
  return Vocabulary(bytes, file.tokens, file.kinds);
}

std::vector<std::uint32_t> ranks_of(std::span<const double> scores) {
  if (std::ranges::any_of(scores, [](double score) { return std::isnan(score); })) {
    throw std::runtime_error("a score is not a number");
  }
  std::vector<std::uint32_t> best_first(scores.size());
  std::iota(best_first.begin(), best_first.end(), 0u);
  std::ranges::stable_sort(best_first, std::greater{}, [&](std::uint32_t i) { return scores[i]; });
  std::vector<std::uint32_t> ranks(scores.size());
  for (std::size_t i = 0; i < best_first.size(); ++i) {
    const bool as_before = i > 0 && scores[best_first[i]] == scores[best_first[i - 1]];
    ranks[best_first[i]] = as_before ? ranks[best_first[i - 1]] : static_cast<std::uint32_t>(i);
  }
  return ranks;
}

}  // namespace

SentencePieceBpe::SentencePieceBpe(const File& file)
    : Tokenizer(vocabulary_of(file)), ranks_(ranks_of(file.scores)), space_in_front_(file.space_in_front) {
  token_of_byte_.fill(-1);
  for (Token token = 0; token < size(); ++token) {
    const std::string_view text = bytes(token);
    if (kind(token) == TokenKind::kNormal && !text.empty()) token_of_text_.emplace(text, token);
    if (kind(token) == TokenKind::kByte && !text.empty())
      token_of_byte_[static_cast<unsigned char>(text[0])] = token;
    if (kind(token) == TokenKind::kUnknown) unknown_ = token;
  }
}

void SentencePieceBpe::encode(std::string_view text, std::vector<Token>* tokens) const {
  if (text.empty()) return;
  std::string with_space;
  if (space_in_front_) {
    with_space.append(" ").append(text);
    text = with_space;
  }
  PairMerger merger;
  for (; !text.empty(); text.remove_prefix(std::min(text.size(), kTextBytesMax))) {
    const std::string_view part = text.substr(0, kTextBytesMax);
    const auto find = [&](std::size_t begin, std::size_t end) {
      const auto found = token_of_text_.find(part.substr(begin, end - begin));
      return found == token_of_text_.end() ? Token{-1} : found->second;
    };
    merger.clear();
    for (std::size_t at = 0; at < part.size();) {
      const std::size_t end = at + std::max<std::size_t>(character_bytes(part.substr(at)), 1);
      merger.add({find(at, end), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end)});
      at = end;
    }
    merger.run([&](const Symbol& left, const Symbol& right) {
      const Token merged = find(left.begin, right.end);
      return merged < 0 ? PairMerge{} : PairMerge{ranks_[static_cast<std::size_t>(merged)], merged};
    });
    merger.for_each([&](const Symbol& symbol) {
      if (symbol.token >= 0) return tokens->push_back(symbol.token);
      encode_unknown(part.substr(symbol.begin, symbol.end - symbol.begin), tokens);
    });
  }
}

void SentencePieceBpe::encode_unknown(std::string_view bytes, std::vector<Token>* tokens) const {
  const auto token_of = [&](char byte) { return token_of_byte_[static_cast<unsigned char>(byte)]; };
  if (std::ranges::all_of(bytes, [&](char byte) { return token_of(byte) >= 0; })) {
    for (const char byte : bytes) tokens->push_back(token_of(byte));
  } else if (unknown_ >= 0) {
    tokens->push_back(unknown_);
  }
}

}  // namespace antiphon::models::text
