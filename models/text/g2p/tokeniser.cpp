#include "models/text/g2p/tokeniser.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/text/characters.h"
#include "models/text/g2p/token_signs.h"

namespace antiphon::models::text {

Tokeniser::Tokeniser(std::string_view exceptions_json) {
  const auto all = nlohmann::json::parse(exceptions_json, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) throw std::runtime_error("tokeniser exceptions: not a JSON object");
  for (const auto& [chunk, parts] : all.items()) {
    std::string joined;
    std::vector<std::uint32_t> lengths;
    for (const auto& part : parts) {
      if (!part.is_string())
        throw std::runtime_error("tokeniser exceptions: '" + chunk + "' is no list of strings");
      const auto& text = part.get_ref<const std::string&>();
      joined += text;
      lengths.push_back(static_cast<std::uint32_t>(text.size()));
    }
    if (joined != chunk || std::ranges::find(lengths, 0u) != lengths.end()) {
      throw std::runtime_error("tokeniser exceptions: the parts of '" + chunk + "' do not make up the whole");
    }
    longest_case_ = std::max(longest_case_, chunk.size());
    special_cases_.emplace(chunk, std::move(lengths));
  }
}

const std::vector<std::uint32_t>* Tokeniser::special_case(std::string_view chunk) const {
  if (chunk.size() > longest_case_) return nullptr;
  const auto found = special_cases_.find(chunk);
  return found == special_cases_.end() ? nullptr : &found->second;
}

std::vector<TextToken> Tokeniser::tokenise(std::string_view text) const {
  std::vector<TextToken> tokens;
  std::vector<std::size_t> lengths;
  for (std::size_t at = text.find_first_not_of(' '); at < text.size(); at = text.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    lengths.clear();
    split(text.substr(at, end - at), lengths);
    for (const std::size_t length : lengths) {
      tokens.push_back({std::string(text.substr(at, length)), at, at + length});
      at += length;
    }
    tokens.back().space_after = end < text.size();
  }
  return tokens;
}

// Peels signs off both ends until what is left is a special case or has none, then splits the middle.
void Tokeniser::split(std::string_view chunk, std::vector<std::size_t>& lengths) const {
  std::vector<std::size_t> parts;
  std::vector<std::size_t> suffixes;
  std::string_view rest = chunk;
  while (!rest.empty() && special_case(rest) == nullptr) {
    const std::size_t prefix = prefix_length(rest);
    if (prefix > 0 && special_case(rest.substr(prefix)) != nullptr) {
      parts.push_back(prefix);
      rest.remove_prefix(prefix);
      break;
    }
    const std::size_t suffix = suffix_length(rest.substr(prefix));
    if (suffix > 0 && special_case(rest.substr(0, rest.size() - suffix)) != nullptr) {
      suffixes.push_back(suffix);
      rest.remove_suffix(suffix);
      break;
    }
    if (prefix == 0 && suffix == 0) break;
    if (prefix > 0) parts.push_back(prefix);
    if (suffix > 0) suffixes.push_back(suffix);
    rest.remove_prefix(prefix);
    rest.remove_suffix(suffix);
  }
  if (!rest.empty()) split_middle(rest, parts);
  parts.insert(parts.end(), suffixes.rbegin(), suffixes.rend());
  lengths = parts.size() > 1 ? rejoined(chunk, parts) : parts;
}

void Tokeniser::split_middle(std::string_view middle, std::vector<std::size_t>& lengths) const {
  if (const auto* special = special_case(middle)) {
    lengths.insert(lengths.end(), special->begin(), special->end());
    return;
  }
  std::size_t start = 0;
  for (std::size_t at = 0; at < middle.size();) {
    const std::size_t infix = infix_length(middle, at);
    if (infix == 0) {
      (void)next_code_point(middle, at);
      continue;
    }
    if (at > 0) {
      if (at > start) lengths.push_back(at - start);
      lengths.push_back(infix);
      start = at + infix;
    }
    at += infix;
  }
  if (start < middle.size()) lengths.push_back(middle.size() - start);
}

// Neighbours that spell a special case together: "Sept" "." -> "Sept.".
std::vector<std::size_t> Tokeniser::rejoined(std::string_view chunk,
                                             const std::vector<std::size_t>& lengths) const {
  std::vector<std::size_t> out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t used = 0;
    for (std::size_t count = 3; count >= 2 && used == 0; --count) {
      if (i + count > lengths.size()) continue;
      std::size_t length = 0;
      for (std::size_t k = 0; k < count; ++k) length += lengths[i + k];
      if (const auto* special = special_case(chunk.substr(at, length))) {
        out.insert(out.end(), special->begin(), special->end());
        at += length;
        used = count;
      }
    }
    if (used == 0) {
      out.push_back(lengths[i]);
      at += lengths[i];
      used = 1;
    }
    i += used;
  }
  return out;
}

}  // namespace antiphon::models::text
