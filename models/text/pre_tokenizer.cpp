#include "models/text/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <new>
#include <stdexcept>
#include <string>

#include "models/text/utf8.h"

namespace antiphon::models::text {
namespace {

// Backtracking steps for one piece. The patterns need about one per character of a run of white space.
constexpr std::uint32_t kMatchLimit = 100'000'000;
constexpr std::uint32_t kHeapLimitKib = 16 * 1024;

// PCRE2's own \s counts U+180E in, which Unicode does not.
#define WHITE \
  R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})"

struct NamedPattern {
  std::string_view name;
  const char* pattern;
};

constexpr std::array<NamedPattern, 3> kPatterns{{
    // A digit ends the text for the look-ahead, because digits are cut out first.
    {"smollm", R"(\p{N}|'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?[^)" WHITE R"(\p{L}\p{N}]+)"
               R"(|[)" WHITE R"(]+(?![^)" WHITE R"(\p{N}])|[)" WHITE R"(]+)"},
    {"qwen2",
     R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^)" WHITE R"(\p{L}\p{N}]+[\r\n]*)"
     R"(|[)" WHITE R"(]*[\r\n]+|[)" WHITE R"(]+(?![^)" WHITE R"(])|[)" WHITE R"(]+)"},
    {"llama-bpe",
     R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^)" WHITE R"(\p{L}\p{N}]+[\r\n]*)"
     R"(|[)" WHITE R"(]*[\r\n]+|[)" WHITE R"(]+(?![^)" WHITE R"(])|[)" WHITE R"(]+)"},
}};

#undef WHITE

template <auto kFree>
struct Freer {
  template <class Pointer>
  void operator()(Pointer* pointer) const {
    kFree(pointer);
  }
};
using Code = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;

template <class Pointer>
Pointer checked(Pointer pointer) {
  if (!pointer) throw std::bad_alloc();
  return pointer;
}

Code compile(const char* pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error,
                          &offset, nullptr));
  assert(code);
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);  // if it can't, pcre2_match() interprets
  return code;
}

}  // namespace

struct PreTokenizer::Pattern {
  Code code;
  MatchContext context;

  void split_well_formed(std::string_view text, pcre2_match_data* match,
                         std::vector<std::string_view>* pieces) const;
};

void PreTokenizer::Pattern::split_well_formed(std::string_view text, pcre2_match_data* match,
                                              std::vector<std::string_view>* pieces) const {
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    const int groups =
        pcre2_match(code.get(), subject, text.size(), at, PCRE2_NO_UTF_CHECK, match, context.get());
    // Each pattern matches at every place; only a limit could make it fail, and then one character is a
    // piece.
    std::size_t first = at;
    std::size_t end = at + character_bytes(text.substr(at));
    if (groups > 0) {
      first = pcre2_get_ovector_pointer(match)[0];
      end = pcre2_get_ovector_pointer(match)[1];
    }
    if (first > at) pieces->push_back(text.substr(at, first - at));
    pieces->push_back(text.substr(first, end - first));
    at = end;
  }
}

PreTokenizer::PreTokenizer(std::string_view name) {
  const auto* found = std::ranges::find(kPatterns, name, &NamedPattern::name);
  if (found == kPatterns.end()) {
    throw std::runtime_error("pre-tokenizer '" + std::string(name) +
                             "' is not supported (smollm, qwen2 and llama-bpe are)");
  }
  MatchContext context = checked(MatchContext(pcre2_match_context_create(nullptr)));
  pcre2_set_match_limit(context.get(), kMatchLimit);
  pcre2_set_heap_limit(context.get(), kHeapLimitKib);
  pattern_ = std::make_unique<const Pattern>(compile(found->pattern), std::move(context));
}

PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

void PreTokenizer::split(std::string_view text, std::vector<std::string_view>* pieces) const {
  const MatchData match =
      checked(MatchData(pcre2_match_data_create_from_pattern(pattern_->code.get(), nullptr)));
  while (!text.empty()) {
    const std::size_t good = well_formed_bytes(text);
    pattern_->split_well_formed(text.substr(0, good), match.get(), pieces);
    std::size_t bad_end = good;
    while (bad_end < text.size() && character_bytes(text.substr(bad_end)) == 0) ++bad_end;
    if (bad_end > good) pieces->push_back(text.substr(good, bad_end - good));
    text.remove_prefix(bad_end);
  }
}

}  // namespace antiphon::models::text
