#include "models/text/byte_level_bpe.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "models/text/pair_merger.h"
#include "models/text/utf8.h"

namespace antiphon::models::text {
namespace {

constexpr std::size_t kPieceBytesMax = std::size_t{1} << 24;  // a longer one is cut

// GPT-2 writes bytes as printable characters: those that are printable Latin-1 stay, all others follow from
// U+0100 on. So every one is below U+0144, and takes one or two bytes of UTF-8.
struct PrintableAlphabet {
  static constexpr int kEnd = 0x144;
  std::array<int, kEnd> byte_of;  // -1: not of the alphabet

  PrintableAlphabet() {
    byte_of.fill(-1);
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
      byte_of[static_cast<std::size_t>(printable ? byte : next++)] = byte;
    }
  }
};

// The bytes that `name` stands for; the name itself if it is not written in the alphabet.
std::string bytes_of_name(std::string_view name, const PrintableAlphabet& alphabet) {
  std::string bytes;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = character_bytes(name.substr(at));
    if (length != 1 && length != 2) return std::string(name);
    int code_point = static_cast<unsigned char>(name[at]);
    if (length == 2)
      code_point = (code_point & 0x1F) << 6 | (static_cast<unsigned char>(name[at + 1]) & 0x3F);
    const int byte =
        code_point < PrintableAlphabet::kEnd ? alphabet.byte_of[static_cast<std::size_t>(code_point)] : -1;
    if (byte < 0) return std::string(name);
    bytes += static_cast<char>(byte);
    at += length;
  }
  return bytes;
}

Vocabulary vocabulary_of(const ByteLevelBpe::File& file) {
  if (file.kinds.size() != file.tokens.size())
    throw std::runtime_error("token types and tokens differ in number");
  const PrintableAlphabet alphabet;
  std::vector<std::string> bytes(file.tokens.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (file.kinds[i] == TokenKind::kNormal) bytes[i] = bytes_of_name(file.tokens[i], alphabet);
    if (file.kinds[i] == TokenKind::kUserDefined) bytes[i] = file.tokens[i];
  }
  return Vocabulary(bytes, file.tokens, file.kinds);
}

MergeTable merges_of(const ByteLevelBpe::File& file) {
  std::unordered_map<std::string_view, Token> ids;
  ids.reserve(file.tokens.size());
  for (std::size_t i = 0; i < file.tokens.size(); ++i) {
    if (file.kinds[i] == TokenKind::kNormal) ids.emplace(file.tokens[i], static_cast<Token>(i));
  }
  const auto id_of = [&](std::string_view name, std::size_t number) {
    const auto found = ids.find(name);
    if (found == ids.end()) {
      throw std::runtime_error("merge " + std::to_string(number) + " has a part that is no token");
    }
    return found->second;
  };
  MergeTable merges(file.merges.size());
  std::string joined;
  for (std::size_t i = 0; i < file.merges.size(); ++i) {
    const std::string_view merge = file.merges[i];
    const std::size_t space = merge.find(' ', 1);
    if (space == std::string_view::npos)
      throw std::runtime_error("merge " + std::to_string(i) + " is not two parts");
    const std::string_view left = merge.substr(0, space);
    const std::string_view right = merge.substr(space + 1);
    joined.assign(left).append(right);
    merges.add(id_of(left, i), id_of(right, i), {static_cast<std::uint32_t>(i), id_of(joined, i)});
  }
  return merges;
}

}  // namespace

ByteLevelBpe::ByteLevelBpe(const File& file)
    : Tokenizer(vocabulary_of(file)), pre_tokenizer_(file.pre_tokenizer), merges_(merges_of(file)) {
  token_of_byte_.fill(-1);
  const bool whole_pieces_first = file.pre_tokenizer == "llama-bpe";
  for (Token token = 0; token < size(); ++token) {
    if (kind(token) != TokenKind::kNormal) continue;
    const std::string_view text = bytes(token);
    if (text.size() == 1) token_of_byte_[static_cast<unsigned char>(text[0])] = token;
    if (whole_pieces_first) whole_pieces_.emplace(text, token);
  }
}

void ByteLevelBpe::encode(std::string_view text, std::vector<Token>* tokens) const {
  std::vector<std::string_view> pieces;
  pre_tokenizer_.split(text, &pieces);
  PairMerger merger;
  for (std::string_view piece : pieces) {
    for (; piece.size() > kPieceBytesMax; piece.remove_prefix(kPieceBytesMax)) {
      encode_piece(piece.substr(0, kPieceBytesMax), &merger, tokens);
    }
    encode_piece(piece, &merger, tokens);
  }
}

void ByteLevelBpe::encode_piece(std::string_view piece, PairMerger* merger,
                                std::vector<Token>* tokens) const {
  if (const auto whole = whole_pieces_.find(piece); whole != whole_pieces_.end()) {
    tokens->push_back(whole->second);
    return;
  }
  merger->clear();
  for (const char byte : piece) {
    const Token token = token_of_byte_[static_cast<unsigned char>(byte)];
    if (token >= 0) merger->add({.token = token});
  }
  merger->run([&](const Symbol& left, const Symbol& right) { return merges_.find(left.token, right.token); });
  merger->for_each([&](const Symbol& symbol) { tokens->push_back(symbol.token); });
}

}  // namespace antiphon::models::text
