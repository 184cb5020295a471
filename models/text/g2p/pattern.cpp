#define PCRE2_CODE_UNIT_WIDTH 8
#include "models/text/g2p/pattern.h"

#include <pcre2.h>

#include <cassert>
#include <stdexcept>

namespace antiphon::models::text {

namespace {

constexpr std::uint32_t kStepsMax = 200'000;  // far above what any sane phrase needs

}  // namespace

struct Pattern::Compiled {
  pcre2_code* code = nullptr;
  pcre2_match_context* limits = nullptr;
};

void Pattern::Release::operator()(Compiled* compiled) const {
  pcre2_match_context_free(compiled->limits);
  pcre2_code_free(compiled->code);
  delete compiled;
}

Pattern::Pattern(const std::string& pattern, Case letter_case) : compiled_(new Compiled) {
  int error = 0;
  PCRE2_SIZE at = 0;
  const std::uint32_t options =
      PCRE2_UTF | PCRE2_UCP |
      (letter_case == Case::kIgnored ? static_cast<std::uint32_t>(PCRE2_CASELESS) : 0u);
  compiled_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                                  &error, &at, nullptr);
  if (compiled_->code == nullptr) {
    throw std::logic_error("pattern does not compile at " + std::to_string(at) + ": " + pattern);
  }
  (void)pcre2_jit_compile(compiled_->code, PCRE2_JIT_COMPLETE);  // without JIT the pattern is merely slower
  compiled_->limits = pcre2_match_context_create(nullptr);
  if (compiled_->limits == nullptr) throw std::bad_alloc();
  pcre2_set_match_limit(compiled_->limits, kStepsMax);
  pcre2_set_depth_limit(compiled_->limits, 1000);
}

bool Pattern::find(std::string_view text, std::size_t from, PatternMatch& match) const {
  assert(from <= text.size());
  const auto release = [](pcre2_match_data* data) { pcre2_match_data_free(data); };
  const std::unique_ptr<pcre2_match_data, decltype(release)> data(
      pcre2_match_data_create_from_pattern(compiled_->code, nullptr), release);
  if (data == nullptr) throw std::bad_alloc();
  const int groups = pcre2_match(compiled_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                 from, PCRE2_NO_UTF_CHECK, data.get(), compiled_->limits);
  if (groups <= 0) return false;  // no match, or too many steps
  const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(data.get());
  match.text_ = text;
  match.bounds_.assign(bounds, bounds + 2 * pcre2_get_ovector_count(data.get()));
  return true;
}

bool Pattern::found_in(std::string_view text) const {
  PatternMatch match;
  return find(text, 0, match);
}

std::string Pattern::quoted(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    if (std::string_view("\\^$.[]|()?*+{}-#/ ").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

bool PatternMatch::has(int group) const {
  const std::size_t i = static_cast<std::size_t>(group) * 2;
  return i < bounds_.size() && bounds_[i] != PCRE2_UNSET;
}

std::string_view PatternMatch::group(int group) const {
  if (!has(group)) return {};
  return text_.substr(begin(group), end(group) - begin(group));
}

}  // namespace antiphon::models::text
