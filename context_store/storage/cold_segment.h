#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "context_store/storage/cold_page.h"
#include "context_store/storage/record_key.h"

namespace antiphon::context_store {

inline constexpr std::uint32_t kColdLevelsMax = 8;  // more than any file that a disk has room for

// What the store's table says of its segment. Everything in the file hangs on it: a page's checksum lies in
// the page above it, the root's here.
struct ColdReference {
  std::uint32_t number = 0;  // of the file
  std::uint64_t file_bytes = 0;
  std::uint32_t levels = 0;  // of pages above the leaves
  PagePlace root;
  std::uint64_t edges = 0;                         // whose forward entry lies in it
  std::array<std::uint64_t, kRecordsMax> bytes{};  // by Record: entries as they lie in the file
};
inline const RecordKey kColdKey{{}, Record::kCold, 0};

std::string encode(const ColdReference& reference);
ColdReference decode_cold(std::string_view bytes);  // throws StoreFault

// Blocks of closed conversations, in a file that never changes and is mapped, not loaded. The table overrides
// it: a block there hides one of the same key here, and an empty one says that it is gone.
//
// Owner:  immutable; any thread.
// Memory: what is resident is the system's cache.
// Errors: every page is checked when it is read; StoreFault kCorrupt names its place.
class ColdSegment {
 public:
  // Throws std::runtime_error with one sentence: it is not there, or of another size.
  ColdSegment(const std::filesystem::path& file, const ColdReference& reference);
  ~ColdSegment();
  ColdSegment(const ColdSegment&) = delete;
  ColdSegment& operator=(const ColdSegment&) = delete;

  const ColdReference& reference() const { return reference_; }
  std::optional<std::string_view> find(const RecordKey& key) const;  // valid while the segment is

  // A place in the order of the keys. Lifetime: within the segment's.
  class Walk {
   public:
    explicit Walk(const ColdSegment& segment) : segment_(&segment) {}

    // Each is false if there is no such entry.
    bool seek(std::string_view key_prefix);  // the first at or behind it
    bool floor(const RecordKey& key);        // the last at or before it
    bool next();

    // REQUIRES: the last move was true.
    std::string_view key() const { return {key_.data(), key_.size()}; }
    std::string_view payload() const { return payload_; }

   private:
    struct Level {
      std::string_view page;
      std::size_t index = 0;  // of the page below
    };
    void descend(std::string_view key);
    bool next_leaf();
    void open_leaf(const PagePlace& place);
    bool read();

    const ColdSegment* segment_;
    std::array<Level, kColdLevelsMax> above_;  // from the root down
    std::size_t depth_ = 0;                    // of them
    std::string_view leaf_;
    ByteReader rest_ = ByteReader(std::string_view());
    std::array<char, RecordKey::kBytes> key_{};
    std::string_view payload_;
  };

 private:
  std::string_view page(const PagePlace& place) const;

  const ColdReference reference_;
  const char* bytes_ = nullptr;
};

}  // namespace antiphon::context_store
