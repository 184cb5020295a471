#include "tests/support/byte_vocabulary.h"

namespace antiphon::test {

using models::Token;
using models::text::TokenKind;

std::string ByteVocabulary::printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    int code_point = byte;
    if (byte <= 0x20) code_point = 0x100 + byte;
    if (byte >= 0x7F && byte <= 0xA0) code_point = 0x121 + byte - 0x7F;
    if (byte == 0xAD) code_point = 0x143;
    if (code_point < 0x80) {
      text += static_cast<char>(code_point);
    } else {
      text += static_cast<char>(0xC0 | code_point >> 6);
      text += static_cast<char>(0x80 | (code_point & 0x3F));
    }
  }
  return text;
}

ByteVocabulary::ByteVocabulary() {
  for (int byte = 0; byte < 256; ++byte) {
    tokens_.push_back(printable(std::string(1, static_cast<char>(byte))));
    kinds_.push_back(TokenKind::kNormal);
  }
}

Token ByteVocabulary::add_merge(std::string_view left, std::string_view right) {
  merges_.push_back(printable(left) + ' ' + printable(right));
  tokens_.push_back(printable(left) + printable(right));
  kinds_.push_back(TokenKind::kNormal);
  return static_cast<Token>(tokens_.size() - 1);
}

Token ByteVocabulary::add_special(std::string_view name, TokenKind kind) {
  tokens_.emplace_back(name);
  kinds_.push_back(kind);
  return static_cast<Token>(tokens_.size() - 1);
}

}  // namespace antiphon::test
