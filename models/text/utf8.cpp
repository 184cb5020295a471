#include "models/text/utf8.h"

#include <algorithm>

namespace antiphon::models::text {
namespace {

struct Lead {
  std::size_t bytes;  // of the whole character; 0: no lead byte
  unsigned char second_min;
  unsigned char second_max;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

struct Scan {
  std::size_t wanted;   // bytes of the character that the lead byte announces
  std::size_t fitting;  // how many of them are there and right
};

Scan scan_character(std::string_view text) {
  if (text.empty()) return {0, 0};
  const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  if (lead.bytes == 0) return {0, 0};
  std::size_t fitting = 1;
  for (; fitting < std::min(lead.bytes, text.size()); ++fitting) {
    const auto byte = static_cast<unsigned char>(text[fitting]);
    const unsigned char low = fitting == 1 ? lead.second_min : 0x80;
    const unsigned char high = fitting == 1 ? lead.second_max : 0xBF;
    if (byte < low || byte > high) break;
  }
  return {lead.bytes, fitting};
}

}  // namespace

std::size_t character_bytes(std::string_view text) {
  const Scan scan = scan_character(text);
  return scan.fitting == scan.wanted ? scan.wanted : 0;
}

std::size_t well_formed_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t bytes = character_bytes(text.substr(at));
    if (bytes == 0) break;
    at += bytes;
  }
  return at;
}

bool is_cut_character(std::string_view text) {
  const Scan scan = scan_character(text);
  return scan.fitting < scan.wanted && scan.fitting == text.size() && scan.fitting > 0;
}

void Utf8Stream::push(std::string_view bytes, std::string* text) {
  std::string joined;
  if (!held_.empty()) {
    joined = held_.append(bytes);
    held_.clear();
    bytes = joined;
  }
  while (!bytes.empty()) {
    const std::size_t good = well_formed_bytes(bytes);
    text->append(bytes.substr(0, good));
    bytes.remove_prefix(good);
    if (bytes.empty()) return;
    if (is_cut_character(bytes)) {
      held_ = bytes;
      return;
    }
    text->append(kReplacement);
    bytes.remove_prefix(std::max<std::size_t>(scan_character(bytes).fitting, 1));
  }
}

void Utf8Stream::finish(std::string* text) {
  if (!held_.empty()) text->append(kReplacement);
  held_.clear();
}

}  // namespace antiphon::models::text
