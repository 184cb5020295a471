#include "models/text/g2p/word_pieces.h"

#include <algorithm>

#include "models/text/characters.h"
#include "models/text/g2p/number_reader.h"

namespace antiphon::models::text {
namespace {

// Apostrophes at the start; an upper-case letter before a capitalised word; a number; hyphens; letters up to
// a capital inside a word ("iPhone"); letters with inner apostrophes; any other sign.
constexpr const char* kPiece =
    R"(^['‘’]+|[A-ZÀ-ÖØ-Þ](?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])|(?:^-)?(?:\d?[,.]?\d)+|[-_]+|['‘’]{2,})"
    R"(|[^\W\d_]*?(?:['‘’][^\W\d_])*?[a-zß-öø-ÿ](?=[A-ZÀ-ÖØ-Þ])|[^\W\d_]+(?:['‘’][^\W\d_])*)"
    R"(|[^\w\-'‘’]|['‘’]+$)";

constexpr std::u32string_view kPauseSigns = U";:,.!?—…\"“”";

bool is_sign_tag(std::string_view tag) {
  constexpr std::string_view kSignTags[] = {".",  ",", "-LRB-", "-RRB-", "``", "\"\"",
                                            "''", ":", "$",     "#",     "NFP"};
  return std::ranges::find(kSignTags, tag) != std::end(kSignTags);
}

bool is_plain_letters(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
}

// The tagger takes "-12" for a dash now and then.
bool is_said(std::string_view text) {
  return is_plain_letters(text) || text.find_first_of("0123456789") != std::string_view::npos;
}

// The symbol that makes the pause of a sign, or none.
Phonemes pause_of(std::string_view sign, std::string_view tag) {
  if (tag == "-LRB-") return U"(";
  if (tag == "-RRB-") return U")";
  if (tag == "``") return U"“";
  if (tag == "\"\"" || tag == "''") return U"”";
  Phonemes pause = to_code_points(sign);
  std::erase_if(pause, [](char32_t c) { return kPauseSigns.find(c) == std::u32string_view::npos; });
  return pause;
}

int letters_weight(std::string_view text) {
  int weight = 0;
  for (std::size_t at = 0; at < text.size();) weight += is_upper(next_code_point(text, at)) ? 2 : 1;
  return weight;
}

}  // namespace

WordPieces::WordPieces() : piece_(kPiece) {}

std::vector<Piece> WordPieces::pieces_of(const TextToken& token) const {
  std::vector<Piece> pieces;
  const auto add = [&](std::string_view text, std::size_t at) {
    Piece piece;
    piece.text = text;
    piece.tag = token.tag;
    // A token that was cut from the text has its length; a piece of any other stands for all of it.
    const bool verbatim = token.end - token.begin == token.text.size();
    piece.begin = verbatim ? token.begin + at : token.begin;
    piece.end = verbatim ? piece.begin + text.size() : token.end;
    pieces.push_back(std::move(piece));
  };
  if (token.phonemes) {
    add(token.text, 0);
    pieces.back().phonemes = to_code_points(*token.phonemes);
  } else {
    PatternMatch match;
    for (std::size_t at = 0; at < token.text.size() && piece_.find(token.text, at, match); at = match.end()) {
      add(match.whole(), match.begin());
    }
    if (pieces.empty()) add(token.text, 0);
  }
  pieces.back().space_after = token.space_after;
  return pieces;
}

std::vector<PieceGroup> WordPieces::groups_of(const std::vector<TextToken>& tokens) const {
  std::vector<PieceGroup> groups;
  bool open = false;  // the last group may take another piece
  std::string currency;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<Piece> pieces = pieces_of(tokens[i]);
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      Piece& piece = pieces[k];
      if (piece.phonemes) {
        // decided already
      } else if (piece.tag == "$" && NumberReader::is_currency(piece.text)) {
        currency = piece.text;
        piece.phonemes = U"";
      } else if (piece.tag == ":" && (piece.text == "-" || piece.text == "–")) {
        piece.phonemes = U"—";
      } else if (is_sign_tag(piece.tag) && !is_said(piece.text)) {
        piece.phonemes = pause_of(piece.text, piece.tag);
      } else if (!currency.empty()) {
        const bool last_number =
            k + 1 == pieces.size() && (i + 1 == tokens.size() || tokens[i + 1].tag != "CD");
        if (piece.tag != "CD") {
          currency.clear();
        } else if (last_number) {
          piece.currency = currency;
        }
      }
      const bool decided = piece.phonemes.has_value();
      const bool joins = open && !decided && groups.back().size() < kPiecesMax;
      open = !decided && !piece.space_after;
      piece.starts_word = !joins;
      if (!joins) groups.emplace_back();
      groups.back().push_back(std::move(piece));
    }
  }
  return groups;
}

Piece joined(const Piece* first, const Piece* last) {
  Piece whole = *first;
  int weight = letters_weight(first->text);
  for (const Piece* piece = first + 1; piece != last; ++piece) {
    whole.text += piece->text;
    whole.currency = std::max(whole.currency, piece->currency);
    if (const int w = letters_weight(piece->text); w > weight) {
      weight = w;
      whole.tag = piece->tag;
    }
  }
  whole.end = (last - 1)->end;
  whole.space_after = (last - 1)->space_after;
  return whole;
}

}  // namespace antiphon::models::text
