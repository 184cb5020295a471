#include "models/text/json_tokenizer.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/text/byte_level_bpe.h"

namespace antiphon::models::text {
namespace {

using Json = nlohmann::json;

// What the files write for the patterns of PreTokenizer.
constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

[[noreturn]] void refuse(const std::string& field, const std::string& what) {
  throw std::runtime_error("field '" + field + "' " + what);
}

const Json& member(const Json& json, const char* field) {
  static const Json kNothing;
  return json.is_object() && json.contains(field) ? json[field] : kNothing;
}

class Names {
 public:
  explicit Names(int size)
      : names_(static_cast<std::size_t>(size)), kinds_(names_.size(), TokenKind::kUnused) {}

  void set(const std::string& field, const std::string& name, const Json& id, TokenKind kind) {
    if (!id.is_number_integer() || id < 0 || id >= names_.size()) {
      refuse(field, "gives '" + name + "' a number that is none of the network's tokens");
    }
    names_[id.get<std::size_t>()] = name;
    kinds_[id.get<std::size_t>()] = kind;
  }
  std::vector<std::string_view> names() const { return {names_.begin(), names_.end()}; }
  const std::vector<TokenKind>& kinds() const { return kinds_; }

 private:
  std::vector<std::string> names_;
  std::vector<TokenKind> kinds_;
};

Names names_of(const Json& json, int vocabulary) {
  Names names(vocabulary);
  const Json& tokens = member(member(json, "model"), "vocab");
  if (!tokens.is_object()) refuse("model.vocab", "must be an object");
  for (const auto& [name, id] : tokens.items()) names.set("model.vocab", name, id, TokenKind::kNormal);
  const Json& added = member(json, "added_tokens");
  if (!added.is_array() && !added.is_null()) refuse("added_tokens", "must be an array");
  for (const Json& token : added) {
    const Json& special = member(token, "special");
    const Json& content = member(token, "content");
    if (!content.is_string() || content.empty()) refuse("added_tokens", "has one without content");
    if (!special.is_boolean()) refuse("added_tokens", "has one without special");
    names.set("added_tokens", content.get<std::string>(), member(token, "id"),
              special.get<bool>() ? TokenKind::kControl : TokenKind::kUserDefined);
  }
  return names;
}

// "left right", as older files write them, or ["left", "right"].
std::vector<std::string> merges_of(const Json& json) {
  const Json& merges = member(member(json, "model"), "merges");
  if (!merges.is_array()) refuse("model.merges", "must be an array");
  std::vector<std::string> all;
  for (const Json& merge : merges) {
    if (merge.is_string()) {
      all.push_back(merge.get<std::string>());
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      all.push_back(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
    } else {
      refuse("model.merges", "has one that is not two parts");
    }
  }
  return all;
}

std::string_view pre_tokenizer_of(const Json& json) {
  const Json& parts = member(member(json, "pre_tokenizer"), "pretokenizers");
  if (parts.is_array() && parts.size() == 2 && member(parts[1], "type") == "ByteLevel" &&
      member(parts[1], "add_prefix_space") != true) {
    const Json& first = parts[0];
    if (member(first, "type") == "Digits" && member(first, "individual_digits") == true) return "smollm";
    const Json& pattern = member(member(first, "pattern"), "Regex");
    if (pattern == kQwen2Pattern) return "qwen2";
    if (pattern == kLlama3Pattern) return "llama-bpe";
  }
  refuse("pre_tokenizer", "is none of SmolLM2's, Qwen 2's and Llama 3's");
}

std::unique_ptr<const Tokenizer> tokenizer_of(const Json& json, int vocabulary) {
  if (member(member(json, "model"), "type") != "BPE") refuse("model.type", "must be BPE");
  if (member(member(json, "model"), "byte_fallback") == true) {
    refuse("model.byte_fallback", "must be false: only byte-level vocabularies are read");
  }
  const Json& normalizer = member(json, "normalizer");
  if (!normalizer.is_null() && member(normalizer, "type") != "NFC")
    refuse("normalizer", "must be NFC or null");
  const std::string_view pre_tokenizer = pre_tokenizer_of(json);
  const Names names = names_of(json, vocabulary);
  const std::vector<std::string> merges = merges_of(json);
  const std::vector<std::string_view> name_views = names.names();
  const std::vector<std::string_view> merge_views(merges.begin(), merges.end());
  return std::make_unique<ByteLevelBpe>(
      ByteLevelBpe::File{name_views, names.kinds(), merge_views, pre_tokenizer});
}

// Empty if there is none.
std::string template_in(const std::filesystem::path& folder) {
  if (std::ifstream file(folder / "chat_template.jinja"); file) {
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ifstream file(folder / "tokenizer_config.json");
  if (!file) return {};
  const Json found = member(Json::parse(file), "chat_template");
  if (found.is_string()) return found.get<std::string>();
  // Several templates: any of them shows the family.
  return found.is_null() ? std::string() : found.dump();
}

}  // namespace

std::unique_ptr<const Tokenizer> tokenizer_from_json(const std::filesystem::path& folder, int vocabulary) {
  const std::filesystem::path path = folder / "tokenizer.json";
  try {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot be opened");
    return tokenizer_of(Json::parse(file), vocabulary);
  } catch (const std::exception& error) {
    throw std::runtime_error("'" + path.string() + "': " + error.what());
  }
}

ChatFamily chat_family_in(const std::filesystem::path& folder, const Tokenizer& tokenizer) {
  try {
    return chat_family_of(template_in(folder), tokenizer);
  } catch (const std::exception& error) {
    throw std::runtime_error("'" + folder.string() + "': " + error.what());
  }
}

}  // namespace antiphon::models::text
