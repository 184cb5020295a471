// What a power cut may leave of files, from a record of what was done to them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/integration/context_store/disk_shim.h"

namespace antiphon::test {

// The disk at one moment of a record: what a sync has made safe, and what waits in the system's cache. Of
// that a cut may leave any part, in any order.
class DiskState {
 public:
  enum class Cut : std::uint8_t {
    kPrefix,  // the first of the waiting writes
    kSubset,  // any of them
    kTorn,    // the first of them, the last one cut at a multiple of 512 bytes
  };

  void apply(const DiskEvent& event);
  std::uint64_t acknowledged() const { return acknowledged_; }

  // Writes the files as a cut leaves them now.
  void write_image(Cut cut, std::mt19937& random, const std::filesystem::path& folder) const;

 private:
  using Files = std::map<std::string, std::string>;
  static void put(Files& files, const DiskWrite& write, std::size_t bytes);

  Files safe_;
  std::vector<DiskWrite> waiting_;
  std::vector<DiskRename> renames_;  // that the folder's sync has not made safe
  std::uint64_t acknowledged_ = 0;
};

}  // namespace antiphon::test
