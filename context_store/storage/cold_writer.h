#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/storage/cold_segment.h"

namespace antiphon::context_store {

// Writes a segment: its blocks in the order of their keys, then what leads to them.
//
// Owner:  the thread that compacts.
// Memory: one page for each level.
// Errors: StoreFault kInputOutput; the file is then worth nothing.
class ColdWriter {
 public:
  explicit ColdWriter(std::filesystem::path file);  // made, or written over
  ~ColdWriter();
  ColdWriter(const ColdWriter&) = delete;
  ColdWriter& operator=(const ColdWriter&) = delete;

  // REQUIRES: a greater key than the last.
  void add(const RecordKey& key, std::string_view payload);
  bool empty() const { return levels_.front().first_key.empty() && levels_.size() == 1; }
  // Returns after the disk has it. REQUIRES: not empty().
  ColdReference finish(std::uint32_t number);

 private:
  struct Level {  // the page that grows; the first one is a leaf
    std::string page;
    std::string first_key;
  };
  void end_page(std::size_t level);
  PagePlace put_page(std::string_view page);
  void write_out();

  const std::filesystem::path file_;
  int descriptor_ = -1;
  std::uint64_t written_ = 0;  // and what waits
  std::string waiting_;
  std::vector<Level> levels_ = {{}};
  std::string last_key_;  // of the leaf that grows
  ColdReference reference_;
};

}  // namespace antiphon::context_store
