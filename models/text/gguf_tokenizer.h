#pragma once

#include <memory>

#include "models/text/tokenizer.h"
#include "models/weights/gguf.h"

namespace antiphon::models::text {

// The tokenizer that a GGUF file describes ("tokenizer.ggml.*"): byte-level ("gpt2") or SentencePiece
// ("llama"). Does not refer to the file afterwards. Throws std::runtime_error that names the file.
std::unique_ptr<const Tokenizer> tokenizer_from_gguf(const GgufFile& file);

}  // namespace antiphon::models::text
