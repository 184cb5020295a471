#include "models/decoding/token_constraint.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace antiphon::models {
namespace {

std::vector<Token> tokens_where(std::span<const std::string> bytes_of, bool with_quote_only) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < bytes_of.size(); ++i) {
    const bool wanted = !with_quote_only || bytes_of[i].find('"') != std::string::npos;
    if (wanted && !bytes_of[i].empty()) tokens.push_back(static_cast<Token>(i));
  }
  return tokens;
}

// An acceptor that has just read the opening quote of a string of any length.
JsonAcceptor inside_a_string(const JsonShapes& string_only) {
  JsonAcceptor state(string_only, 0);
  const bool opened = state.advance('"');
  assert(opened && state.inside_string());
  return state;
}

TokenMask tokens_inside_strings(std::span<const std::string> bytes_of) {
  TokenMask mask(static_cast<int>(bytes_of.size()));
  JsonShapes string_only;
  string_only.nodes.push_back({.kind = ShapeKind::kString});
  const JsonAcceptor inside = inside_a_string(string_only);
  for (std::size_t i = 0; i < bytes_of.size(); ++i) {
    if (bytes_of[i].empty() || bytes_of[i].find('"') != std::string::npos) continue;
    JsonAcceptor state = inside;
    bool fits = true;
    for (const char byte : bytes_of[i]) fits = fits && state.advance(byte);
    if (fits) mask.add(static_cast<Token>(i));
  }
  return mask;
}

void check_bytes(std::span<const std::string> bytes_of) {
  std::array<bool, 256> alone{};
  for (const std::string& bytes : bytes_of) {
    if (bytes.size() == 1) alone[static_cast<unsigned char>(bytes[0])] = true;
  }
  for (int byte = 0; byte < 256; ++byte) {
    const bool control = byte < 0x20 || byte == 0x7f;
    const bool never_in_text = byte == 0xc0 || byte == 0xc1 || byte > 0xf4;
    // The beginnings of U+40000 to U+BFFFF, which grammars refuse; SmolLM2 has no tokens for them.
    const bool unassigned = byte == 0xf1 || byte == 0xf2;
    const bool in_json = byte == '\n' || !(control || never_in_text || unassigned);
    if (in_json && !alone[static_cast<std::size_t>(byte)]) {
      throw std::runtime_error("the vocabulary has no token for the single byte " + std::to_string(byte) +
                               ", so tool calls can't be constrained");
    }
  }
}

}  // namespace

ConstraintVocabulary::ConstraintVocabulary(std::vector<std::string> bytes_of)
    : bytes_of_(std::move(bytes_of)),
      all_(tokens_where(bytes_of_, false), bytes_of_),
      with_quote_(tokens_where(bytes_of_, true), bytes_of_),
      without_quote_(tokens_inside_strings(bytes_of_)) {
  check_bytes(bytes_of_);
}

void ConstraintVocabulary::allowed_after(const ToolCallAcceptor& state, TokenMask* mask,
                                         std::vector<ToolCallAcceptor>* scratch) const {
  const bool inside_string = state.inside_string();
  const ByteTrie& trie = inside_string ? with_quote_ : all_;
  if (inside_string) {
    *mask = without_quote_;
  } else {
    mask->clear();
  }
  // (*scratch)[depth] is the state before the byte at that depth.
  if (scratch->size() <= trie.depth_max()) scratch->resize(trie.depth_max() + 1, state);
  scratch->front() = state;
  trie.walk(
      [&](std::size_t depth, char byte) {
        (*scratch)[depth + 1] = (*scratch)[depth];
        return (*scratch)[depth + 1].advance(byte);
      },
      [&](Token token) { mask->add(token); });
}

TokenConstraint::TokenConstraint(const ConstraintVocabulary& vocabulary, const ToolCallGrammar& grammar)
    : vocabulary_(vocabulary), state_(grammar), mask_(vocabulary.size()) {}

const TokenMask& TokenConstraint::allowed() {
  if (!mask_is_current_) vocabulary_.allowed_after(state_, &mask_, &scratch_);
  mask_is_current_ = true;
  return mask_;
}

void TokenConstraint::accept(Token token) {
  const bool fits = accept_text(vocabulary_.bytes(token));
  assert(fits);
  static_cast<void>(fits);
}

bool TokenConstraint::accept_text(std::string_view text) {
  mask_is_current_ = false;
  return std::ranges::all_of(text, [this](char byte) { return state_.advance(byte); });
}

}  // namespace antiphon::models
