#include "models/text/pronouncer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "models/text/characters.h"
#include "models/text/g2p/group_reader.h"
#include "models/text/g2p/homographs.h"
#include "models/text/g2p/inline_override.h"
#include "models/text/g2p/lexicon.h"
#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/sentence_pauses.h"
#include "models/text/g2p/spelling_network.h"
#include "models/text/g2p/tagger.h"
#include "models/text/g2p/tokeniser.h"
#include "models/text/g2p/word_pieces.h"
#include "models/text/mapped_text.h"
#include "models/weights/mapped_file.h"

namespace antiphon::models::text {
namespace {

constexpr std::size_t kPartBytesMax = 1024;  // patterns and splitting look at no more than this at once

std::string contents(const std::filesystem::path& path) {
  const MappedFile file(path);
  return std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
}

template <typename Table>
auto parsed(const std::filesystem::path& path, Table parse) {
  try {
    return parse(contents(path));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

// The end of the part that starts at `begin`: the last space within reach, else a code point's start.
std::size_t part_end(std::string_view text, std::size_t begin, std::size_t end) {
  if (end - begin <= kPartBytesMax) return end;
  const std::size_t reach = begin + kPartBytesMax;
  const std::size_t space = text.substr(begin, kPartBytesMax).find_last_of(" \n\t");
  if (space != std::string_view::npos && space > 0) return begin + space + 1;
  std::size_t cut = reach;
  while (cut > begin + kPartBytesMax - 4 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

bool is_sound(char32_t c) {
  return is_vowel(c) || is_consonant(c) || c == U'T' || c == U'ᵊ' || c == U'ɐ';
}

PhraseEnd end_of(const std::u32string& symbols) {
  for (std::size_t i = symbols.size(); i-- > 0;) {
    const char32_t c = symbols[i];
    if (std::u32string_view(U".?!…").find(c) != std::u32string_view::npos) return PhraseEnd::kSentence;
    if (std::u32string_view(U",;:—").find(c) != std::u32string_view::npos) return PhraseEnd::kClause;
    if (std::u32string_view(U" \"“”()").find(c) == std::u32string_view::npos) break;
  }
  return PhraseEnd::kOpen;
}

// Adds a word, or widens the last one if both come from the same written characters.
void add_word(PhonemePhrase& phrase, std::string_view text, ByteRange written, std::size_t symbol_begin) {
  const std::size_t symbol_end = phrase.symbols.size();
  if (!phrase.words.empty() && written.begin < phrase.words.back().text_end) {
    PhonemeWord& last = phrase.words.back();
    last.text_end = std::max<std::size_t>(last.text_end, written.end);
    last.text = text.substr(last.text_begin, last.text_end - last.text_begin);
    last.symbol_end = symbol_end;
    return;
  }
  phrase.words.push_back({std::string(text.substr(written.begin, written.end - written.begin)), written.begin,
                          written.end, symbol_begin, symbol_end});
}

}  // namespace

struct Pronouncer::Tables {
  explicit Tables(const std::filesystem::path& folder)
      : normaliser(parsed(folder / "normalize.json", NormaliseTables::parse)),
        tokeniser(parsed(folder / "tokenizer_exceptions.json",
                         [](std::string_view json) { return Tokeniser(json); })),
        tagger(folder),
        lexicon(folder / "lexicon.tsv"),
        spelling(folder),
        words(lexicon),
        numbers(words),
        reader(words, numbers, spelling) {}
  Tables(const Tables&) = delete;

  // The tokens of text[begin, end), their offsets given in the text.
  void append_tokens(std::string_view text, std::size_t begin, std::size_t end,
                     std::vector<TextToken>& tokens) const;
  std::vector<TextToken> tokens_of(std::string_view text) const;

  Normaliser normaliser;
  Tokeniser tokeniser;
  Tagger tagger;
  Lexicon lexicon;
  SpellingNetwork spelling;
  WordReader words;
  NumberReader numbers;
  WordPieces pieces;
  GroupReader reader;
};

void Pronouncer::Tables::append_tokens(std::string_view text, std::size_t begin, std::size_t end,
                                       std::vector<TextToken>& tokens) const {
  while (begin < end) {
    const std::size_t cut = part_end(text, begin, end);
    MappedText part(text.substr(begin, cut - begin), static_cast<std::uint32_t>(begin));
    normaliser.normalise(part);
    std::vector<TextToken> found = tokeniser.tokenise(part.text());
    close_abbreviations(part.text(), cut < text.size() ? text.substr(cut) : std::string_view(), found);
    for (TextToken& token : found) {
      const ByteRange written = part.origin(token.begin, token.end);
      token.begin = written.begin;
      token.end = written.end;
      tokens.push_back(std::move(token));
    }
    if (!tokens.empty() && cut < text.size() && part.text().ends_with(' ')) tokens.back().space_after = true;
    begin = cut;
  }
}

std::vector<TextToken> Pronouncer::Tables::tokens_of(std::string_view text) const {
  std::vector<TextToken> tokens;
  std::size_t at = 0;
  while (const auto override = find_override(text, at)) {
    append_tokens(text, at, override->begin, tokens);
    TextToken token{std::string(override->word), override->begin, override->end};
    token.phonemes = override->phonemes;
    token.space_after = override->end < text.size() && text[override->end] == ' ';
    tokens.push_back(std::move(token));
    at = override->end;
  }
  append_tokens(text, at, text.size(), tokens);
  tagger.tag(tokens);
  decide_homographs(tokens);
  return tokens;
}

Pronouncer::Pronouncer(const std::filesystem::path& folder)
    : tables_(std::make_unique<const Tables>(folder)) {}
Pronouncer::~Pronouncer() = default;
Pronouncer::Pronouncer(Pronouncer&&) noexcept = default;
Pronouncer& Pronouncer::operator=(Pronouncer&&) noexcept = default;

PhonemePhrase Pronouncer::pronounce(std::string_view text) const {
  std::vector<PieceGroup> groups = tables_->pieces.groups_of(tables_->tokens_of(text));
  const std::vector<Phonemes> said = tables_->reader.read(groups);
  PhonemePhrase phrase;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::size_t symbol_begin = phrase.symbols.size();
    phrase.symbols += said[i];
    if (std::ranges::any_of(said[i], is_sound)) {
      const bool amount = !groups[i].back().currency.empty() && i > 0 && said[i - 1].empty();
      const std::size_t begin = amount ? groups[i - 1].front().begin : groups[i].front().begin;
      add_word(phrase, text,
               {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(groups[i].back().end)},
               symbol_begin);
    }
    if (groups[i].back().space_after && !phrase.symbols.empty()) phrase.symbols += U' ';
  }
  while (!phrase.symbols.empty() && phrase.symbols.back() == U' ') phrase.symbols.pop_back();
  phrase.end = end_of(phrase.symbols);
  return phrase;
}

}  // namespace antiphon::models::text
