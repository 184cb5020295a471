#include "models/text/mapped_text.h"

#include <algorithm>
#include <cassert>

namespace antiphon::models::text {

MappedText::MappedText(std::string_view original, std::uint32_t offset) : text_(original) {
  assert(offset + static_cast<std::uint64_t>(original.size()) <= UINT32_MAX);
  origins_.reserve(original.size());
  for (std::uint32_t i = 0; i < original.size(); ++i) origins_.push_back({offset + i, offset + i + 1});
}

ByteRange MappedText::origin(std::size_t begin, std::size_t end) const {
  assert(begin < end && end <= origins_.size());
  ByteRange all = origins_[begin];
  for (std::size_t i = begin + 1; i < end; ++i) {
    all.begin = std::min(all.begin, origins_[i].begin);
    all.end = std::max(all.end, origins_[i].end);
  }
  return all;
}

void MappedText::append(std::string_view replacement, ByteRange origin) {
  text_ += replacement;
  origins_.insert(origins_.end(), replacement.size(), origin);
}

void MappedText::append(const MappedText& other, std::size_t begin, std::size_t end) {
  assert(this != &other && begin <= end && end <= other.size());
  text_.append(other.text_, begin, end - begin);
  origins_.insert(origins_.end(), other.origins_.begin() + static_cast<std::ptrdiff_t>(begin),
                  other.origins_.begin() + static_cast<std::ptrdiff_t>(end));
}

void MappedText::truncate(std::size_t size) {
  assert(size <= text_.size());
  text_.resize(size);
  origins_.resize(size);
}

void MappedText::erase_front(std::size_t count) {
  assert(count <= text_.size());
  text_.erase(0, count);
  origins_.erase(origins_.begin(), origins_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace antiphon::models::text
