#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace antiphon::models::text {

// Cuts text into the pieces inside which byte-pair merges may happen: words with the space before them,
// numbers, runs of punctuation, white space. The patterns are those that the model families were trained
// with:
//
//   smollm     each digit alone, then GPT-2's pattern
//   qwen2      Qwen 2 and 2.5
//   llama-bpe  Llama 3: as qwen2, but up to three digits stay together
//
// Unicode classes are those of the PCRE2 library (10.42: Unicode 14). White space is Unicode's White_Space.
//
// Owner:  any thread; immutable after construction.
// Time:   linear in the text; about 10 MB/s with PCRE2's compiler, which is used where the processor allows
// it. Errors: the constructor throws std::runtime_error for a name that it does not know. Any bytes can be
// split:
//         each run of bytes that are not UTF-8 is a piece.
class PreTokenizer {
 public:
  explicit PreTokenizer(std::string_view name);
  PreTokenizer(PreTokenizer&&) noexcept;
  ~PreTokenizer();

  // Appends consecutive pieces, none empty, that together are `text`, whose memory they share.
  void split(std::string_view text, std::vector<std::string_view>* pieces) const;

 private:
  struct Pattern;
  std::unique_ptr<const Pattern> pattern_;
};

}  // namespace antiphon::models::text
