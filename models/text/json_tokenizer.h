#pragma once

#include <filesystem>
#include <memory>

#include "models/text/chat_template.h"
#include "models/text/tokenizer.h"

namespace antiphon::models::text {

// The tokenizer of a folder of Hugging Face's (tokenizer.json): byte-level, cut into pieces as SmolLM2,
// Qwen 2 or Llama 3 do. `vocabulary`: how many tokens the network knows; those that the file has no name for
// add nothing to a text. Throws std::runtime_error that names the file and the field.
// https://huggingface.co/docs/tokenizers
std::unique_ptr<const Tokenizer> tokenizer_from_json(const std::filesystem::path& folder, int vocabulary);

// By the template in chat_template.jinja or tokenizer_config.json, or where there is none by the special
// tokens. Throws std::runtime_error that names the folder if it is of no known family.
ChatFamily chat_family_in(const std::filesystem::path& folder, const Tokenizer& tokenizer);

}  // namespace antiphon::models::text
