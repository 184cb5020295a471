#include "models/text/tokenizer.h"

#include <algorithm>
#include <cassert>

namespace antiphon::models::text {

Vocabulary::Vocabulary(std::span<const std::string> bytes, std::span<const std::string_view> names,
                       std::span<const TokenKind> kinds)
    : kinds_(kinds.begin(), kinds.end()) {
  assert(bytes.size() == kinds.size() && names.size() == kinds.size());
  ends_.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    all_bytes_ += bytes[i];
    ends_.push_back(static_cast<std::uint32_t>(all_bytes_.size()));
    const bool special = kinds[i] == TokenKind::kControl || kinds[i] == TokenKind::kUserDefined;
    if (special && !names[i].empty()) specials_.push_back({std::string(names[i]), static_cast<Token>(i)});
  }
  all_bytes_.shrink_to_fit();
  std::ranges::stable_sort(specials_, [](const Special& a, const Special& b) {
    if (a.name[0] != b.name[0]) return a.name[0] < b.name[0];
    return a.name.size() > b.name.size();
  });
}

std::string_view Vocabulary::bytes(Token token) const {
  const auto at = static_cast<std::size_t>(token);
  assert(token >= 0 && at < ends_.size());
  const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
  return std::string_view(all_bytes_).substr(begin, ends_[at] - begin);
}

std::optional<Token> Vocabulary::special(std::string_view name) const {
  const auto found = std::ranges::find(specials_, name, &Special::name);
  if (found == specials_.end()) return std::nullopt;
  return found->token;
}

std::pair<Token, std::size_t> Vocabulary::leading_special(std::string_view text) const {
  if (text.empty()) return {-1, 0};
  const auto same_first_byte = std::ranges::equal_range(
      specials_, text[0], {}, [](const Special& special) { return special.name[0]; });
  for (const Special& special : same_first_byte) {
    if (text.starts_with(special.name)) return {special.token, special.name.size()};
  }
  return {-1, 0};
}

std::vector<Token> Tokenizer::encode(std::string_view text) const {
  std::vector<Token> tokens;
  encode(text, &tokens);
  return tokens;
}

std::vector<Token> Tokenizer::encode_with_specials(std::string_view text) const {
  std::vector<Token> tokens;
  std::size_t plain_begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [token, bytes] = vocabulary_.leading_special(text.substr(at));
    if (bytes == 0) {
      ++at;
      continue;
    }
    if (at > plain_begin) encode(text.substr(plain_begin, at - plain_begin), &tokens);
    tokens.push_back(token);
    at += bytes;
    plain_begin = at;
  }
  if (plain_begin < text.size()) encode(text.substr(plain_begin), &tokens);
  return tokens;
}

std::string Tokenizer::decode(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) text += bytes(token);
  return text;
}

std::vector<std::string> Tokenizer::all_bytes() const {
  std::vector<std::string> all;
  all.reserve(static_cast<std::size_t>(size()));
  for (Token token = 0; token < size(); ++token) all.emplace_back(bytes(token));
  return all;
}

}  // namespace antiphon::models::text
