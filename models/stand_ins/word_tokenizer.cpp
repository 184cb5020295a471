#include "models/stand_ins/word_tokenizer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace antiphon::models::stand_ins {
namespace {

using text::TokenKind;
using text::Vocabulary;

constexpr std::size_t kPieceBytesMax = 10;

std::vector<std::string> pieces() {
  std::vector<std::string> all;
  for (int session = 0; session < Word::kDigits; ++session) {
    for (int number = 0; number < Word::kDigits; ++number) {
      all.push_back(text_of(Word{session, number}));
      all.push_back(" " + text_of(Word{session, number}));
    }
  }
  for (const char* role : {"system\n", "user\n", "assistant\n"}) all.emplace_back(role);
  return all;
}

Vocabulary vocabulary() {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  for (std::string& piece : pieces()) bytes.push_back(std::move(piece));
  std::vector<std::string> names = bytes;
  std::vector<TokenKind> kinds(bytes.size(), TokenKind::kNormal);
  for (const char* mark : {"<|im_start|>", "<|im_end|>"}) {
    bytes.emplace_back();
    names.emplace_back(mark);
    kinds.push_back(TokenKind::kControl);
  }
  return Vocabulary(bytes, std::vector<std::string_view>(names.begin(), names.end()), kinds);
}

}  // namespace

WordTokenizer::WordTokenizer() : Tokenizer(vocabulary()) {
  Token next = kBytes;
  for (const std::string& piece : pieces()) pieces_[piece] = next++;
}

void WordTokenizer::encode(std::string_view text, std::vector<Token>* tokens) const {
  while (!text.empty()) {
    std::size_t length = std::min(kPieceBytesMax, text.size());
    auto found = pieces_.end();
    for (; length > 1 && found == pieces_.end(); --length) {
      found = pieces_.find(std::string(text.substr(0, length)));
      if (found != pieces_.end()) break;
    }
    tokens->push_back(found != pieces_.end() ? found->second : static_cast<unsigned char>(text.front()));
    text.remove_prefix(length);
  }
}

}  // namespace antiphon::models::stand_ins
