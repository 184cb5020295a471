#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models::text {

// A stretch of bytes of a text, end excluded.
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  bool operator==(const ByteRange&) const = default;
};

// A text that remembers, for each of its bytes, which bytes of an original it was made from. Markup removal
// and normalisation rewrite text step by step; with this the sound can still be traced to what was written.
//
// Owner:  a value, one thread.
// Memory: nine bytes for each byte of text.
class MappedText {
 public:
  MappedText() = default;
  // The original itself, which starts at byte `offset` of some longer text; at most 4 GiB.
  explicit MappedText(std::string_view original, std::uint32_t offset = 0);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }

  // What the bytes [begin, end) were made from: the smallest range that holds all their origins. begin < end
  // <= size().
  ByteRange origin(std::size_t begin, std::size_t end) const;

  void append(std::string_view replacement, ByteRange origin);
  void append(const MappedText& other, std::size_t begin, std::size_t end);
  void append(const MappedText& other) { append(other, 0, other.size()); }
  void truncate(std::size_t size);
  void clear() { truncate(0); }
  void erase_front(std::size_t count);

 private:
  std::string text_;
  std::vector<ByteRange> origins_;  // one per byte of text_
};

}  // namespace antiphon::models::text
